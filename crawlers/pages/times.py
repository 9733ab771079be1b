"""Every way a Chinese site writes a time, read relative to the server's own clock."""

# Not dateutil, not dateparser: both guess where a site's form is fixed (dateutil takes "5" for a day of this month and
# knows no Chinese; dateparser is silent on 半小时前 and 昨晚8点), and a guessed time opens a false spike. email.utils
# reads the English forms.

import re
from collections.abc import Callable
from datetime import UTC, datetime, time, timedelta, timezone, tzinfo
from email.utils import parsedate_tz
from unicodedata import normalize

from stream.messages import Precision
from stream.process.clock import SHANGHAI

FIRST_YEAR, LAST_YEAR = 1970, 2100  # outside of these a site's time is a mistake, not a time
_AHEAD = timedelta(minutes=5)  # where the site leaves out the year or the day: the last one that is not ahead of this

_Reader = Callable[[re.Match[str], datetime], tuple[datetime, Precision]]  # naive results are in the site's zone

_LONGEST = 80  # no site writes a time longer than this
_PREFIX = re.compile(
    r"(?:本帖)?(?:最[后後])?(?:[发發]表|[发發][布佈]|[編编][辑輯]|更新|回[复復])?(?:[于於]|[时時][间間])?\s*:?\s*"
)
# What exports and templates write where they have no time.
_NONE = frozenset(["null", "none", "nil", "nan", "n/a", "na", "无", "無", "未知", "不详", "不詳", "暂无", "暫無"])
_NUMERALS = {numeral: number for number, numeral in enumerate("一二三四五六七八九十", 1)} | {"两": 2, "兩": 2}
_VAGUE = {"半": 0.5, "几": 4, "幾": 4, "数": 4, "數": 4}  # 几 is three to nine, and recent rather than old
_SECONDS = {"秒": 1, "分": 60, "小": 3600, "钟": 3600, "鐘": 3600}
_FINE = {1: Precision.SECOND, 60: Precision.MINUTE}
_DAYS = {"天": 1, "日": 1, "周": 7, "週": 7, "星": 7, "礼": 7, "月": 30, "年": 365}
_BACK = {"今": 0, "昨": 1, "前": 2, "大前": 3}
_LATE = ("下午", "傍晚", "晚上", "晚间", "晚", "深夜", "夜里", "夜", "pm")
_SMALL = ("凌晨", "清晨", "半夜", "am")
_WEEKDAYS = {numeral: number for number, numeral in enumerate("一二三四五六日")} | {"天": 6}
_AMOUNT = rf"(?P<amount>\d{{1,5}}|[{''.join(_NUMERALS | _VAGUE)}])\s*"
_PART = r"(?P<part>凌晨|清晨|早晨|早上|早|上午|中午|下午|傍晚|晚上|晚间|晚|深夜|半夜|夜里|夜|am|pm)?\s*"
_CLOCK = (
    r"(?P<hour>\d{1,2})(?:\s*[:时時点點]\s*)(?:(?P<half>半)|(?P<minute>\d{1,2})\s*分?)?"
    r"(?:\s*:?\s*(?P<second>\d{1,2})(?:\.(?P<fraction>\d{1,9}))?\s*秒?)?"
)
_OFFSET = r"\s*(?P<offset>z|utc|gmt|(?:utc|gmt)?[+-]\d{1,2}(?::?\d{2})?)?"
_ENGLISH_OFFSET = re.compile(r"\s(?:gmt|utc)?(?P<offset>[+-]\d{1,2}(?::?\d{2})?)(?=\s|$)")
_ZONE_NAME = re.compile(r"\b(?:gmt|utc?|z|[ecmp][sd]t)\b")
_TIME = _PART + _CLOCK
_COMPACT = (
    r"(?P<month>\d{2})(?P<day>\d{2})(?:(?P<hour>\d{2})(?P<minute>\d{2})(?P<second>\d{2}))?"
    r"(?P<half>)(?P<fraction>)(?P<offset>z)?"
)
_DATE = r"(?P<month>\d{1,2})\s*[-/.月]\s*(?P<day>\d{1,2})\s*[日号號]?"


def read_time(text: str, at: datetime, zone: tzinfo = SHANGHAI) -> tuple[datetime | None, Precision]:
    """Reads the moment in UTC, and how exactly the site says it; (None, UNKNOWN) for what is no time. Never raises.

    `at` is the server's clock at the answer (its Date header), `zone` the site's zone for times written without one.
    DAY means no better than a day as a rule: also `3小时前`, `几分钟前`. A bare day is its local midnight.
    """
    words = _said(text)
    if not words or len(words) > _LONGEST:
        return None, Precision.UNKNOWN
    try:
        return _read(words, at.astimezone(zone), zone)
    except (ValueError, OverflowError):  # a form we know with numbers that are no time: 02-30, 25:00, year 0
        return None, Precision.UNKNOWN


def not_understood(text: str, moment: datetime | None) -> str:
    """Returns the words, up to some length, that mean to say a time and of which no `moment` was read; else "".

    Nothing, a mere label (`发表于`), a dash, and words for having none (`不详`, `N/A`) say no time.
    """
    words = _said(text)
    silent = moment is not None or words in _NONE or not any(map(str.isalnum, words))
    return "" if silent else words[:_LONGEST]


def plausible(moment: datetime) -> bool:
    """Tells whether a post can have been published then, as far as the year tells."""
    return FIRST_YEAR <= moment.year <= LAST_YEAR


def _said(text: str) -> str:
    words = " ".join(normalize("NFKC", text[: 4 * _LONGEST]).lower().split())
    return _PREFIX.sub("", words, count=1)


def _read(words: str, local: datetime, zone: tzinfo) -> tuple[datetime | None, Precision]:
    for form, reader in _FORMS:
        if match := form.fullmatch(words):
            moment, precision = reader(match, local)
            if moment.tzinfo is None:
                moment = moment.replace(tzinfo=zone)
            moment = moment.astimezone(UTC)
            if plausible(moment):
                return moment, precision
            break
    return None, Precision.UNKNOWN


def _just_now(_match: re.Match[str], local: datetime) -> tuple[datetime, Precision]:
    return local, Precision.MINUTE


def _time_ago(match: re.Match[str], local: datetime) -> tuple[datetime, Precision]:
    amount, exact = _amount(match["amount"])
    step = _SECONDS[match["unit"].lstrip("个個")[0]]
    return local - timedelta(seconds=amount * step), _FINE.get(step, Precision.DAY) if exact else Precision.DAY


def _days_ago(match: re.Match[str], local: datetime) -> tuple[datetime, Precision]:
    unit = match["unit"].lstrip("个個")[0]
    return _midnight(local - timedelta(days=_amount(match["amount"])[0] * _DAYS[unit])), Precision.DAY


def _named_day(match: re.Match[str], local: datetime) -> tuple[datetime, Precision]:
    return _on_day(match, _midnight(local) - timedelta(days=_BACK[match["back"]]))


def _weekday(match: re.Match[str], local: datetime) -> tuple[datetime, Precision]:
    days = (local.weekday() - _WEEKDAYS[match["weekday"]]) % 7
    if match["last"]:
        days += 7 if days <= local.weekday() else 0
    moment, precision = _on_day(match, _midnight(local) - timedelta(days=days))
    return (moment - timedelta(days=7) if _is_ahead(moment, local) else moment), precision


def _time_today(match: re.Match[str], local: datetime) -> tuple[datetime, Precision]:
    moment, precision = _on_day(match, _midnight(local))
    return (moment - timedelta(days=1) if _is_ahead(moment, local) else moment), precision


def _day_of_year(match: re.Match[str], local: datetime) -> tuple[datetime, Precision]:
    month, day = int(match["month"]), int(match["day"])
    this_year = (month, day) <= (local.month, local.day)
    return _on_day(match, datetime(local.year if this_year else local.year - 1, month, day))


def _full_date(match: re.Match[str], _local: datetime) -> tuple[datetime, Precision]:
    moment, precision = _on_day(match, datetime(int(match["year"]), int(match["month"]), int(match["day"])))
    return _with_offset(moment, match["offset"]), precision


def _english(match: re.Match[str], _local: datetime) -> tuple[datetime, Precision]:
    # CST is the one zone name that lies: Chinese software means its own +08:00, RFC 2822 an American one.
    words = match[0].partition("(")[0].replace(" cst", "")
    offset = _ENGLISH_OFFSET.search(words)
    fields = parsedate_tz(_ENGLISH_OFFSET.sub(" ", words))
    if fields is None:
        raise ValueError(match[0])
    year, month, day, hour, minute, second = fields[:6]
    moment = datetime(year, month, day, hour, minute, min(second, 59))
    if offset:
        moment = _with_offset(moment, offset["offset"])
    elif _ZONE_NAME.search(words):
        moment = moment.replace(tzinfo=timezone(timedelta(seconds=fields[9] or 0)))
    return moment, Precision.SECOND if re.search(r"\d:\d\d:\d\d", words) else Precision.MINUTE


def _epoch(match: re.Match[str], _local: datetime) -> tuple[datetime, Precision]:
    digits = int(match["digits"])
    return datetime.fromtimestamp(digits / 1000 if len(match["digits"]) > 11 else digits, UTC), Precision.SECOND


def _on_day(match: re.Match[str], midnight: datetime) -> tuple[datetime, Precision]:
    """Reads the time of day that `match` holds, on that day; the day itself where it holds none."""
    found = match.groupdict()
    if found.get("hour") is None:
        return midnight, Precision.DAY
    hour, part = int(found["hour"]), found.get("part") or ""
    if (hour < 12 and part in _LATE) or (hour < 6 and part == "中午"):
        hour += 12
    elif hour == 12 and part in _SMALL:
        hour = 0
    minute = 30 if found["half"] else int(found["minute"] or 0)
    second = min(int(found["second"] or 0), 60)
    if int(found["second"] or 0) > 60:
        raise ValueError(match[0])
    micro = int((found["fraction"] or "").ljust(6, "0")[:6])
    exact = time(hour, minute, min(second, 59), micro)  # :60 is a leap second, which no clock here has
    return datetime.combine(midnight, exact), Precision.MINUTE if found["second"] is None else Precision.SECOND


def _amount(words: str) -> tuple[float, bool]:
    if words in _VAGUE:
        return _VAGUE[words], False
    return _NUMERALS[words] if words in _NUMERALS else int(words), True


def _midnight(local: datetime) -> datetime:
    return datetime(local.year, local.month, local.day)


def _is_ahead(moment: datetime, local: datetime) -> bool:
    return moment > local.replace(tzinfo=None) + _AHEAD


def _with_offset(moment: datetime, offset: str | None) -> datetime:
    if offset is None:
        return moment
    match = re.fullmatch(r"(?:utc|gmt|z)?(?:([+-])(\d{1,2}):?(\d{2})?)?", offset)
    if match is None or match[1] is None:
        return moment.replace(tzinfo=UTC)
    ahead = timedelta(hours=int(match[2]), minutes=int(match[3] or 0))
    return moment.replace(tzinfo=timezone(ahead if match[1] == "+" else -ahead))


#: Form and reader, the first full match decides. All on lower-case NFKC text with single plain spaces.
_FORMS: tuple[tuple[re.Pattern[str], _Reader], ...] = tuple(
    (re.compile(form), reader)
    for form, reader in (
        (r"刚刚|刚才|剛剛|剛才|just now", _just_now),
        (_AMOUNT + r"(?P<unit>秒[钟鐘]?|分[钟鐘]?|[个個]?小[时時]|[个個]?[钟鐘][头頭])\s*[之以]?前", _time_ago),
        (_AMOUNT + r"(?P<unit>天|日|[周週]|[个個]?星期|[个個]?礼拜|[个個]?月|年)\s*[之以]?前", _days_ago),
        (rf"(?P<back>今|昨|前|大前)(?:[天日]|(?=[早晚]))\s*(?:{_TIME})?", _named_day),
        (rf"(?P<last>上[个個]?)?(?:[周週]|星期|礼拜)(?P<weekday>[一二三四五六日天])\s*(?:{_TIME})?", _weekday),
        (_TIME, _time_today),
        (rf"{_DATE}\s*(?:{_TIME})?", _day_of_year),
        (rf"(?P<year>\d{{4}})\s*[-/.年]\s*{_DATE}(?:\s*[t,]?\s*{_TIME})?{_OFFSET}", _full_date),
        (rf"(?P<year>\d{{4}}){_COMPACT}", _full_date),
        (r"(?P<digits>\d{9,10}|\d{12,13})(?:\.\d+)?", _epoch),
        (r"(?:[a-z]{3,9},? )?(?:\d{1,2} [a-z]{3,9}|[a-z]{3,9} \d{1,2}),? .*\d:\d\d.*", _english),
    )
)
