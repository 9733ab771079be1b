"""What the demo's staff do and when: the first desk sleeps through its letter, the next one acts."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from alerts.workflow.cases import ActRequest
from alerts.workflow.rules import Verdict
from scripts.demo.story import Story

HEAD, DESK = "li_qiang", "zhang_min"
MINUTE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Planned:
    """A deed at a moment of the script."""

    at: datetime
    deed: ActRequest


@dataclass(slots=True)
class Turns:
    """When the case took the turns that people act on, None before it did. `calm_at`: after the first wave."""

    escalated_at: datetime | None = None
    calm_at: datetime | None = None
    rekindled_at: datetime | None = None
    calm_again_at: datetime | None = None


def plan(owner: str, story: Story, turns: Turns) -> list[Planned]:
    """The deeds of a case whose first letter nobody answered, in order, as far as its turns are known.

    `owner` is somebody of the desk that finds out the truth.
    """
    deeds = []
    if turns.escalated_at is not None:
        deeds += _first_wave(owner, turns.escalated_at, story.rumour.clarified_at)
    if turns.calm_at is not None:
        deeds.append(Planned(turns.calm_at + 30 * MINUTE, ActRequest("track", DESK, "过夜平静，新增帖文已回到常态")))
    if turns.rekindled_at is not None:
        deeds += _second_wave(story.again.clarified_at)
    if turns.calm_again_at is not None:
        deeds += _end(turns.calm_again_at)
    return deeds


def _first_wave(owner: str, escalated_at: datetime, clarified_at: datetime) -> list[Planned]:
    found = "现场核实：年度消防演练用了发烟罐，无爆炸、无伤亡、无停电计划"
    answer = "以临江供电官方账号在论坛置顶发布情况说明，并就演练未事先公告致歉"
    judged = "多名市民反映黑石渡变电站爆炸、要停电三天，转发文字雷同，需核实"
    return [
        Planned(escalated_at + 6 * MINUTE, ActRequest("acknowledge", HEAD)),
        Planned(escalated_at + 11 * MINUTE, ActRequest("judge", HEAD, judged)),
        Planned(escalated_at + 19 * MINUTE, ActRequest("report", HEAD, "已电话并书面报舆情工作组")),
        Planned(clarified_at - 22 * MINUTE, ActRequest("verify", owner, found, Verdict.RUMOUR)),
        Planned(clarified_at, ActRequest("clarify", HEAD, answer)),
        Planned(clarified_at + 48 * MINUTE, ActRequest("guide", DESK, "以官方账号逐帖答复疑问，公布核实渠道")),
    ]


def _second_wave(clarified_at: datetime) -> list[Planned]:
    answer = "置顶说明：所谓现场视频是外省旧视频，附原链接；下午开放变电站参观"
    return [
        Planned(clarified_at, ActRequest("clarify", HEAD, answer)),
        Planned(clarified_at + 48 * MINUTE, ActRequest("guide", DESK, "逐帖附原视频链接答复，邀请居民到现场")),
    ]


def _end(calm_at: datetime) -> list[Planned]:
    lesson = "教训：演练应提前两天公告；首封通知无人响应，调整值班；首次澄清后应预备旧图旧视频的比对"
    return [
        Planned(calm_at + 60 * MINUTE, ActRequest("close", DESK, "再次过夜无反复，销号")),
        Planned(calm_at + 120 * MINUTE, ActRequest("review", HEAD, lesson)),
    ]
