"""Characters and words that say nothing by themselves: never the edge of a term, or never a term. Set by us."""

# Particles, pronouns, conjunctions and adverbs: a term that has one at its edge goes on in many ways, and says the same
# without it (停电, not 停电了). Those with which nouns and verbs of our trade begin or end are left to the past, which
# knows that they are common: 应急 有毒 不明 没电 真相 被困 还钱 更换 就业, 供应 工会 原因 首都 听说 许可.
NEVER_FIRST = frozenset(
    "的了着吗呢吧啊呀哦嘛嗯喔哟啦哎唉咯噢们么我你您他她它咱俺这那哪谁啥是在于和与及或但而且若虽也都又再才把让很最"
)
NEVER_LAST = frozenset(
    "的了着吗呢吧啊呀哦嘛嗯喔哟啦哎唉咯噢哈么我你您他她它咱俺这那哪是在于和与或但而且若虽也又再被把让跟很更最太不没未该"
)

# Said every day and of every matter: times of the day and week, which come and go with the clock, and what sites put
# into texts themselves.
EVERYDAY = frozenset((
    "今天", "今日", "今晚", "今早", "今年", "昨天", "昨日", "昨晚", "明天", "明日", "明早", "后天", "现在",
    "刚刚", "刚才", "早上", "早晨", "上午", "中午", "下午", "傍晚", "晚上", "夜里", "凌晨", "半夜", "星期",
    "周末", "早安", "晚安", "早上好", "晚上好", "大家", "网友", "转发", "转发微博", "评论", "分享", "视频",
    "图片", "微博", "链接", "网页链接", "网页", "全文", "展开", "查看", "查看图片", "超话", "用户", "编辑",
    "发表", "发布", "回复", "楼主", "http", "https", "www", "com", "html",
))  # fmt: skip
