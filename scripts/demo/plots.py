"""The story's cases, each with the topic that opens it and what people do about it. The first is people.py's."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from alerts.workflow.cases import ActRequest
from alerts.workflow.parts import Verdict
from alerts.workflow.subjects import INCIDENT
from scripts.demo.deeds import MailAnswer, Planned, Turns
from scripts.demo.people import DESK, HEAD, MINUTE, SECOND_STATEMENT, approved, plan
from scripts.demo.story import Story

OPERATOR = "he_jun"
WORKS = "construction"  # the desk that puts the covers right
COVERS_STATEMENT = (
    "经现场查看，翠屏路三处电缆沟盖板松动属实，给行人带来不便，我们向受伤居民致歉并承担就医费用。"
    "现场已围挡，9月25日18时前全部更换，完工后公布照片。"
)


@dataclass(frozen=True, slots=True)
class Plot:
    """A case of the story: `topic` is what it begins with, `plan` asks who of the topic's desk finds out the truth."""

    name: str
    topic: str
    plan: Callable[[str, Story, Turns], list[Planned]]


def _covers(owner: str, story: Story, turns: Turns) -> list[Planned]:
    """A complaint that is true: answered, put right until a date, proven done, and only then closed."""
    if turns.opened_at is None:
        return []
    answered, date = story.covers.clarified_at, story.mended_by
    judged = "多人反映翠屏路电缆沟盖板松动、有老人绊倒，地点具体，需现场核实"
    found = "现场查看：翠屏路12号至18号三处盖板边框锈蚀松动，一名居民绊倒擦伤，情况属实"
    deeds = [
        *_taken(turns.opened_at, judged),
        Planned(answered - 26 * MINUTE, ActRequest("verify", owner, found, Verdict.TRUE)),
        *approved(answered, COVERS_STATEMENT),
        Planned(answered, ActRequest("respond", HEAD, "在论坛回应并致歉，派人登门看望受伤居民")),
        Planned(
            answered + 15 * MINUTE,
            ActRequest("plan_remedy", owner, "更换三处盖板及边框，完工前围挡并设夜间警示灯", owner=WORKS, until=date),
        ),
        Planned(
            date - timedelta(hours=2),
            ActRequest("remedied", owner, "三处盖板已更换，监理签字，前后照片编号 GB-0925-1 至 6"),
        ),
        Planned(date - timedelta(minutes=90), ActRequest("guide", DESK, "回帖公布完工照片，受伤居民已回访")),
    ]
    return deeds + _ended(turns, "整改完成并回访，无新增投诉，销号", "教训：巡检把盖板边框列入检查项", after=date)


def _returned(owner: str, story: Story, turns: Turns) -> list[Planned]:
    """A claim that was answered before: what is to be said lies in the first letter, two persons stand for it again."""
    if turns.opened_at is None:
        return []
    answered = story.returned.clarified_at
    found = "与辟谣库所存传言相符；已与调度、现场复核，变电站运行正常，无停电计划"
    deeds = [
        *_taken(turns.opened_at, "旧传言重现，文字与9月22日的雷同"),
        Planned(answered - 17 * MINUTE, ActRequest("verify", owner, found, Verdict.RUMOUR)),
        *approved(answered, SECOND_STATEMENT),
        Planned(answered, ActRequest("clarify", HEAD, "置顶原说明，并附9月22日、23日两次通报链接")),
        Planned(answered + 20 * MINUTE, ActRequest("guide", DESK, "逐帖附说明链接答复")),
    ]
    return deeds + _ended(turns, "当日平息，销号", "教训：口径入库后，从首封通知到澄清不到一小时")


def _mended(_owner: str, story: Story, turns: Turns) -> list[Planned]:
    """Trouble of our own: the operators say that they see to it; that it is over is found by itself."""
    return [] if turns.opened_at is None else [Planned(story.silent.until - 15 * MINUTE, MailAnswer(OPERATOR, "收到"))]


def _taken(opened_at: datetime, judged: str) -> list[Planned]:
    return [
        Planned(opened_at + 3 * MINUTE, ActRequest("acknowledge", DESK)),
        Planned(opened_at + 8 * MINUTE, ActRequest("judge", DESK, judged)),
        Planned(opened_at + 13 * MINUTE, ActRequest("report", HEAD, "已电话报舆情工作组")),
    ]


def _ended(turns: Turns, closed: str, lesson: str, after: datetime | None = None) -> list[Planned]:
    if turns.calm_at is None:
        return []
    calm_at = max(turns.calm_at, after or turns.calm_at)
    return [
        Planned(calm_at + 30 * MINUTE, ActRequest("close", DESK, closed)),
        Planned(calm_at + 40 * MINUTE, ActRequest("review", HEAD, lesson)),
    ]


PLOTS = (
    Plot("rumour", "rumour", plan),
    Plot("covers", "roadworks", _covers),
    Plot("silent", INCIDENT, _mended),
    Plot("returned", "rumour", _returned),
)
