"""Every source as staff ask for it: is it read, when last, when next, and what to do where it is not."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import Engine, select

from alerts.config import AlertsConfig
from alerts.desk.overview.configured import ConfiguredSource
from alerts.detection.grades import Grade
from alerts.incidents.facts import Facts, WatchedFact
from alerts.incidents.kinds import Kind
from alerts.incidents.troubles import Trouble, troubles
from stream.index.port import Query, Reader
from stream.process.schedule import next_tick
from stream.state.database import reading
from stream.state.source_health import SourceHealth, SourceState
from stream.state.source_standing import fact_of
from stream.topics import TopicsConfig

NEWEST_WITHIN = timedelta(days=7)  # looked back for a source's newest post; older ones say no more


class Tone(StrEnum):
    """How a state is to be taken at a glance; its word stands beside."""

    GOOD = "good"
    WARN = "warn"
    BAD = "bad"
    OFF = "off"


_WORDS: Mapping[Kind, tuple[str, Tone]] = {
    Kind.EXPIRED: ("登录失效", Tone.BAD),
    Kind.BLOCKED: ("被拒绝访问", Tone.BAD),
    Kind.FAILED: ("读取失败", Tone.BAD),
    Kind.SILENT: ("超时无结果", Tone.BAD),
    Kind.CHANGED: ("页面已改版", Tone.BAD),
    Kind.INCOMPLETE: ("内容不完整", Tone.WARN),
    Kind.PARTIAL: ("部分失败", Tone.WARN),
    Kind.STALE: ("长期无新内容", Tone.WARN),
    Kind.EXPIRING: ("凭据将到期", Tone.WARN),
    Kind.THIN: ("内容骤减", Tone.WARN),
    Kind.UNREAD: ("从未读取", Tone.WARN),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceStanding:
    """A source by its name: its state in a word, since when it is well, when it is read next.

    `new` counts the posts that its last crawl brought. `next_at` is None without a rhythm, or where nobody knows it.
    `what` and `todo` are sentences, "" where nothing is wrong.
    """

    key: str
    name: str
    word: str
    tone: Tone
    last_success: datetime | None = None
    ended_at: datetime | None = None
    new: int = 0
    next_at: datetime | None = None
    what: str = ""
    todo: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SourcesView:
    """All sources, the worst first, with what is blind (or the network) above them, and those that are retired."""

    blind: tuple[Trouble, ...]
    lines: tuple[SourceStanding, ...]
    retired: tuple[SourceStanding, ...]

    @property
    def last_success(self) -> datetime | None:
        """When any source was last read with success."""
        return max((one.last_success for one in self.lines if one.last_success), default=None)

    @property
    def wrong(self) -> tuple[SourceStanding, ...]:
        return tuple(one for one in self.lines if one.tone is Tone.BAD)

    @property
    def is_well(self) -> bool:
        """Whether silence means calm: some source is read, none is dead, no topic is blind."""
        return bool(self.last_success) and not self.blind and not self.wrong


def read_sources_view(
    engine: Engine, config: AlertsConfig, topics: TopicsConfig, names: Mapping[str, str],
    configured: Sequence[ConfiguredSource], now: datetime,
) -> SourcesView:  # fmt: skip
    """Reads how every source is at `now`; `names` is what people call them, by key."""
    with reading(engine) as session:
        rows = list(session.scalars(select(SourceHealth).order_by(SourceHealth.source)))
    called = _told_apart([*(row.source for row in rows), *(one.key for one in configured)], names)
    current = [row for row in rows if row.retired_at is None]
    wrong = _troubles(current, config, topics, called, configured, now)
    by_name = {one.thing: one for one in wrong if one.kind in _WORDS}
    crons = {one.key: one.cron for one in configured}
    lines = [_line(row, called[row.source], by_name.get(called[row.source]), crons, now) for row in current]
    known = {row.source for row in rows}
    lines += [
        _unread(one, called[one.key], by_name.get(called[one.key]), now) for one in configured if one.key not in known
    ]
    order = list(Tone)[::-1]
    lines.sort(key=lambda one: (order.index(one.tone), one.name))
    blind = sorted(
        (one for one in wrong if one.kind in (Kind.NETWORK, Kind.BLIND)), key=lambda one: list(Grade).index(one.grade)
    )
    retired = [_retired(row, called[row.source]) for row in rows if row.retired_at is not None]
    return SourcesView(blind=tuple(blind), lines=tuple(lines), retired=tuple(retired))


def newest_posts(reader: Reader, sources: Iterable[str], now: datetime) -> dict[str, datetime]:
    """Finds when the newest post of each source was written, of the last `NEWEST_WITHIN`. A question a source."""
    found: dict[str, datetime] = {}
    for source in sources:
        page = reader.search(Query(sources=(source,), charted_since=now - NEWEST_WITHIN), 1)
        found.update((source, post.charted_at) for post in page.posts)
    return found


def _told_apart(keys: Iterable[str], names: Mapping[str, str]) -> dict[str, str]:
    """Names the sources; with the key where several have one name."""
    distinct = dict.fromkeys(keys)
    called = [names.get(key, key) for key in distinct]
    return {
        key: name if called.count(name) == 1 else f"{name}（{key}）" for key, name in zip(distinct, called, strict=True)
    }


def _troubles(
    rows: Sequence[SourceHealth], config: AlertsConfig, topics: TopicsConfig, called: Mapping[str, str],
    configured: Sequence[ConfiguredSource], now: datetime,
) -> list[Trouble]:  # fmt: skip
    """Finds what is wrong with sources, by their names; the same sentences as in a letter about them."""
    facts = Facts(
        sources=tuple(fact_of(row, called[row.source]) for row in rows),
        configured=tuple(called[one.key] for one in configured),
        topics={
            key: WatchedFact(topic.name, tuple(called.get(source, source) for source in topic.sources))
            for key, topic in topics.watched.items()
        },
        complete_until=now,
    )
    return troubles(facts, config.incidents, now)


def _line(
    row: SourceHealth, name: str, wrong: Trouble | None, crons: Mapping[str, str | None], now: datetime
) -> SourceStanding:
    word, tone = _WORDS[wrong.kind] if wrong else _plain(row)
    tick = _tick(crons.get(row.source), now)
    if tick is not None and row.parked_until is not None:
        tick = max(tick, row.parked_until)
    return SourceStanding(
        key=row.source, name=name, word=word, tone=tone, last_success=row.succeeded_at, ended_at=row.ended_at,
        new=row.new, next_at=tick, what=wrong.what if wrong else "", todo=wrong.todo if wrong else "",
    )  # fmt: skip


def _plain(row: SourceHealth) -> tuple[str, Tone]:
    if row.state == SourceState.RUNNING:
        return "正在采集", Tone.GOOD
    if row.state == SourceState.OK:
        return "正常", Tone.GOOD
    return "上次未成功", Tone.WARN  # it still has time until its next tick but one


def _retired(row: SourceHealth, name: str) -> SourceStanding:
    return SourceStanding(
        key=row.source, name=name, word="已停用", tone=Tone.OFF, last_success=row.succeeded_at, ended_at=row.ended_at
    )


def _unread(one: ConfiguredSource, name: str, wrong: Trouble | None, now: datetime) -> SourceStanding:
    return SourceStanding(
        key=one.key, name=name, word="从未读取", tone=Tone.WARN, next_at=_tick(one.cron, now),
        what=wrong.what if wrong else "", todo=wrong.todo if wrong else "",
    )  # fmt: skip


def _tick(cron: str | None, now: datetime) -> datetime | None:
    """Finds the next tick; None for a line that is none, which `crawlers check-config` explains."""
    try:
        return next_tick(cron, now) if cron else None
    except ValueError:
        return None
