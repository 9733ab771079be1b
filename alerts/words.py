"""What the keys of the workflow and of a case's record are called by those who read them."""

from collections.abc import Mapping
from datetime import datetime

from stream.process.clock import local_time

STAGE_NAMES: Mapping[str, str] = {
    "screening": "初筛研判",
    "reporting": "上报",
    "verifying": "核实",
    "wording": "拟定口径",
    "approving": "口径审批",
    "responding": "澄清/回应",
    "planning": "整改安排",
    "remedying": "回应与整改",
    "guiding": "引导",
    "tracking": "跟踪销号",
    "reviewing": "复盘",
    "archived": "已归档",
    "false_alarm": "误报",
    "merged": "已并案",
    "trouble": "故障处置",
    "mended": "故障已排除",
}
STEP_NAMES: Mapping[str, str] = {
    "acknowledge": "签收",
    "judge": "初筛研判",
    "report": "上报",
    "verify": "核实",
    "word": "拟定口径",
    "approve": "口径审批",
    "respond": "澄清/回应",
    "plan": "整改安排",
    "remedy": "整改",
    "guide": "引导",
    "close": "跟踪销号",
    "review": "复盘",
    "take": "故障签收",
    "mend": "排除故障",
}
ACTION_NAMES: dict[str, str] = {
    "acknowledge": "签收",
    "judge": "研判结论：属实舆情，予以上报",
    "judge_false_alarm": "研判结论：误报",
    "report": "上报",
    "verify": "核实结论",
    "first_word": "首次表态",
    "draft": "拟定口径",
    "approve": "口径审批通过",
    "send_back": "口径退回修改",
    "clarify": "发布澄清",
    "respond": "公开回应",
    "plan_remedy": "安排整改",
    "remedied": "完成整改",
    "guide": "引导",
    "track": "跟踪记录",
    "close": "办结销号",
    "review": "复盘",
    "reopen": "重新立案",
    "take": "签收故障",
    "mended": "排除故障",
    "no_fault": "查无故障",
}
ORDER_NAMES: dict[str, str] = {
    "assign": "转办",
    "copy": "抄送",
    "supervise": "督办",
    "regrade": "调整等级",
    "merge": "并案",
    "split": "拆分立案",
}
EVIDENCE_NAMES: dict[str, str] = {
    "secure_pages": "网页存证",
    "look_at_page": "查看存证网页",
}
OLD_NAMES: dict[str, str] = {"remedy": "完成整改"}  # actions of versions before, in histories that stay as they are
VERDICT_NAMES: Mapping[str, str] = {
    "rumour": "谣言",
    "true": "属实",
    "partly_true": "部分属实",
    "opinion": "观点/评价",
    "unverifiable": "无法核实",
    "not_ours": "非本单位",
}
EVENT_NAMES: dict[str, str] = {
    "opened": "立案",
    "rose": "明显上升",
    "news": "出现新情况",
    "calm": "已恢复平静",
    "restless": "再度活跃",
    "rekindled": "复燃",
    "joined": "并入事件有新情况",
    "warned": "临期提醒",
    "escalated": "超时升级",
    "sent": "通知已送达服务器",
    "second_channel": "主通道不通，已走第二通道",
    "sent_without_text": "服务器拒收内容，改发不含引文的通知",
    "not_delivered": "通知被拒收",
    "recovered": "故障已自行恢复",
    "resumed": "自查发现无人办理，已补派",
}
COUNTER_NAMES: Mapping[str, str] = {"views": "阅读", "replies": "回复", "likes": "点赞", "reposts": "转发"}
UNVERIFIED = "待核实"
UNDECIDED = "未定"


def event_name(kind: str) -> str:
    """Names what happened, or was done; the key itself for a kind of another version."""
    return (EVENT_NAMES | ACTION_NAMES | ORDER_NAMES | EVIDENCE_NAMES | OLD_NAMES).get(kind, kind)


def clock_time(moment: datetime, now: datetime) -> str:
    """Writes a time in Asia/Shanghai as it is said at `now`: the minute, with the day where it is another one."""
    today = local_time(moment, "%F") == local_time(now, "%F")
    return local_time(moment, "%H:%M" if today else "%-m月%-d日%H:%M")
