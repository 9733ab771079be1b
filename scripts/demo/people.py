"""What the demo's staff do and when: the first desk sleeps through its letter, the next one acts."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from alerts.workflow.cases import ActRequest
from alerts.workflow.rules import Verdict


@dataclass(frozen=True, slots=True)
class Planned:
    """A deed at a moment of the script."""

    at: datetime
    deed: ActRequest


def plan(owner: str, escalated_at: datetime, clarified_at: datetime, calm_at: datetime | None) -> list[Planned]:
    """The deeds of a case whose first letter nobody answered, in order; the last ones wait until it is calm.

    `owner` is somebody of the desk that finds out the truth.
    """
    head, desk = "li_qiang", "zhang_min"
    after = escalated_at
    deeds = [
        Planned(after + timedelta(minutes=6), ActRequest("acknowledge", head)),
        Planned(
            after + timedelta(minutes=11),
            ActRequest("judge", head, "多名市民反映黑石渡变电站爆炸、要停电三天，转发文字雷同，需核实"),
        ),
        Planned(after + timedelta(minutes=19), ActRequest("report", head, "已电话并书面报舆情工作组")),
        Planned(
            clarified_at - timedelta(minutes=22),
            ActRequest(
                "verify",
                owner,
                "现场核实：年度消防演练用了发烟罐，无爆炸、无伤亡、无停电计划",
                Verdict.RUMOUR,
            ),
        ),
        Planned(
            clarified_at,
            ActRequest("clarify", head, "以临江供电官方账号在论坛置顶发布情况说明，并就演练未事先公告致歉"),
        ),
        Planned(
            clarified_at + timedelta(minutes=48), ActRequest("guide", desk, "以官方账号逐帖答复疑问，公布核实渠道")
        ),
    ]
    if calm_at is not None:
        deeds += [
            Planned(calm_at + timedelta(minutes=30), ActRequest("track", desk, "新增帖文已回到常态")),
            Planned(_next_morning(calm_at), ActRequest("close", desk, "过夜无反复，销号")),
            Planned(
                _next_morning(calm_at) + timedelta(hours=1),
                ActRequest("review", head, "教训：演练应提前两天公告；首封通知无人响应，调整值班"),
            ),
        ]
    return deeds


def _next_morning(moment: datetime) -> datetime:
    """09:00 in Shanghai on the day after."""
    return (moment + timedelta(days=1)).replace(hour=1, minute=0, second=0, microsecond=0)
