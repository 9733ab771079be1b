"""Error slices: kinds of text that a model may fail on, told by plain rules over the text as the model reads it."""

import re
from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

SHORT: Final = 10  # characters without emoticon tags

_TAG = re.compile(r"\[[^\[\]\s]{1,8}\]")
_NEGATION = re.compile(r"不|没|并非|(?<![特分区个级性类差告离])别(?![人墅致的处])")
_IRONY = re.compile(
    r"呵呵|厉害了|可真|真(?:会|行|够|是谢谢)|好样的|佩服|服了|醉了|牛逼|牛b|不愧|贵(?:司|方|公司|单位)|所谓|好意思|高大上|也是绝了"
    r"|[“\"'][^“”\"']{1,8}[”\"']|\[(?:微笑|呵呵|哼|白眼|鄙视|笑cry|doge|二哈|费解|挖鼻|吃瓜|摊手|拜拜|偷笑|允悲)\]"
)
_QUESTION = re.compile(  # in the data, several question marks or one after a blank are more often a lost emoji
    r"(?<![?\s])\?(?:\s|\[[^\]]*\])*$|请问|求问|问一下|谁知道|有没有人|怎么办|什么时候|为什么|吗[?。!~,\s]|吗$"
)
_NEWS = re.compile(
    r"^(?:#[^#]{1,30}#\s*)*【[^】]{4,}】|记者|据.{0,10}(?:报道|消息|通报|了解|介绍)"
    r"|通知|通告|公告|通报|新闻发布会|日电|截[至止].{0,6}\d|累计(?:确诊|报告)"
)


def slices_of(text: str) -> frozenset[str]:
    """Return the slices that a text belongs to, of SLICES."""
    found = {
        "short": len(_TAG.sub("", text)) <= SHORT,
        "negation": bool(_NEGATION.search(text)),
        "irony markers": bool(_IRONY.search(text)),
        "reposts": "// " in text,
        "questions": bool(_QUESTION.search(text)),
        "news-like": bool(_NEWS.search(text)) and "我" not in text,
    }
    return frozenset(name for name, holds in found.items() if holds)


SLICES: Final = ("short", "negation", "irony markers", "reposts", "questions", "news-like")


def masks(texts: Sequence[str]) -> Mapping[str, NDArray[np.bool_]]:
    """Tell which of some texts belong to each slice."""
    found = [slices_of(text) for text in texts]
    return {name: np.array([name in one for one in found], dtype=bool) for name in SLICES}
