"""Terms that burst, and making a topic of one: what analysts ask and do about what no topic knows yet."""

import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import regex

from alerts.config import AlertsConfig, unknown_owners
from alerts.notify.contents.quotes import clean, defang, mask
from alerts.terms.adoption import NewTopic, check_term, topic_lines, with_topic
from alerts.terms.bursts import BurstingTerm, find_bursts
from alerts.workflow.cases import Refused
from stream.errors import ConfigError
from stream.index.port import Query, Reader, withheld
from stream.messages import ScoredPost
from stream.process.configuration import Configuration
from stream.topics import Rule, TopicsConfig, WatchedTopic

FILE = "topics.yml"
_BEFORE, _AFTER = 20, 40  # characters of an example around the term
_READ = 2_000  # characters looked at of an example


@dataclass(frozen=True, slots=True)
class Span:
    """A span of time, half-open."""

    since: datetime
    until: datetime


def past_spans(now: datetime, recent: timedelta, past: timedelta) -> list[Span]:
    """Cuts what lies before the recent span into spans as long as that, the latest first.

    Raises `Refused` where none fits.
    """
    if recent <= timedelta(0) or past < recent:
        raise Refused("过去的时间至少要和最近的时间一样长：调大 --past-days 或调小 --hours")
    return [Span(now - (place + 2) * recent, now - (place + 1) * recent) for place in range(past // recent)]


def list_bursts(reader: Reader, recent: Span, past: Iterable[Span], limit: int) -> list[BurstingTerm]:
    """Finds the terms that burst in the recent span; `past` is gone through once, a span read at a time."""
    return find_bursts(_posts(reader, recent), (_posts(reader, span) for span in past), limit)


def excerpt(post: ScoredPost, term: str, now: datetime) -> str | None:
    """Quotes a post's masked words around the term; None where they must not be shown any more."""
    post = withheld(post, now)
    words = post.text if post.title in post.text else f"{post.title} {post.text}"
    pattern = r"\s*".join(map(regex.escape, "".join(term.split())))
    at = regex.search(pattern, words, regex.IGNORECASE)
    start = max(0, at.start() - _READ // 2) if at else 0
    words = defang(mask(clean(words[start:], _READ)))
    at = regex.search(pattern, words, regex.IGNORECASE)
    begin = max(0, at.start() - _BEFORE) if at else 0
    end = (at.end() if at else begin) + _AFTER
    shown = ("…" if begin else "") + words[begin:end] + ("…" if end < len(words) else "")
    return shown or None


def adopt_term(folder: Path, alerts: AlertsConfig, topic: NewTopic, *, dry_run: bool = False) -> str:
    """Adds a topic of one word to the folder's topics.yml, and returns the lines; `dry_run` changes no file.

    The file is replaced in one step, and only by one that reads as the old one with this topic more. Raises `Refused`
    with what to write instead.
    """
    path = (folder / FILE).resolve()
    old = Configuration(folder, {}).add(FILE, TopicsConfig)()
    if topic.key in old.watched:
        raise Refused(f"topics.yml 已有主题 {topic.key}（{old.watched[topic.key].name}）：换一个 --key")
    if topic.owner not in alerts.desks:
        known = "、".join(f"{key}（{desk.name}）" for key, desk in alerts.desks.items())
        raise Refused(f"alerts.yml 没有部门 {topic.owner}：--owner 写 {known} 之一")
    check_term(topic.term)
    try:
        with _beside(path) as draft:
            text = path.read_bytes().decode("utf-8")
            draft.write_bytes(with_topic(text, topic).encode("utf-8"))
            _check(draft.parent, alerts, old, topic)
            if not dry_run:
                _replace(draft, path)
    except OSError as error:
        raise Refused(f"{path} 写不了：{error.strerror}") from error
    return "\n".join(topic_lines(topic))


def _posts(reader: Reader, span: Span) -> Iterator[ScoredPost]:
    return reader.export(Query(charted_since=span.since, charted_until=span.until))


@contextmanager
def _beside(path: Path) -> Iterator[Path]:
    """Makes a place on the same disk, so that the file can be replaced in one step; it is gone afterwards."""
    with TemporaryDirectory(prefix=".adopt-", dir=path.parent) as folder:
        yield Path(folder) / FILE


def _check(folder: Path, alerts: AlertsConfig, old: TopicsConfig, topic: NewTopic) -> None:
    """Reads what was written as every stage will; `Refused` unless it is the old file with this topic more."""
    try:
        new = Configuration(folder, {}).add(FILE, TopicsConfig)()
    except ConfigError as error:
        told = "；".join(f"{one.key}: {one.problem}" for one in error.mistakes)
        raise Refused(f"加上这个主题后 topics.yml 不合格，未改动：{told}") from error
    added = WatchedTopic(name=topic.name, owner=topic.owner, rules=(Rule(any_of=(topic.term,)),))
    if new != replace(old, topics={**old.topics, topic.key: added}) or unknown_owners(alerts, new):
        raise Refused("topics.yml 的写法特别，自动添加会改动别的内容，未改动：用 --dry-run 看这几行，手工加上")


def _replace(draft: Path, path: Path) -> None:
    with draft.open("rb") as written:
        os.fsync(written.fileno())
    draft.chmod(path.stat().st_mode & 0o7777)
    draft.replace(path)
