"""The demo's story with every stage a process of its own, killed on the way, against the same story left in peace."""

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from random import Random

from sqlalchemy import func, select

from alerts.records import CaseRow
from scripts.demo.forum import AccessLog, open_forum
from scripts.demo.mailbox import Mailbox, open_mailbox
from scripts.demo.settings import write_configs
from scripts.demo.stages import Stages
from scripts.demo.story import START, tell
from scripts.demo.walk import RUMOUR_DAY
from scripts.kills.compare import Posts, differences, read_export
from scripts.kills.processes import Killer
from scripts.kills.stage import do
from stream.__main__ import open_index_reader, open_state_engine, read_stream
from stream.clock import ScriptedClock
from stream.export import export_lines
from stream.state import transaction

PARTS = ("crawl", "score", "index", "alerts")
# Fewer rounds than the demo walks, for each stage is a process here: days before the rumour, then the rumour.
MOMENTS = (
    *(START + timedelta(days=day, hours=21) for day in (6, 13, 20)),
    *(RUMOUR_DAY + timedelta(hours=14, minutes=20 * step) for step in range(11)),
    *(RUMOUR_DAY + timedelta(hours=hour) for hour in (19, 21)),
)
ROUNDS = tuple((moment + timedelta(seconds=at), (part,)) for moment in MOMENTS for at, part in enumerate(PARTS))
DEEDS = tuple(
    (RUMOUR_DAY + timedelta(hours=17, minutes=minute), ("act", "1", *words))
    for minute, words in (
        (31, ("acknowledge", "li_qiang", "收到")),
        (33, ("judge", "li_qiang", "多处雷同，需核实")),
        (35, ("report", "li_qiang", "已报工作组")),
        (37, ("verify", "wu_tao", "系演练，无爆炸", "谣言")),
        (39, ("clarify", "li_qiang", "已发布情况说明")),
    )
)

Run = Callable[[datetime, tuple[str, ...]], object]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a story left: the index, cases, and how often each letter was accepted, by Message-ID."""

    posts: Posts
    cases: int
    letters: Counter[str]


def story(home: Path, kills: int, dice: Random) -> Iterator[tuple[str, int, bool, str]]:
    """(stage, kills, good, verdict) of each stage, last of the whole."""
    killer = Killer(dice)
    for part in PARTS:
        killer.owe(part, kills)
    calm = _told(home / "calm", _in_this_process)
    rough = _told(home / "rough", lambda configs, _clock, _stack: _killed_by(killer, configs))
    for part in PARTS:
        done = killer.kills.get(part, 0)
        yield part, done, done >= kills, "started again, the story went on"
    wrong = differences(calm.posts, rough.posts)
    yield (
        "index after all",
        0,
        not wrong,
        f"{len(rough.posts)} posts, " + ("; ".join(wrong[:3]) or "equal in every field"),
    )
    yield "cases", 0, rough.cases == calm.cases > 0, f"{rough.cases}, and {calm.cases} without kills"
    copies, lost = rough.letters.total() - len(rough.letters), len(calm.letters.keys() - rough.letters.keys())
    good = rough.letters.keys() == calm.letters.keys() and copies <= killer.kills.get("alerts", 0)
    yield "letters", 0, good, f"{len(rough.letters)} of {len(calm.letters)}, {lost} lost, {copies} second copies"


def _told(home: Path, runner: Callable[[Path, ScriptedClock, ExitStack], Run]) -> Outcome:
    """The story with each stage done by what `runner` returns."""
    told, clock = tell(), ScriptedClock(START)
    with ExitStack() as stack:
        forum = stack.enter_context(open_forum(told.world, clock, AccessLog()))
        mailbox = stack.enter_context(open_mailbox(home / "letters"))
        configs = home / "configs"
        write_configs(configs, var=home, forum=forum, smtp_port=mailbox.port)
        (home / "voice.key").write_text("the same in both runs", "utf-8")
        run = runner(configs, clock, stack)
        for moment, words in sorted({*ROUNDS, *DEEDS}):
            clock.turn_to(moment)
            run(moment, words)
        return _outcome(configs, clock, mailbox)


def _in_this_process(configs: Path, clock: ScriptedClock, stack: ExitStack) -> Run:
    stages = Stages(configs, clock, stack)
    return lambda _moment, words: do(stages, *words)


def _killed_by(killer: Killer, configs: Path) -> Run:
    at = str(configs)
    return lambda moment, words: killer.run(words[0], ["scripts.kills.stage", at, moment.isoformat(), *words])


def _outcome(configs: Path, clock: ScriptedClock, mailbox: Mailbox) -> Outcome:
    config = read_stream(configs)
    with transaction(open_state_engine(config)) as session:
        cases = session.scalar(select(func.count()).select_from(CaseRow)) or 0
    with closing(open_index_reader(config)) as reader:
        return Outcome(
            posts=read_export(export_lines(reader, clock.now())),
            cases=cases,
            letters=Counter(str(letter["Message-ID"]) for letter in mailbox.letters),
        )
