"""The soak's source of posts, a process of its own: files through the real intake, one a second.

Of a second's posts one in ten repeats an earlier text, as reposts do; one more, the probe, tells when a
second could be found. Nine days before the first second are handed in earlier, or the detector would only be getting
to know its topics. Once, many people repeat a rumour: the planted spike.
"""

import json
import sys
from collections.abc import Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from random import Random
from typing import TextIO

import click

from crawlers.cli.commands import read_configs
from crawlers.push.file_source import FileSource
from crawlers.push.files import import_file
from scripts.demo.sentences import wording
from scripts.soak.settings import FLOOD, PLANTED, PROBE
from stream.engines import apply_topics, open_producer, open_state_engine
from stream.process.clock import SystemClock
from stream.process.logs import configure
from stream.state.database import disposing

HISTORY = timedelta(days=9)
OLD = timedelta(hours=51)  # what is older teaches, and counts towards no spike
PAST_POSTS = 3000
RUMOURS_EVERY = timedelta(hours=8)  # in the past: nothing that anybody would be told of
PAST_IDS = 10**9  # where the ids of the past begin
VOICES, THREADS = 5000, 2000
REPEATED = 0.1
SPIKE_POSTS, SPIKE_VOICES = 60, 45
_LETTERS = [chr(0x4E00 + (at * 7919) % 20_900) for at in range(3000)]


@dataclass(slots=True)
class Posts:
    """Makes rows; the same for the same seed."""

    dice: Random
    made: int = 0
    _recent: list[str] = field(default_factory=list)
    _sentences: tuple[str, ...] = field(default_factory=lambda: _sayings())
    _rumour: tuple[str, ...] = field(default_factory=lambda: _rumours())

    def flood(self, count: int, at: datetime) -> list[dict[str, str]]:
        """Posts about nothing in particular."""
        return [self._row(self._text(), at, self.dice.randrange(VOICES)) for _ in range(count)]

    def past(self, now: datetime) -> list[dict[str, str]]:
        """Posts of the days before, a few of them of the topic that the spike will be about."""
        ages = (self.dice.uniform(OLD / HISTORY, 1.0) * HISTORY for _ in range(PAST_POSTS))
        rows = [self._row(self._text(), now - age, self.dice.randrange(VOICES)) for age in ages]
        for number in range((HISTORY - OLD) // RUMOURS_EVERY):
            text = f"{self._rumour[number % len(self._rumour)]}{self._tail(6)}"
            rows.append(self._row(text, now - HISTORY + number * RUMOURS_EVERY, self.dice.randrange(VOICES)))
        return rows

    def spike(self, at: datetime) -> list[dict[str, str]]:
        """The rumour, by many people in their own words or copied."""
        return [
            self._row(f"{self._rumour[number % len(self._rumour)]}{self._tail(6)}", at, VOICES + number % SPIKE_VOICES)
            for number in range(SPIKE_POSTS)
        ]

    def _text(self) -> str:
        if self._recent and self.dice.random() < REPEATED:
            return self.dice.choice(self._recent)
        text = f"{self.dice.choice(self._sentences)}，{self._tail(self.dice.randint(5, 80))}"
        self._recent = [*self._recent[-200:], text]
        return text

    def _tail(self, length: int) -> str:
        return "".join(self.dice.choices(_LETTERS, k=length))

    def _row(self, text: str, at: datetime, author: int) -> dict[str, str]:
        self.made += 1
        return {
            "id": str(self.made),
            "text": text,
            "at": at.isoformat(timespec="seconds"),
            "author": f"voice{author}",
            "thread": f"thread{self.dice.randrange(THREADS)}",
        }


def _sayings() -> tuple[str, ...]:
    told = wording("life")
    return tuple(one for mood in ("negative", "neutral", "positive") for one in told[mood] if "{" not in one)


def _rumours() -> tuple[str, ...]:
    told = wording("rumour")
    return (told["chain"], *told["copies"]["near"])


class Intake:
    """Hands rows in as the import command does, without its start for every file."""

    def __init__(self, configs: Path, stack: ExitStack) -> None:
        self._stream, self._crawlers = read_configs(configs)
        apply_topics(self._stream)
        self._engine = stack.enter_context(disposing(open_state_engine(self._stream)))
        self._producer = stack.enter_context(closing(open_producer(self._stream, SystemClock())))

    def take(self, name: str, rows: Sequence[dict[str, str]]) -> int:
        """How many of the rows reached the log."""
        path = self._stream.var / f"{name}.jsonl"
        path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), "utf-8")
        source = self._crawlers.sources[name]
        assert isinstance(source, FileSource)
        return import_file(
            path,
            source,
            name=name,
            producer=self._producer,
            engine=self._engine,
            voice_key=self._crawlers.voice_secret,
            clock=SystemClock(),
            report_to=self._stream.var,
        ).sent


def feed_past(configs: Path) -> None:
    """Hands in the days before."""
    with ExitStack() as stack:
        Intake(configs, stack).take(FLOOD, Posts(Random(2), made=PAST_IDS).past(SystemClock().now()))


def feed(intake: Intake, rate: int, seconds: int, plant_at: int, told: TextIO) -> None:
    """Feeds for so many seconds; one that comes late is not left out but followed at once by the next."""
    clock, posts = SystemClock(), Posts(Random(1))
    begun = clock.monotonic()
    for second in range(seconds):
        clock.sleep(max(0.0, begun + second - clock.monotonic()))
        _tell(told, "fed", clock, intake.take(FLOOD, posts.flood(rate, clock.now())))
        intake.take(PROBE, posts.flood(1, clock.now()))
        if second == plant_at:
            rows = posts.spike(clock.now())
            _tell(told, "planted", clock, len(rows))
            intake.take(PLANTED, rows)


def _tell(told: TextIO, what: str, clock: SystemClock, posts: int) -> None:
    told.write(json.dumps({"what": what, "at": clock.now().isoformat(), "posts": posts}) + "\n")
    told.flush()


@click.command()
@click.argument("configs", type=click.Path(path_type=Path))
@click.option("--rate", type=int, required=True)
@click.option("--seconds", type=int, required=True)
@click.option("--plant-at", type=int, required=True)
def main(configs: Path, rate: int, seconds: int, plant_at: int) -> None:
    """Feed a soak; one line of JSON to standard output for each second."""
    configure("crawlers")
    with ExitStack() as stack:
        feed(Intake(configs, stack), rate, seconds, plant_at, sys.stdout)


if __name__ == "__main__":
    main()
