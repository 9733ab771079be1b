"""What is wrong, from facts and the time. Pure: whether people are told of it is alerts/incidents/debounce.py's."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from re import IGNORECASE
from re import compile as pattern

from alerts.detection.grades import Grade
from alerts.incidents.facts import Facts
from alerts.incidents.kinds import ROWS, Kind
from alerts.incidents.policy import IncidentsConfig
from alerts.incidents.reasons import in_chinese
from stream.process.clock import local_time
from stream.process.running import StageState
from stream.state.source_health import SourceState
from stream.state.source_standing import Condition, SourceFact, StandingSign, judge

TOGETHER = 3  # sources that fail at once are one incident from here on, if they are half of all: set by us
_LOGIN = pattern(r"credential|expired|token|HTTP 401|unauthori[sz]ed|凭据", IGNORECASE)
_ALIKE = (Kind.FAILED, Kind.SILENT)  # what a dead line of ours looks like; a site's own no is told for itself
_SHUT = (Kind.BLOCKED, Kind.EXPIRED, Kind.CHANGED)
#: What people call the stages.
PROGRAM_NAMES = {"crawlers": "采集", "score": "研判", "index": "入库", "alerts": "预警", "upkeep": "维护"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Trouble:
    """One thing that is wrong: `what` and `todo` are a sentence each. The fields' names are those of JSON that is kept.

    `covered`: another trouble of the moment says it already, so that nobody is told of this one.
    """

    kind: Kind
    thing: str
    since: datetime
    what: str
    todo: str
    grade: Grade
    covered: bool = False

    @property
    def key(self) -> str:
        """What it is known by, from its first moment to its last."""
        return f"{self.kind}:{self.thing}"


def troubles(facts: Facts, config: IncidentsConfig, now: datetime) -> list[Trouble]:
    """Finds everything that is wrong at `now`, each thing once, those that others cover marked as such."""
    sources = list(_sources(facts, config, now))
    past = {one.name for one in facts.sources if _is_past_trust(one, now)}
    gone = {one.thing: one for one in sources if one.kind in _ALIKE or (one.kind in _SHUT and one.thing in past)}
    alike = {name: one for name, one in gone.items() if one.kind in _ALIKE}
    network = list(_network(alike, facts, config))
    blind = list(_blind(facts, gone, config))
    hidden = set(alike) if network else {name for _, names in blind for name in names if name in alike}
    sources = [replace(one, covered=one.covered or (one.kind in _ALIKE and one.thing in hidden)) for one in sources]
    topics = [replace(one, covered=bool(network)) for one, _ in blind]
    return [*network, *topics, *sources, *_pipeline(facts, config, now), *_keeping(facts, config, now)]


def _trouble(kind: Kind, thing: str, since: datetime, what: str, config: IncidentsConfig) -> Trouble:
    return Trouble(
        kind=kind, thing=thing, since=since, what=what, todo=ROWS[kind].todo + "。", grade=config.rule(kind).grade
    )


def _sources(facts: Facts, config: IncidentsConfig, now: datetime) -> Iterator[Trouble]:
    for source in facts.sources:
        if (found := _source(source, config, now)) is not None:
            kind, since, what = found
            yield _trouble(kind, source.name, since, f"信息源「{source.name}」{what}。", config)
    read = {source.name for source in facts.sources if source.started_at or source.succeeded_at}
    named = dict.fromkeys([*facts.configured, *(name for one in facts.topics.values() for name in one.sources)])
    unread = [name for name in named if name not in read]
    together = len(unread) >= TOGETHER
    if together:
        what = f"{len(unread)} 个信息源已配置，但从未读取过：{_list(unread)}。"
        yield _trouble(Kind.UNREAD, "all", now, what, config)
    for name in unread:
        one = _trouble(Kind.UNREAD, name, now, f"信息源「{name}」已配置，但从未读取过。", config)
        yield replace(one, covered=together)


def _source(source: SourceFact, config: IncidentsConfig, now: datetime) -> tuple[Kind, datetime, str] | None:
    """Finds the one thing to say of a source: how it stands, in words for staff."""
    standing = judge(source, now, thin=config.thin)
    since, last = standing.since or source.ended_at or source.started_at or now, _last(source)
    why = f"（{in_chinese(source.reason)}）" if source.reason else ""
    broken = source.ended in (SourceState.BLOCKED, SourceState.FAILED, SourceState.PARTIAL)
    if broken and _LOGIN.search(source.reason):
        return Kind.EXPIRED, since, f"登录凭据可能已失效{why}，{last}"
    match standing.condition, standing.sign:
        case Condition.EXPIRING, _ if source.expires_at is not None:
            ended = source.expires_at <= now
            words = f"登录凭据{'已于' if ended else '将于'} {_time(source.expires_at)} 到期，{last}"
            return Kind.EXPIRED if ended else Kind.EXPIRING, since, words
        case Condition.BLOCKED, _:
            return Kind.BLOCKED, since, f"拒绝访问{why}，{last}"
        case Condition.FAILED, _:
            return Kind.FAILED, since, f"连续读取失败{why}，{last}"
        case Condition.SILENT, StandingSign.NEWS:
            newest = source.newest_at or source.news_at
            what = f"能够读取，但 {_time(newest)} 以来没有新内容" if newest else "能够读取，但没有任何内容"
            return Kind.STALE, since, what
        case Condition.SILENT, _:
            return Kind.SILENT, since, f"超过应有的更新时间仍无新结果，{last}"
        case Condition.CHANGED, StandingSign.YIELD:
            usual = f"上次只读到 {source.read} 条，平时约 {source.norm or 0:.0f} 条"
            return Kind.THIN, since, f"{usual}，页面可能已改版"
        case Condition.CHANGED, StandingSign.PAGES:
            usual = f"上次 {source.filled} 页只读到 {source.read} 条，平时每页约 {source.page_norm or 0:.1f} 条"
            return Kind.THIN, since, f"{usual}，页面可能已改版"
        case Condition.CHANGED, StandingSign.VIEW:
            return Kind.CHANGED, since, f"常规页面无法识别，已改读{_views(source)}，{last}；编辑和删除暂时查不到"
        case Condition.CHANGED, _:
            return Kind.CHANGED, since, f"页面无法识别{why}，{last}"
        case Condition.INCOMPLETE, StandingSign.LOST:
            return Kind.INCOMPLETE, since, f"有 {len(source.details.lost)} 个版块读不到了：{_list(source.details.lost)}"
        case Condition.INCOMPLETE, StandingSign.MISSING:
            short = [f"{name}（{told} 条缺 {missing} 条）" for name, (missing, told) in source.details.short.items()]
            return Kind.INCOMPLETE, since, f"未读全，网站自己的总数多于已采集的：{_list(short)}"
        case Condition.INCOMPLETE, _:
            return Kind.PARTIAL, since, f"部分页面读取失败{why}"
    return None


def _views(source: SourceFact) -> str:
    """Names the views by which a source is read in place of its usual pages."""
    names = {"mobile": "手机版", "archiver": "文字版"}
    return "和".join(dict.fromkeys(names.get(view, view) for view in source.details.plainer.values()))


def _is_past_trust(source: SourceFact, now: datetime) -> bool:
    """Tells whether its last success says nothing of the present any more, or there is none."""
    return source.succeeded_at is None or (source.fresh_until is not None and source.fresh_until < now)


def _last(source: SourceFact) -> str:
    return f"最近一次成功在 {_time(source.succeeded_at)}" if source.succeeded_at else "从未成功读取"


def _network(gone: Mapping[str, Trouble], facts: Facts, config: IncidentsConfig) -> Iterator[Trouble]:
    if len(gone) >= TOGETHER and 2 * len(gone) >= len(facts.sources):
        since = min(one.since for one in gone.values())
        what = f"{len(facts.sources)} 个信息源中有 {len(gone)} 个读取不到：{_list(sorted(gone))}。"
        yield _trouble(Kind.NETWORK, "all", since, what, config)


def _blind(
    facts: Facts, gone: Mapping[str, Trouble], config: IncidentsConfig
) -> Iterator[tuple[Trouble, tuple[str, ...]]]:
    """Yields the topics of which no source answers, with those sources; one sentence for all that share theirs.

    A source counts that has a rhythm, or that was asked and never answered: its rhythm begins with its first success.
    """
    steady = [one.name for one in facts.sources if one.fresh_until is not None or one.succeeded_at is None]
    groups: dict[tuple[str, ...], list[str]] = {}
    for topic in facts.topics:
        named = facts.topics[topic].sources
        groups.setdefault(tuple(name for name in steady if not named or name in named), []).append(topic)
    for sources, blind in groups.items():
        if not sources or not all(name in gone for name in sources):
            continue
        names = [facts.topics[topic].name for topic in blind]
        topics = _list((f"「{name}」" for name in names), what="话题")
        what = f"{topics}的信息源全部读取不到（{_list(sources)}），新帖暂时看不到。"
        since = max(gone[name].since for name in sources)
        yield _trouble(Kind.BLIND, blind[0], since, what, config), sources


def _pipeline(facts: Facts, config: IncidentsConfig, now: datetime) -> Iterator[Trouble]:
    still = [one for one in facts.stages if one.state in (StageState.LATE, StageState.STOPPED)]
    for stage in still:
        name = PROGRAM_NAMES.get(stage.name, stage.name)
        how = "没有响应" if stage.state is StageState.LATE else "已停止"
        last = f"，最近一次运转在 {_time(stage.last)}" if stage.last else ""
        yield _trouble(Kind.STAGE, stage.name, stage.last or now, f"{name}程序（{stage.name}）{how}{last}。", config)
    if facts.complete_until is None:
        yield _trouble(Kind.LOG, "all", now, "读不到消息日志，无法判断帖文处理到哪里。", config)
    elif now - facts.complete_until > config.behind:
        waits = (now - facts.complete_until) // timedelta(minutes=1)
        behind = _trouble(
            Kind.BEHIND, "all", facts.complete_until, f"已采集的帖文排队 {waits} 分钟仍未入库，预警会晚到。", config
        )
        yield replace(behind, covered=any(one.name in ("score", "index") for one in still))


def _keeping(facts: Facts, config: IncidentsConfig, now: datetime) -> Iterator[Trouble]:
    kept, letters = facts.quarantine, facts.letters
    if kept is not None and (kept.waiting >= config.quarantined or kept.lately >= config.quarantined_an_hour):
        what = f"隔离区有 {kept.waiting} 条无法处理的记录，近一小时新增 {kept.lately} 条。"
        yield _trouble(Kind.QUARANTINE, "all", now, what, config)
    if letters.waiting or letters.refused:
        waiting = f"{letters.waiting} 封通知未能送出，最早的排队自 {_time(letters.oldest or now)}"
        told = [waiting] * bool(letters.waiting) + [f"{letters.refused} 封被拒收"] * bool(letters.refused)
        yield _trouble(Kind.LETTERS, "all", letters.oldest or now, f"{'；'.join(told)}。", config)
    for disk in facts.disks:
        if disk.free < config.disk_free * disk.size:
            what = f"{disk.folder} 所在磁盘只剩 {disk.free / 2**30:.1f} GB（{disk.free / disk.size:.0%}）。"
            yield _trouble(Kind.DISK, disk.folder, now, what, config)
    if facts.changed:
        what = f"事件 {_list(map(str, facts.changed))} 的处置记录与校验不符，可能被人改动。"
        yield _trouble(Kind.HISTORY, "all", now, what, config)


def _time(moment: datetime) -> str:
    return local_time(moment, "%m月%d日 %H:%M")


def _list(names: Iterable[str], most: int = 8, what: str = "") -> str:
    """Lists names, of many the first; `what` they are is said before them all, or behind their number."""
    found = list(names)
    return "、".join(found[:most]) + f"等 {len(found)} 个{what}" if len(found) > most else what + "、".join(found)
