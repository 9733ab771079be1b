"""What stands around a time on a page, and Chinese numerals: taken off before a time is read."""

import re
from functools import lru_cache
from unicodedata import normalize

LONGEST = 80  # characters; no site writes a time longer than this
_LABEL = re.compile(
    r"(?:本帖)?(?:最[后後]由 .{1,20}? ?[于於]|(?:最[后後])?(?:[发發][表布佈稿帖]|[編编][辑輯]|更新|修改|回[复復覆]"
    r"|刊[发發]|[创創]建|受理|采集|入[库庫])?(?:[于於]|[时時][间間]|日期)?|posted|published|updated|date|last modified)"
    r"\s*(?:on\b|at\b|:)?\s*(?:北京[时時][间間])?\s*:?\s*"
)
_BEHIND = re.compile(
    r"\s*(?:[|·・•].*|(?:[来來][自源]|[发發]自|[作編编][者辑輯]\s*:|ip ?[属屬]|[阅閱][读讀]|[浏瀏][览覽]|via |from ).*"
    r"|\((?:北京|本地|东八区)?[时時]间?[間]?\)|北京[时時][间間]|\[[a-z_]+/[a-z_/+-]+\]"
    r"|(?:[发發][布佈表帖]|更新|[編编][辑輯]|修改|回[复復覆]|[评評][论論])[了过]?|左右|[许許]|[.,;。、]+)$"
)
_BARE = re.compile(r"[0-9: -]+")  # nearly every time: nothing is behind it, and no numeral in it
_ROC = re.compile(r"民[国國]\s*(\d{2,3})\s*年")  # years since 1911, on pages from Taiwan
_DIGITS = {"〇": 0, "零": 0, "○": 0, "一": 1, "二": 2, "三": 3, "四": 4, "五": 5, "六": 6, "七": 7, "八": 8, "九": 9}
# Not 两 and 半: they count, and never date. Not behind 周 and 星期: that is a day of the week.
_NUMERAL = re.compile(
    rf"(?<![周週期拜{''.join(_DIGITS)}十])[{''.join(_DIGITS)}十]+(?=\s*(?:年|月|日|[号號]|[时時]|[点點]|分|秒|[个個小天]))"
)


@lru_cache(maxsize=64)  # what was not understood is asked for a second time
def said(text: str) -> str:
    """Returns the words of `text` that say a time, in lower case, NFKC, single spaces, digits for Chinese numerals.

    A label before (`发布时间：`) and what stands behind (`来自 iPhone客户端`, `来源：…`, `发布`) are no part of it.
    """
    words = " ".join(normalize("NFKC", text[: 4 * LONGEST]).lower().split())
    words = words[label.end() :] if (label := _LABEL.match(words)) else words
    if _BARE.fullmatch(words):
        return words
    before = ""
    while before != words:  # such as `10:20 发布 来自 微博网页版.`
        before, words = words, _BEHIND.sub("", words).rstrip()
    return _NUMERAL.sub(_arabic, _ROC.sub(lambda match: f"{1911 + int(match[1])}年", words))


def _arabic(match: re.Match[str]) -> str:
    """Writes 二〇二六 as 2026, 二十八 as 28, 十一 as 11; digits of a date or a clock never go beyond 99 otherwise."""
    words = match[0]
    if "十" not in words:
        return "".join(str(_DIGITS[digit]) for digit in words)
    tens, _, ones = words.partition("十")
    if len(tens) > 1 or len(ones) > 1:
        return words
    return str(10 * _DIGITS.get(tens, 1) + _DIGITS.get(ones, 0))
