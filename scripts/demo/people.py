"""What the demo's staff do and when: the first desk sleeps through its letter, the next one answers it by mail."""

from datetime import datetime, timedelta

from alerts.workflow.cases import ActRequest
from alerts.workflow.parts import Verdict
from scripts.demo.deeds import KeepClaim, MailAnswer, Planned, Turns
from scripts.demo.story import Story

HEAD, DESK = "li_qiang", "zhang_min"
MINUTE = timedelta(minutes=1)
FIRST_STATEMENT = (
    "今日下午，我公司在黑石渡变电站开展年度消防演练，演练中使用了发烟罐，未发生爆炸，无人员伤亡，供电未受影响，"
    "也没有停电计划。此次演练未提前公告，给附近居民带来不安，我们深表歉意。"
)
SECOND_STATEMENT = (
    "黑石渡变电站未发生爆炸，无人员伤亡，没有停电计划；9月22日为年度消防演练。网传“现场视频”系外省早年旧视频，"
    "与我公司无关。欢迎居民到站参观监督。"
)
CLAIM = KeepClaim(
    DESK, "黑石渡变电站爆炸，里面的人没跑出来，今晚八点起停电三天", "现场核实记录、消防演练方案、旧视频原链接"
)


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
        Planned(escalated_at + 6 * MINUTE, MailAnswer(HEAD, "收到")),
        Planned(escalated_at + 11 * MINUTE, ActRequest("judge", HEAD, judged)),
        Planned(escalated_at + 19 * MINUTE, ActRequest("report", HEAD, "已电话并书面报舆情工作组")),
        Planned(clarified_at - 22 * MINUTE, ActRequest("verify", owner, found, Verdict.RUMOUR)),
        *approved(clarified_at, FIRST_STATEMENT, tried_alone=True),
        Planned(clarified_at, ActRequest("clarify", HEAD, answer)),
        Planned(clarified_at + 48 * MINUTE, ActRequest("guide", DESK, "以官方账号逐帖答复疑问，公布核实渠道")),
    ]


def _second_wave(clarified_at: datetime) -> list[Planned]:
    answer = "置顶说明：所谓现场视频是外省旧视频，附原链接；下午开放变电站参观"
    return [
        *approved(clarified_at, SECOND_STATEMENT),
        Planned(clarified_at, ActRequest("clarify", HEAD, answer)),
        Planned(clarified_at + 48 * MINUTE, ActRequest("guide", DESK, "逐帖附原视频链接答复，邀请居民到现场")),
    ]


def approved(answered_at: datetime, words: str, *, tried_alone: bool = False) -> list[Planned]:
    """One writes what is answered, another one stands for it; `tried_alone`: the first one tries to do both."""
    written = answered_at - 14 * MINUTE
    alone = [Planned(written + 2 * MINUTE, ActRequest("approve", DESK), refused=True)] if tried_alone else []
    return [
        Planned(written, ActRequest("draft", DESK, statement=words)),
        *alone,
        Planned(answered_at - 6 * MINUTE, ActRequest("approve", HEAD)),
    ]


def _end(calm_at: datetime) -> list[Planned]:
    lesson = "教训：演练应提前两天公告；首封通知无人响应，调整值班；首次澄清后应预备旧图旧视频的比对"
    return [
        Planned(calm_at + 60 * MINUTE, ActRequest("close", DESK, "再次过夜无反复，销号")),
        Planned(calm_at + 80 * MINUTE, ActRequest("review", HEAD, lesson)),
        Planned(calm_at + 90 * MINUTE, CLAIM),
    ]
