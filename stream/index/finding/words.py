"""What staff read in place of a post's keys."""

from stream.index.port import Order
from stream.index.query import Role
from stream.messages import Act, Kind, Label

LABEL_NAMES = {Label.NEGATIVE: "负面", Label.NEUTRAL: "中性", Label.POSITIVE: "正面", Label.UNCERTAIN: "待人工判断"}
ACT_NAMES = {
    Act.APPEAL: "诉求",
    Act.QUESTION: "疑问",
    Act.STATEMENT: "陈述",
    Act.MOCKERY: "嘲讽",
    Act.CALL: "号召",
    Act.CLARIFICATION: "澄清",
}
KIND_NAMES = {
    Kind.THREAD: "主题帖",
    Kind.REPLY: "回帖",
    Kind.ARTICLE: "文章",
    Kind.COMMENT: "评论",
    Kind.STATUS: "动态",
    Kind.SUGGESTION: "建议",
}
ORDER_NAMES = {Order.NEWEST: "按时间", Order.NEGATIVE: "按负面概率", Order.REPLIES: "按回复数"}
ROLE_NAMES = {Role.REQUIRED: "必含", Role.ANY_OF: "任一", Role.FORBIDDEN: "不含"}
UNVERIFIED = "【待核实】"  # a post with a cue: nobody has found out whether it is true
