"""What is commonly written with an act, offered so that nobody types it on a phone; by the keys of actions and orders.

Written for offices as ours; an answer says what was done, never that a claim is false before it was verified.
"""

from collections.abc import Mapping

NOTES: Mapping[str, tuple[str, ...]] = {
    "judge": ("属实舆情，予以上报", "涉及人身安全，立即上报"),
    "judge_false_alarm": ("误报：日常咨询，非负面", "误报：与本单位无关", "误报：旧帖翻出"),
    "report": ("已电话报告分管领导", "已报送书面快报"),
    "verify": ("经现场核实", "经查阅系统记录核实"),
    "first_word": ("已对外表态：已关注，正在核实",),
    "approve": ("同意",),
    "send_back": ("请补充事实依据", "请调整措辞"),
    "clarify": ("已在官网、公众号发布", "已由发言人答复"),
    "respond": ("已在官网、公众号发布", "已在原帖回复"),
    "plan_remedy": ("限期整改，专人负责",),
    "remedied": ("已整改到位，现场照片存档",),
    "guide": ("已在原帖回复", "已联系发帖人沟通"),
    "track": ("热度回落，继续观察",),
    "close": ("热度已回落，诉求已办结",),
    "review": ("各环节按时限办结",),
    "reopen": ("再度升温，重新处置",),
    "mended": ("已恢复采集", "已联系对方恢复"),
    "no_fault": ("核对正常，系对方维护",),
    "assign": ("属贵岗位职责，请牵头办理",),
    "copy": ("请知悉",),
    "supervise": ("影响较大，请抓紧办理",),
    "regrade": ("影响范围扩大", "影响有限"),
    "merge": ("系同一事件",),
    "split": ("系另一事件",),
}


def with_template(chosen: str, typed: str) -> str:
    """Puts what was chosen before what was typed."""
    return "；".join(one for one in (chosen, typed) if one)
