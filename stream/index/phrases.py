"""Short phrases of a post, for counting what many say: Chinese text cut at punctuation and at words that mean little.

No dictionary: what is left between such words is kept as it is, so that new names and coinages show at once. It is for
looking at frequencies, not for searching.
"""

import regex

LONGEST = 8  # characters; what is longer is a sentence that hardly two people write alike
MOST = 20  # phrases of a post: a long one is not to outweigh many short ones

_WORDS = (
    "知道", "什么", "怎么", "怎样", "大家", "人家", "自己", "今天", "昨天", "明天", "前天", "现在", "刚才", "刚刚",
    "已经", "可以", "应该", "因为", "所以", "如果", "然后", "一下", "一点", "一直", "一个", "觉得", "希望", "时候",
    "以后", "之后", "真的", "请问", "求问", "求助", "转发", "扩散", "网传", "听说", "据说", "为什么", "没有",
)  # fmt: skip
_LITTLE = (
    "的了着过吗呢吧啊呀哦嘛哈嗯是在有和与及或就都也还又再很太更最不没我你他她它们这那个哪谁把被让给对从到向跟比请"
    "会能想说看去来要啦么"
)
_PART = regex.compile(f"[[\u4e00-\u9fff]--[{_LITTLE}]]{{2,}}", regex.VERSION1)


def phrases(*texts: str) -> list[str]:
    """Collects the phrases of two to `LONGEST` characters, each once, in their order; at most `MOST`."""
    found: dict[str, None] = {}
    for text in texts:
        for word in _WORDS:
            text = text.replace(word, " ")
        for part in _PART.findall(text):
            if len(part) <= LONGEST:
                found[part] = None
                if len(found) == MOST:
                    return list(found)
    return list(found)
