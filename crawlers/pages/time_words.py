"""What stands around a time on a page, and Chinese numerals: taken off before a time is read."""

import re
from functools import lru_cache
from unicodedata import normalize

from crawlers.pages.time_forms import DAY_NAME, ENGLISH_WEEKDAYS, MONTH_NAMES

LONGEST = 80  # characters; no site writes a time longer than this
# Dashes and colons out of word processors, and spellings of which the forms know one.
_ALIKE = str.maketrans(
    dict.fromkeys("‐–—―−", "-") | {"∶": ":", "꞉": ":", "\\": "/", "淩": "凌", "間": "间", "禮": "礼"}
    | {"廿": "二十", "卅": "三十"}
)  # fmt: skip
_DONE = "(?:posted|published|updated?|modified|edited|created|submitted|added)"
_LABEL = re.compile(
    r"(?:(?!注册|登[录陆]|截[止至]|结束|开始|有效|到期|失效|出生|活动|会议|停[电水气]|检修|施工|恢复|预[计约]|计划)"
    r"[\u4e00-\u9fff]{2,4}(?:[时時]间|日期)\s*:\s*)?"
    rf"(?:(?:first |last )?{_DONE}(?: date)?(?: by .{{1,20}}? (?=on\b))?"
    rf"|(?:publi(?:sh|cation) |post )?(?:date|time)(?: {_DONE})?"
    r"|(?:本帖)?(?:最[后後]由 .{1,20}? ?[于於]"
    r"|(?:最[后後]|(?:网友|官方|单位|部门|已)(?=[发發回答留提]))?(?:[发發][表布佈稿帖]|[編编][辑輯]|更新|修改"
    r"|[回答][复復覆]|刊[发發]|[创創][建作]|受理|采集|入[库庫]|上[传傳]|提交|留言|[张張][贴貼])?(?:[于於]|[时時][间間]|日期)?))"
    r"\s*(?:on\b|at\b|:)?\s*(?:北京[时時][间間])?\s*:?\s*"
)
_FLOOR = r"[\[(]?(?:#\s?\d{1,6}|(?:第\s*)?\d{1,6}\s*(?:[楼樓#]|f\b)|[楼樓层層]主|lz\b|沙[发發]|板凳|地板)[\])]?"
# What templates put beside a time: to be counted or to be clicked. Each is a word of its own there.
_COUNTED = (
    "阅读 閱讀 浏览 瀏覽 点击 點擊 访问 查看 看过 围观 人气 热度 评论 評論 回复 回復 跟帖 跟贴 赞 点赞 "
    "view views reply replies comment comments"
).replace(" ", "|")
_CLICKED = (
    "只看该作者 只看該作者 只看他 只看她 只看大图 显示全部楼层 顯示全部樓層 倒序浏览 阅读模式 举报 舉報 引用 "
    "收藏 分享 转发 打印 关闭 纠错 字体 字號 字号 电梯直达 使用道具"
).replace(" ", "|")
# What stands before a time as often as behind it: who wrote it, and where. A sign is decoration; one of money is not.
_BEFORE = re.compile(
    r"(?:(?:信息|文章|稿件|新闻)?(?:[来來][源自]|稿源|作者|[编編][辑輯]|[记記]者)\s*:\s*[^\s:]{1,40}\s+)+(?=\D{0,8}\d)"
    r"|.*?\s(?=[发發][布佈表](?:[时時]间|日期)\s*:)|[^:]*:.*?\s(?=(?:[时時]间|日期)\s*:\s*\d)"
    r"|[\u4e00-\u9fff]{2,12}(?:[网網报報社台]|客户端)\s+(?=\d{4}\s*[-/.年])"
    rf"|(?:(?:ip ?属地\s*:|[来來]自)[^\d\s]{{1,12}}\s*)*{_FLOOR}\s*[:|·•・]?\s*(?=\S)"
    rf"|(?:{_CLICKED}|大\s+中\s+小)\s+"
    r"|\S{1,20}\s+(?=[发發][表布佈帖][于於]\s*[\d今昨前刚半])"
    r"|[»›|·•・>*~\"'“”\u2190-\u2bff\ue000-\uf8ff\U0001f000-\U0001faff\ufe0f]+\s*|-\s+"
)
_WEEKDAY_FIRST = re.compile(  # the date behind it says it too
    rf"(?:{DAY_NAME}|(?:{'|'.join(ENGLISH_WEEKDAYS)})(?:[a-z]{{0,3}}day)?\.?)\s*,?\s*"
    r"(?=\d{4}\s*[-/.年]|\d{1,2}\s*[-/月]\s*\d)"
)
_WEEKDAY_LAST = re.compile(rf"(?<=\d)\s*[,(\[]?\s*{DAY_NAME}[)\]]?$")
_PLACES = (  # as networks show where a writer's address is
    "北京 天津 河北 山西 内蒙古 辽宁 吉林 黑龙江 上海 江苏 浙江 安徽 福建 江西 山东 河南 湖北 湖南 广东 广西 海南 重庆 "
    "四川 贵州 云南 西藏 陕西 甘肃 青海 宁夏 新疆 香港 澳门 台湾 中国香港 中国澳门 中国台湾 美国 英国 日本 韩国 加拿大 "
    "澳大利亚 新西兰 新加坡 马来西亚 泰国 越南 印度尼西亚 菲律宾 德国 法国 意大利 西班牙 荷兰 瑞士 俄罗斯 "
    "阿联酋 海外 未知"
).replace(" ", "|")
_APART = "[|·・•]"
_BEHIND = re.compile(
    rf"\s*(?:{_APART}[^|·・•]*|"
    r"(?:[来來][自源]|稿源|出处|转?[发發]自|(?:责任)?[作編编记][者辑輯]\s*[: ]|文/"
    r"|\[?ip ?[属屬:]|[阅閱][读讀]|[浏瀏][览覽]|via |from ).*"
    r"|(?:(?<=\s)|(?=[\[(【]))(?:已被|共)?\s?(?:[\d,.]+\s?[万w]?\s?[次人条個个]?\s?)?"
    rf"[\[(【]?(?:{_COUNTED}|{_CLICKED})(?:次数|量|数)?(?=$|[\s:\d(\[]).*"
    r"|(?<=\s)[\[(]?\s*大\s+中\s+小.*|(?<=\s)(?:手机|电脑|[网網]页)(?:[版端]|[发發][布表]|频道).*"
    r"|(?<=\s)[\u4e00-\u9fff]{2,6}(?:[时時]间|日期)\s*:.*|(?<=\s)[\u4e00-\u9fff]{2,12}(?:[网網报報社台]|客户端)"
    rf"|(?<=\s){_FLOOR}|(?<=\s)\d{{1,3}}(?:\.(?:\d{{1,3}}|\*)){{3}}"
    r"|\((?:[今昨前]天|(?:大前|\d{1,3}\s*)天前?|\d{1,3}\s*(?:小时|分钟|个?月|年)前)\)"
    r"|(?<=[日号號天一二三四五六])\s*,?\s*\(?[农農阴陰][历曆].*"  # the same day by the old calendar
    r"|\((?:北京|本地|东八区)?[时時]间?[間]?\)|北京[时時][间間]|\[[a-z_]+/[a-z_/+-]+\]"
    r"|[(\[]?已?(?:[发發][布佈表帖]|更新|[編编][辑輯]|修改|回[复復覆]|[評评][论論]|上[传傳]|提交)[了过]?[)\]]?"
    r"(?:\s*\d{1,3}\s*次)?|\(?edited\)?|左右|[许許]"
    rf"|(?:(?<=\s)|[发發][布佈表][于於]\s*)(?:{_PLACES})(?:省|市|自治区)?|[.,;。、\"'“”*]+|\s[-|>]+)$"
)
# 江苏南京 电信, 状态：已办结. Only behind a day with its year, since 11-28 江苏停电 is a sentence.
_BEHIND_A_DATE = re.compile(
    rf"\s+(?:(?:{_PLACES})省?(?!.*[时時][间間])[\u4e00-\u9fff]{{2,5}}(?:\s*(?:电信|移动|联通|铁通|教育网))?"
    r"|[\u4e00-\u9fff]{2,6}\s*:.*)$"
)
_ZONE_APART = re.compile(r"\s*\((utc|gmt)\s?([+-]\d{1,2}(?::?\d{2})?)?\)$")
_PART_ALONE = re.compile(  # 11月28日上午: the day is told
    r"(?<=[日号號天一二三四五六])\s*(?:[上下中]午|[早晚]上|凌晨|清晨|傍晚)$"
)
_NUMBER = "[0-9〇零○一二三四五六七八九十]"
_MONTH = f"(?:{'|'.join(MONTH_NAMES)})"
# What stands behind a time and says a day of its own, or a clock; not `iOS 17.4.1`, `一点资讯`, `今日头条`.
_DAY_BEHIND = re.compile(
    rf"\d{{4}}\s*[-/.年]\s*\d|(?<!\d)20\d{{6}}(?!\d)|\d\s*[-/.]\s*\d{{4}}\b|{_NUMBER}\s*月\s*{_NUMBER}"
    r"|(?<![\w.-])\d{1,2}[-/]\d{1,2}(?:[-/]\d{2})?(?![\w.-])"
    rf"|\b{_MONTH}[a-z]{{0,6}}\.? \d|\d(?:st|nd|rd|th)? {_MONTH}"
    rf"|^\s*{_APART}\s*(?:(?:19|20)\d\d年?$|\d{{1,2}}\.\d{{1,2}}$|.*\d.*(?:前|\bago)$|.*{DAY_NAME}"
    r"|.*(?:[昨前今][天早晚晨]|昨日|today|yesterday))"
)
_CLOCK_BEHIND = re.compile(rf"\d\s*:\s*\d\d|{_NUMBER}\s*[时時]|\d\s*[点點]|\d ?[ap]\.?m\b")
_CLOCK_FIRST = re.compile(
    r"(?P<clock>(?:[上下]午|凌晨|[早晚]上|中午)?\s?\d{1,2}:\d{2}(?::\d{2})?(?: ?[ap]\.?m\.?)?)\s*[\s,]\s*"
    rf"(?P<day>(?:\d|[今昨前]|(?:{_MONTH}|{'|'.join(ENGLISH_WEEKDAYS)})[a-z]{{0,6}}\b).*)"
)
_OLD_CALENDAR = re.compile(r"\s*,?\s*\(?[农農阴陰][历曆]")
_YEAR_TOLD = re.compile(rf"{_NUMBER}{{4}}")
_WHOLE = re.compile(rf"{_YEAR_TOLD.pattern}.*{_NUMBER}\s*[:时時点點]")  # its year and its clock: nothing is missing
_DATE_TOLD = re.compile(rf"{_NUMBER}{{4}}\s*[-/.年]\s*{_NUMBER}[^a-z]*")
_SAYS_A_TIME = re.compile(
    r"\d\s*[-/.年月]\s*\d|\d\s*:\s*\d\d|\d\s*[点點时時]|\d.{0,4}前|刚[刚才]|[今昨前]天|\bago\b|today|yesterday|just now"
    rf"|{_MONTH}[a-z]{{0,6}} ?\d"
)
_SAYS_A_DAY = re.compile(r"\d\s*[-/.年月]\s*\d")
_BRACKETS = re.compile(r"[(\[【]\s*([^()\[\]【】]*\d)\s*[)\]】]")
_BARE = re.compile(  # nearly every time: nothing is behind it, and no numeral in it
    r"(?!1\d\d[-.])\d(?:[0-9:t.+ -]*[\dz])?|[a-z]{3}, \d{1,2} [a-z]{3} \d{4} [\d:]{8} (?:[+-]\d{4}|gmt)"
    r"|[a-z]{3} [a-z]{3} \d{1,2} [\d:]{8} [+-]\d{4} \d{4}"
)
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
    words, behind = words.translate(_ALIKE), ""
    while behind != words:  # such as `3楼 张三 发表于 2026-11-28 10:20`
        behind, words = words, _without_label(words[source.end() :] if (source := _BEFORE.match(words)) else words)
    words = words[day.end() :] if (day := _WEEKDAY_FIRST.match(words)) else words
    words = inner[1] if (inner := _BRACKETS.fullmatch(words)) else words
    before = ""
    while before != words:  # such as `10:20 发布 来自 微博网页版.`
        before, words = words, _without_rest(words)
    if (day := _WEEKDAY_LAST.search(words)) and _SAYS_A_DAY.search(words[: day.start()]):
        words = words[: day.start()]
    words = _ZONE_APART.sub(r" \1\2", _PART_ALONE.sub("", words))
    return _ROC.sub(lambda match: str(1911 + int(match[1] or match[2])), _NUMERAL.sub(_arabic, words))


def orders(words: str) -> list[str]:
    """Lists how to read what `said` leaves: as it stands; of two parts, both orders without what parts them.

    A clock may stand before its day without anything that parts them: `20:33 2026-11-27`.
    """
    parts = [part.strip() for part in re.split(_APART, words) if part.strip()]
    if len(parts) == 1 and (first := _CLOCK_FIRST.fullmatch(words)):
        return [words, f"{first['day']} {first['clock']}"]
    if len(parts) != 2:
        return parts if len(parts) == 1 else [words]
    return [" ".join(parts), " ".join(reversed(parts))]


def _without_label(words: str) -> str:
    return words[label.end() :] if (label := _LABEL.match(words)) else words


def _without_rest(words: str) -> str:
    """Takes off what stands behind a time; not all of it, where it seems to begin with that and says a day.

    Nor what says a day or a clock where the time before it may lack it: cut, it would be another time.
    """
    if (rest := _BEHIND_A_DATE.search(words)) and _DATE_TOLD.fullmatch(words[: rest.start()]):
        return words[: rest.start()]
    rest = _BEHIND.search(words)
    if rest is None or (rest.start() == 0 and _SAYS_A_TIME.search(words)):
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
