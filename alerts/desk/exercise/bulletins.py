"""A made-up bulletin of every kind."""

from collections.abc import Mapping
from datetime import datetime

from alerts.config import AlertsConfig
from alerts.notify.contents.bulletin import Bulletin, Section
from alerts.notify.contents.notice import Colour
from alerts.notify.render.subject import EXERCISE

MARKED = Section("", ("本信内容均为虚构，仅用于检验通知渠道，请勿据此处置。",))
#: Subject, headline, colour and sections of each kind.
Kind = tuple[str, str, Colour, tuple[Section, ...]]
KINDS: Mapping[str, Kind] = {
    "copy": (
        "【抄送】涉险情信息·较大（事件0）", "现将涉险情信息的处置情况抄送您知悉，无需办理", Colour.YELLOW,
        (
            Section("情况", ("近 1 小时负面信息 33 条，真实性待核实",)),
            Section("办理", ("由陈伟（调度抢修中心）核实，16:20前",)),
        ),
    ),
    "done": (
        "【已由他人办理】签收·涉险情信息（事件0）", "李强已签收，您无需再办理本环节", Colour.BLUE,
        (Section("办理情况", ("15:18 李强 签收",)), Section("下一环节", ("研判：宣传部舆情值班，15:40前",))),
    ),
    "digest": (
        "【汇总】3 件通知（14:00—15:00）", "以下通知合并发送，均不需立即办理", Colour.BLUE,
        (Section("通知", ("14:05 停电抢修：负面信息 8 条", "14:31 电费账单：负面信息 6 条", "14:52 充电桩：已趋缓")),),
    ),
    "daily": (
        "【每日舆情】9月22日", "昨日负面信息 41 条，较前日增加 12 条；未办结事件 1 件", Colour.BLUE,
        (
            Section("概况", ("发帖 1,121 条，负面 41 条（3.7%）", "涉及平台 3 个")),
            Section("未办结事件", ("事件0 涉险情信息：核实中，16:20前",)),
            Section("需关注", ("停电抢修：负面信息连续三日上升",)),
        ),
    ),
    "weekly": (
        "【一周舆情】9月15日—21日", "本周立案 2 件，均在时限内办结", Colour.BLUE,
        (Section("概况", ("负面信息 208 条，较上周下降 9%",)), Section("时限", ("签收平均 6 分钟，超时 0 次",))),
    ),
    "handover": (
        "【值班交接】9月22日 张敏→李强", "请接班：未办结事件 1 件，待发通知 0 封", Colour.BLUE,
        (
            Section("未办结事件", ("事件0 涉险情信息：核实中，陈伟，16:20前",)),
            Section("注意", ("临江论坛 14:10 起采集缓慢",)),
        ),
    ),
    "source": (
        "【系统】临江论坛已恢复采集", "临江论坛于 15:02 恢复，期间 3 小时数据已补采", Colour.BLUE,
        (Section("影响", ("12:00—15:00 的走势已重算，未发现漏报",)),),
    ),
}  # fmt: skip


def exercise_bulletin(config: AlertsConfig, kind: str, person: str, now: datetime) -> Bulletin:
    """Makes up the bulletin of that kind to `person`, a name."""
    subject, headline, colour, sections = KINDS[kind]
    return Bulletin(
        id=f"exercise.{kind}.{now:%Y%m%d%H%M%S}@{config.host}", at=now, organisation=config.organisation,
        person=person, subject=EXERCISE + subject, headline=EXERCISE + headline, sections=(MARKED, *sections),
        colour=colour,
    )  # fmt: skip
