"""A draft of the report upward, by the fields of a 快报, and what the step still has to find out. Pure."""

from collections.abc import Mapping
from datetime import datetime

from alerts.notify.contents.phrases import address, bars, local, matter
from alerts.notify.contents.situation import Deed, Situation

REPORTING = ("judge", "report")  # steps in whose letters the draft stands
QUESTIONS: Mapping[str, tuple[str, ...]] = {
    "acknowledge": ("所述情况是否属实", "是否涉及本单位"),
    "judge": ("所述情况是否属实", "是否涉及本单位", "是否需要上报"),
    "report": ("所述情况是否属实", "影响范围及上报层级"),
    "verify": ("所述时间、地点、人员是否属实", "是否造成实际影响及其范围", "可对外公布的事实"),
    "respond": ("对外口径及审核人", "发布渠道与时间"),
    "approve": ("口径与已核实情况是否一致", "发布渠道与时间"),
    "remedy": ("整改责任人与完成时限", "是否需向社会公布整改结果"),
    "guide": ("澄清、回应后负面信息是否回落",),
    "close": ("诉求是否已办结", "是否仍有新增说法"),
    "review": ("各环节是否按时限办结", "首发发现与处置可改进之处"),
}
ADVICE: Mapping[str, str] = {
    "judge": "先行对外表态“已关注，正在核实”，同步转责任单位核实",
    "report": "先行对外表态“已关注，正在核实”，由责任单位限时反馈核实情况",
}


def questions(step: str, verdict: str, danger: str) -> tuple[str, ...]:
    """Lists what is not known and the step is to find out; nothing is left to be verified after the verdict."""
    asked = QUESTIONS.get(step, () if verdict else ("所述情况是否属实",))
    if verdict:
        return tuple(one for one in asked if "属实" not in one)
    return (danger, *asked) if danger else asked


def known(verified: tuple[Deed, ...], verdict: str) -> tuple[str, ...]:
    """Tells what was verified by whom; "暂无" where nothing was."""
    told = tuple(f"{local(one.at)} {one.by}：{one.note or one.what}" for one in verified)
    return (f"核实结论：{verdict}", *told) if verdict else told or ("暂无经核实的情况",)


def express(
    *, topic: str, grade: str, verdict: str, claim: str, situation: Situation | None, deeds: tuple[Deed, ...],
    step: str, now: datetime,
) -> tuple[str, ...]:  # fmt: skip
    """Drafts the report upward; () where the step asks for none, or nothing is known to write of."""
    if step not in REPORTING or situation is None:
        return ()
    return (
        f"关于{matter(topic)}的情况报告（{grade}）",
        f"一、内容：{f'网传{claim}' if claim else '见附件摘录'}。",
        f"二、首发：{_first(situation)}",
        f"三、传播：{_spread(situation)}",
        f"四、真实性：{f'经核实为{verdict}' if verdict else '待核实'}。",
        f"五、处置：{_deeds(deeds)}",
        f"六、建议：{ADVICE[step]}。",
        f"（截至{local(now)}）领导意见：",
    )


def _first(now: Situation) -> str:
    one = now.first
    if one is None:
        return "待查。"
    place = "、".join(filter(None, (one.source, one.board, f"《{one.title}》" if one.title else "")))
    return f"{local(one.at)}，{place}，{address(one.url)}。"


def _spread(now: Situation) -> str:
    reached = "、".join(one.source for one in now.spread)
    sites = f"涉及 {len(now.spread)} 个平台（{reached}），" if reached else ""
    trend = f"，走势 {bars([one.negative for one in now.bars])}" if len(now.bars) > 1 else ""
    most = f"，峰值 {now.peak} 条" if now.peak > now.negative else ""
    return f"{sites}近 1 小时负面信息 {now.negative} 条{most}{trend}。"


def _deeds(deeds: tuple[Deed, ...]) -> str:
    done = "；".join(f"{local(one.at)}{one.by}{one.what}" for one in reversed(deeds))
    return f"{done}。" if done else "已转请值班人员研判。"
