"""Five weeks of made-up posts, a few cases with their histories, a day of health: something for every panel."""

from dataclasses import replace
from datetime import timedelta
from random import Random

from alerts.config import AlertsConfig
from alerts.workflow.limits import with_limits
from stream.messages import Act, CaseEvent, Counts, Emotion, Kind, Label, ScoredPost, StageHealth, event_id, post_id
from stream.process.configuration import Configuration
from tests.scripts.kibana.objects import ROOT
from tests.stream.scored import NOON, scored
from tests.stream.told import beat, happened

WEEKS = 5
SAID = (
    "听说变电站爆炸了，全城停电，真的假的？",
    "网传大面积停电要停三天",
    "电费账单又涨了，营业厅没人管",
    "抢修师傅辛苦了，来电了",
    "食堂的菜不错",
    "请问充电桩在哪里",
)
LIMITS = Configuration(ROOT / "configs" / "example", {}).add("alerts.yml", AlertsConfig)().ladder
_MINUTE = timedelta(minutes=1)


def posts() -> list[ScoredPost]:
    """Posts of every label, act and source in thirty threads; the last day is the busiest, and has copies."""
    draw = Random(20261121)
    found = []
    for number in range(260):
        recent = number >= 140
        back = draw.uniform(0, 24 * 60) if recent else draw.uniform(0, WEEKS * 7 * 24 * 60)
        said = draw.choice(SAID[:2] if recent else SAID)
        label = draw.choice((Label.NEGATIVE, Label.NEGATIVE, *Label))
        rest = draw.random() / 2
        act = draw.choice((*Act, None))
        found.append(
            replace(
                scored(number, said if draw.random() < 0.6 else f"{said}{number}"),
                **_times(back),
                title=draw.choice(("", "停电", "网传的事")),
                label=label,
                negative=None if number % 17 == 0 else draw.random(),
                unscored="too_odd" if number % 17 == 0 else None,
                emotion=Emotion(happy=rest, neutral=0.1, angry=0.5 - rest, sad=0.1, fear=0.2, surprise=0.1),
                topics=draw.choice((("outage",), ("rumour",), ("rumour", "outage"), ("bill",), ())),
                source=draw.choice(("townhall", "notices")),
                site=draw.choice(("bbs", "weibo")),
                thread_id=post_id("bbs", f"tid:{number % 30}"),
                counts=Counts(views=number, replies=number // 2 if number % 3 else None),
                board=draw.choice(("停电", "生活", None)),
                kind=draw.choice(list(Kind)),
                act=act,
                act_by="rules@1" if act else None,
                fields=draw.choice((("safety",), ("service", "management"), ())) if act is Act.APPEAL else (),
                cues=("danger",) if "爆炸" in said and draw.random() < 0.5 else (),
                model=draw.choice(("wenfeng-mini@0.2", "wenfeng-mini@0.3")),
                edited_at=NOON if number % 50 == 1 else None,
                deleted_at=NOON if number % 40 == 0 else None,
            )
        )
    return found


def _times(back: float) -> dict[str, object]:
    at = NOON - back * _MINUTE - 2 * _MINUTE
    at = at.replace(microsecond=0)
    return {
        "published_at": at, "charted_at": at, "counted_at": at, "first_seen_at": at + _MINUTE,
        "observed_at": at + _MINUTE, "scored_at": at + 2 * _MINUTE,
    }  # fmt: skip


def cases() -> list[CaseEvent]:
    """Every event of eight cases and of three incidents: some open, one never answered, one a false alarm."""
    told = [event for case in range(1, 9) for event in _history(case)]
    told += [event for case in range(9, 12) for event in _trouble(case)]
    return [with_limits(event, LIMITS) for event in told]


def _trouble(case: int) -> list[CaseEvent]:
    """A source that is dead: escalated, taken and mended, the last one not."""
    opened = NOON - timedelta(days=case)
    at = {"opened_at": opened, "topic": f"incident:blocked:source{case % 2}", "grade": "blue"}
    desk = {"step": "take", "desk": "operators", "due_at": opened + 60 * _MINUTE, "stage": "trouble"}
    first = happened(case, 1, at=opened, elapsed=0.0, **desk, **at)
    late = happened(case, 2, at=opened + 70 * _MINUTE, missed_by="operators", elapsed=4200.0, **desk, **at)
    ended = opened + 90 * _MINUTE
    told = {**desk, "step": "mend", "stage": "mended", "ended_at": ended}
    mended = happened(case, 3, at=ended, kind="mended", by="person", elapsed=5400.0, **told, **at)
    return [first, late] if case == 11 else [first, late, mended]


def _history(case: int) -> list[CaseEvent]:
    opened = NOON - timedelta(days=9 * case, hours=case)
    grade, topic = ("red", "orange", "yellow", "blue")[case % 4], ("outage", "rumour")[case % 2]
    first = happened(case, 1, at=opened, opened_at=opened, grade=grade, topic=topic, elapsed=0.0, step=None, desk=None)
    story = [first]

    def then(minutes: int, kind: str, by: str = "person", **changes: object) -> None:
        at, number = opened + minutes * _MINUTE, len(story) + 1
        event = replace(story[-1], at=at, kind=kind, by=by, number=number, elapsed=60.0 * minutes, missed_by=None)
        story.append(replace(event, id=event_id("case", case, number), **changes))  # type: ignore[arg-type]

    desk = {"step": "acknowledge", "desk": "publicity", "due_at": opened + 60 * _MINUTE}
    if case in (2, 3):
        then(70, "escalated", "program", **{**desk, "desk": "publicity_head", "missed_by": "publicity"})
    then(10 + 17 * case, "acknowledge", **desk, acknowledged_at=opened + (10 + 17 * case) * _MINUTE)
    if case == 4:
        ended = opened + 90 * _MINUTE
        then(90, "judge_false_alarm", step="judge", stage="false_alarm", ended_at=ended)
        return story
    then(100 + case, "judge", step="judge", stage="reporting")
    if case in (1, 5):
        return story
    then(150, "report", step="report", stage="verifying", desk="publicity_head")
    then(200 + case, "verify", step="verify", stage="responding", verdict=("谣言", "属实")[case % 2], desk="dispatch")
    said = opened + (300 + 100 * case) * _MINUTE
    then(300 + 100 * case, "respond", step="respond", stage="guiding", first_word_at=said, desk="publicity_head")
    if case == 6:
        return story
    ended = opened + timedelta(days=2)
    then(2 * 24 * 60, "close", step="close", stage="reviewing", ended_at=ended, desk="publicity")
    then(3 * 24 * 60, "review", step="review", stage="archived", desk="publicity_head")
    return story


def health() -> list[StageHealth]:
    """A day of two stages, every half hour, and of two sources."""
    draw = Random(7)
    told = []
    for minute in range(-24 * 60 + 30, 0, 30):
        for stage in ("score", "index"):
            done = draw.randrange(100)
            told.append(
                beat(minute, stage, done=done, rejected=minute % 7 == 0, retried=minute % 5 == 0, lag=draw.random() * 9)
            )
        for source in ("townhall", "notices"):
            state = draw.choice(("ok", "ok", "partial", "failed"))
            crawl = event_id("crawl", source, minute)
            told.append(beat(minute, "crawl", id=crawl, source=source, state=state, lag=60.0 * draw.randrange(30)))
    return told
