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

# Said every day and of every matter, more of them where people write at length: times of the day and week, which come
# and go with the clock, what sites put into texts themselves, and the commonest words of two characters.
EVERYDAY = frozenset((
    "今天", "今日", "今晚", "今早", "今年", "昨天", "昨日", "昨晚", "明天", "明日", "明早", "后天", "现在",
    "刚刚", "刚才", "早上", "早晨", "上午", "中午", "下午", "傍晚", "晚上", "夜里", "凌晨", "半夜", "星期",
    "周末", "早安", "晚安", "早上好", "晚上好", "大家", "网友", "转发", "转发微博", "评论", "分享", "视频",
    "图片", "微博", "链接", "网页链接", "网页", "全文", "展开", "查看", "查看图片", "超话", "用户", "编辑",
    "发表", "发布", "回复", "楼主", "http", "https", "www", "com", "html", "自己", "我们", "你们", "他们",
    "别人", "有人", "个人", "一个", "一些", "一下", "一样", "一直", "一起", "一天", "几天", "每天", "几个",
    "个月", "有一", "没有", "有点", "不是", "不能", "不会", "不要", "不了", "不到", "不知道", "知道", "觉得",
    "感觉", "希望", "什么", "为什么", "怎么", "这么", "那么", "这个", "那个", "这些", "这样", "这种", "那种",
    "这里", "那里", "时候", "已经", "可以", "可能", "还是", "还有", "就是", "但是", "可是", "只是", "只有",
    "而且", "因为", "所以", "如果", "虽然", "然后", "之后", "以后", "之前", "以前", "真的", "真是", "其实",
    "应该", "出来", "起来", "下来", "上来", "出去", "看到", "看见", "听到", "看着", "比较", "非常", "特别",
    "好像", "东西", "事情", "问题", "地方", "朋友",
))  # fmt: skip
