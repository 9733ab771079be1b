"""What stands around a time on a page, and Chinese numerals: taken off before a time is read."""

import re
from functools import lru_cache
from unicodedata import normalize

from crawlers.pages.time_forms import MONTH_NAMES

LONGEST = 80  # characters; no site writes a time longer than this
# Dashes and colons out of word processors, and spellings of which the forms know one.
_ALIKE = str.maketrans(
    dict.fromkeys("‐–—―−", "-") | {"∶": ":", "꞉": ":", "\\": "/", "淩": "凌", "間": "间", "禮": "礼"}
    | {"廿": "二十", "卅": "三十"}
)  # fmt: skip
_LABEL = re.compile(
    r"(?:(?!注册|登[录陆]|截[止至]|结束|开始|有效|到期|失效|出生|活动|会议)[\u4e00-\u9fff]{2,4}(?:[时時]间|日期)\s*:\s*)?"
    r"(?:本帖)?(?:最[后後]由 .{1,20}? ?[于於]|(?:最[后後])?(?:[发發][表布佈稿帖]|[編编][辑輯]|更新|修改|回[复復覆]"
    r"|刊[发發]|[创創]建|受理|采集|入[库庫])?(?:[于於]|[时時][间間]|日期)?|posted|published|updated|date|last modified)"
    r"\s*(?:on\b|at\b|:)?\s*(?:北京[时時][间間])?\s*:?\s*"
)
_BEFORE = re.compile(  # who wrote it stands before the time as often as behind it
    r"(?:(?:信息|文章|稿件|新闻)?(?:[来來][源自]|稿源|作者|[编編][辑輯]|[记記]者)\s*:\s*[^\s:]{1,40}\s+)+(?=\D{0,8}\d)"
    r"|[\u4e00-\u9fff]{2,12}(?:[网網报報社台]|客户端)\s+(?=\d{4}\s*[-/.年])"
)
_PLACES = (  # as networks show where a writer's address is
    "北京 天津 河北 山西 内蒙古 辽宁 吉林 黑龙江 上海 江苏 浙江 安徽 福建 江西 山东 河南 湖北 湖南 广东 广西 海南 重庆 "
    "四川 贵州 云南 西藏 陕西 甘肃 青海 宁夏 新疆 香港 澳门 台湾 中国香港 中国澳门 中国台湾 美国 英国 日本 韩国 加拿大 "
    "澳大利亚 新西兰 新加坡 马来西亚 泰国 越南 印度尼西亚 菲律宾 德国 法国 意大利 西班牙 荷兰 瑞士 俄罗斯 "
    "阿联酋 海外 未知"
).replace(" ", "|")
_APART = "[|·・•]"
_BEHIND = re.compile(
    rf"\s*(?:{_APART}[^|·・•]*|"
    r"(?:[来來][自源]|[发發]自|[作編编][者辑輯]\s*:|ip ?[属屬]|[阅閱][读讀]|[浏瀏][览覽]|via |from ).*"
    r"|(?<=[日号號天一二三四五六])\s*,?\s*\(?[农農阴陰][历曆].*"  # the same day by the old calendar
    r"|\((?:北京|本地|东八区)?[时時]间?[間]?\)|北京[时時][间間]|\[[a-z_]+/[a-z_/+-]+\]"
    r"|[(\[]?已?(?:[发發][布佈表帖]|更新|[編编][辑輯]|修改|回[复復覆]|[評评][论論])[了过]?[)\]]?|\(?edited\)?|左右|[许許]"
    rf"|(?<=\s)(?:{_PLACES})(?:省|市|自治区)?|[.,;。、]+)$"
)
_PART_ALONE = re.compile(r"(?<=[日号號天])\s*(?:[上下中]午|[早晚]上|凌晨|清晨|傍晚)$")  # 11月28日上午: the day is told
_NUMBER = "[0-9〇零○一二三四五六七八九十]"
_MONTH = f"(?:{'|'.join(MONTH_NAMES)})"
_WEEKDAY_NAME = r"(?:[周週]|星期|[礼禮]拜)[一二三四五六日天]"
# What stands behind a time and says a day of its own, or a clock; not `iOS 17.4.1`, `一点资讯`, `今日头条`.
_DAY_BEHIND = re.compile(
    rf"\d{{4}}\s*[-/.年]\s*\d|(?<!\d)20\d{{6}}(?!\d)|\d\s*[-/.]\s*\d{{4}}\b|{_NUMBER}\s*月\s*{_NUMBER}"
    r"|(?<![\w.-])\d{1,2}[-/]\d{1,2}(?:[-/]\d{2})?(?![\w.-])"
    rf"|\b{_MONTH}[a-z]{{0,6}}\.? \d|\d(?:st|nd|rd|th)? {_MONTH}"
    rf"|^\s*{_APART}\s*(?:(?:19|20)\d\d年?$|\d{{1,2}}\.\d{{1,2}}$|.*\d.*(?:前|\bago)$|.*{_WEEKDAY_NAME}"
    r"|.*(?:[昨前今][天早晚晨]|昨日|today|yesterday))"
)
_CLOCK_BEHIND = re.compile(rf"\d\s*:\s*\d\d|{_NUMBER}\s*[时時]|\d\s*[点點]|\d ?[ap]\.?m\b")
_OLD_CALENDAR = re.compile(r"\s*,?\s*\(?[农農阴陰][历曆]")
_YEAR_TOLD = re.compile(rf"{_NUMBER}{{4}}")
_WHOLE = re.compile(rf"{_YEAR_TOLD.pattern}.*{_NUMBER}\s*[:时時点點]")  # its year and its clock: nothing is missing
_SAYS_A_DAY = re.compile(r"\d\s*[-/.年月]\s*\d")
_BRACKETS = re.compile(r"[(\[【]\s*([^()\[\]【】]*\d)\s*[)\]】]")
_BARE = re.compile(r"(?!1\d\d-)[0-9: -]+")  # nearly every time: nothing is behind it, and no numeral in it
_ROC = re.compile(  # years since 1911, on pages from Taiwan: no other year has three digits
    r"民[国國]\s*(\d{2,3})(?=\s*[-/.年])|^(1\d\d)(?=\s*[-/.年]\s*\d{1,2}\s*[-/.月]\s*\d{1,2})"
)
_DIGITS = {"〇": 0, "零": 0, "○": 0, "一": 1, "二": 2, "三": 3, "四": 4, "五": 5, "六": 6, "七": 7, "八": 8, "九": 9}
# Not 两 and 半: they count, and never date. Not behind 周 and 星期: that is a day of the week.
_NUMERAL = re.compile(
    rf"(?<![周週期拜{''.join(_DIGITS)}十])[{''.join(_DIGITS)}十][{''.join(_DIGITS)}十百0o]*"
    r"(?=\s*(?:年|月|日|[号號]|[时時]|[点點]|分|秒|[个個小天]))"
)


@lru_cache(maxsize=64)  # what was not understood is asked for a second time
def said(text: str) -> str:
    """Returns the words of `text` that say a time, in lower case, NFKC, single spaces, digits for Chinese numerals.

    A label before (`发布时间：`) and what stands behind (`来自 iPhone客户端`, `来源：…`, `发布`) are no part of it.
    What stands behind and says a day or a clock that the time may lack is: `3:05 PM · Nov 20, 2026` stays whole.
    """
    words = " ".join(normalize("NFKC", text[: 4 * LONGEST]).lower().split())
    if _BARE.fullmatch(plain := _without_label(words)):
        return plain
    words = words.translate(_ALIKE)
    words = _without_label(words[source.end() :] if (source := _BEFORE.match(words)) else words)
    words = inner[1] if (inner := _BRACKETS.fullmatch(words)) else words
    before = ""
    while before != words:  # such as `10:20 发布 来自 微博网页版.`
        before, words = words, _without_rest(words)
    words = _PART_ALONE.sub("", words)
    return _ROC.sub(lambda match: str(1911 + int(match[1] or match[2])), _NUMERAL.sub(_arabic, words))


def orders(words: str) -> list[str]:
    """Lists how to read what `said` leaves: as it stands; of two parts, both orders without what parts them."""
    parts = [part.strip() for part in re.split(_APART, words) if part.strip()]
    if len(parts) != 2:
        return parts if len(parts) == 1 else [words]
    return [" ".join(parts), " ".join(reversed(parts))]


def _without_label(words: str) -> str:
    return words[label.end() :] if (label := _LABEL.match(words)) else words


def _without_rest(words: str) -> str:
    """Takes off what stands behind a time; not all of it, where it seems to begin with that and says a day.

    Nor what says a day or a clock where the time before it may lack it: cut, it would be another time.
    """
    rest = _BEHIND.search(words)
    if rest is None or (rest.start() == 0 and _SAYS_A_DAY.search(words)):
        return words
    before, behind = words[: rest.start()].rstrip(), words[rest.start() :]
    return words if before and _may_lack(before, behind) else before


def _may_lack(before: str, behind: str) -> bool:
    if _WHOLE.search(before) or _OLD_CALENDAR.match(behind):
        return False
    if _DAY_BEHIND.search(behind):
        return not _YEAR_TOLD.search(before)
    return _CLOCK_BEHIND.search(behind) is not None


def _arabic(match: re.Match[str]) -> str:
    """Writes 二〇二六 as 2026, 二十八 as 28, 十一 as 11, 一百一十五 as 115."""
    words = match[0]
    if "十" not in words and "百" not in words:
        return "".join(str(_DIGITS.get(digit, 0)) for digit in words)
    hundreds, hundred, below = words.rpartition("百")
    tens, ten, ones = below.rpartition("十")
    parts = (hundreds, tens.lstrip("零"), (ones if ten else below).lstrip("零"))
    if any(len(part) > 1 for part in parts):
        return words
    most, more, least = (_DIGITS.get(part, 0) for part in parts)
    return str(100 * (most or bool(hundred)) + 10 * (more or bool(ten)) + least)
