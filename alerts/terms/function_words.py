"""Words that say nothing by themselves: never the edge of a term, or never a term."""

# A term that begins or ends with one of these goes on in many ways, or says the same without it: 停电 and not 停电了.
# The closed classes of Chinese (particles, pronouns, prepositions, conjunctions, adverbs of degree, measure words) as
# far as they are single characters; those that also make nouns (地 方 上 下 后 站 子) are not here, the past tells them.
FUNCTION = frozenset(
    "的了着过得地之吗呢吧啊呀哦嘛哈嗯喔哟啦哎唉咯噢"
    "我你您他她它咱俺们自己这那此该每各某谁啥哪么何几"
    "是有在于从向往对把被让给跟和与及或但而且因所以如若虽则即若为由将就才又再也还都只仅很太更最挺非真好像"
    "不没别未无莫勿要会能可想该应得说去来到个些种次位件条一二两三四五六七八九十百千万亿"
)

# Said every day and everywhere, of every matter: times of the day and week, which come and go with the clock, and what
# sites put into texts themselves.
EVERYDAY = frozenset(
    "今天 今日 今晚 今早 今年 昨天 昨日 昨晚 明天 明日 明早 后天 现在 刚刚 刚才 早上 早晨 上午 中午 下午 傍晚 晚上 夜里 "
    "凌晨 半夜 星期 周末 早安 晚安 早上好 晚上好 大家 网友 转发 转发微博 评论 分享 视频 图片 微博 链接 网页链接 网页 全文 "
    "展开 查看 查看图片 超话 用户 编辑 发表 发布 回复 楼主 http https www com html".split()
)
