"""The forms in which sites write a time, and how each is read; the first that fits as a whole decides."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, time, timedelta, timezone
from email.utils import parsedate_tz

from stream.messages import Precision

_AHEAD = timedelta(minutes=5)  # where the site leaves out the day: the last one that is not ahead of this
_WESTMOST, _EASTMOST = timedelta(hours=-12), timedelta(hours=14)
_NEXT_DAY = timedelta(hours=1)  # where it leaves out the year: a page made after midnight by another clock than Date's

Reader = Callable[[re.Match[str], datetime], tuple[datetime, Precision]]  # naive results are in the site's zone

_NUMERALS = {numeral: number for number, numeral in enumerate("一二三四五六七八九十", 1)} | {"两": 2, "兩": 2}
_VAGUE = {"半": 0.5, "几": 4, "幾": 4, "数": 4, "數": 4}  # 几 is three to nine, and recent rather than old
_SECONDS = {"秒": 1, "分": 60, "小": 3600, "钟": 3600, "鐘": 3600}
_FINE = {1: Precision.SECOND, 60: Precision.MINUTE}
_DAYS = {"天": 1, "日": 1, "周": 7, "週": 7, "星": 7, "礼": 7, "月": 30, "年": 365}
_BACK = {"今": 0, "昨": 1, "前": 2, "大前": 3, "today": 0, "yesterday": 1}
_BACK_YEARS = {"今": 0, "去": 1, "前": 2, "大前": 3}
_LATE = ("下午", "傍晚", "晚上", "晚间", "晚", "深夜", "夜里", "夜", "pm", "p")
_SMALL = ("凌晨", "清晨", "晨", "半夜", "am", "a")
_EVENING, _NIGHT = ("晚上", "晚间", "晚"), ("深夜", "夜里", "夜")  # 晚上1点 is the next day's, 夜里1点 that day's
_DAWN = 5  # o'clock
_WEEKDAYS = {numeral: number for number, numeral in enumerate("一二三四五六日")} | {"天": 6}
ENGLISH_WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
MONTH_NAMES = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTHS = {name: number for number, name in enumerate(MONTH_NAMES, 1)}
_ENGLISH = {
    "s": "秒",
    "mi": "分",
    "h": "小",
    "d": "天",
    "w": "周",
    "mo": "月",
    "y": "年",
    "m": "分",
}  # units by their beginning

_ABOUT = r"(?:大?[约約]|大概|将?近|差不多|不到|超过)?\s*"
_AMOUNT = rf"{_ABOUT}(?P<amount>\d{{1,5}}(?:\.\d)?|[{''.join(_NUMERALS | _VAGUE)}])\s*(?:[个個]?(?P<over>[半多])\s*)?"
_PART = r"(?P<part>凌晨|清晨|早晨|晨|早上|早|上午|中午|下午|傍晚|晚上|晚间|晚|深夜|半夜|夜里|夜|am|pm)?\s*"
_CLOCK = (
    r"(?P<hour>\d{1,2})(?:\s*[:时時点點]\s*)(?:(?P<half>半)|(?P<minute>\d{1,2})\s*分?)?"
    r"(?:\s*:?\s*(?P<second>\d{1,2})(?:[.,](?P<fraction>\d{1,9})|:\d{3}(?!\d))?\s*秒?)?"
    r"(?:\s*(?P<behind>[ap](?=\.?m)|[上下]午|晚上)(?:\.?m\.?)?)?"
)
_OFFSET = r"\s*(?P<offset>z|utc|gmt|(?:utc|gmt)?[+-]\d{1,2}(?::?\d{2})?)?(?:\s*cst)?"  # cst is the site's own
_ENGLISH_OFFSET = re.compile(r"\s(?:gmt|utc)?(?P<offset>[+-]\d{1,2}(?::?\d{2})?)(?=\s|$)")
_ZONE = r"(?:gmt|utc?|z|[aecmp][sd]t)"  # those that email.utils knows
_ZONE_NAME = re.compile(rf"\b{_ZONE}\b")
_HALF_DAY = re.compile(r"(?<=\d)\s*([ap])\.?m\b\.?")
_FIRST_WORD = re.compile(r"^[a-z]{3,9}, ")  # a day of the week, in whatever language
_WORD = re.compile(r"[^\W_]*[^\W\d_][^\W_]*")
_ENGLISH_WORD = re.compile(rf"(?:{'|'.join(MONTH_NAMES)}|mon|tue|wed|thu|fri|sat|sun)[a-z]{{0,6}}|{_ZONE}")
_ANY_CLOCK = re.compile(r"\d:\d\d(?::\d\d)?")
_YEAR_OF_NAUGHT = re.compile(r"\b0\d{3}\b")  # email.utils takes the year 0001 for 2001
_TIME = _PART + _CLOCK
_MAYBE_TIME = rf"(?:\s*,?\s*{_TIME})?"
_COMPACT = (
    r"(?P<month>\d{2})(?P<day>\d{2})(?:t?(?P<hour>\d{2})(?P<minute>\d{2})(?P<second>\d{2}))?"
    r"(?P<half>)(?P<fraction>)(?P<offset>z|[+-]\d{2}:?\d{2})?"
)
_PLAINLY = (  # 2026-11-28 10:20:05, as nearly all say it: tried first, since no other form before its own reads this
    r"(?P<year>\d{4})-(?P<month>\d{1,2})-(?P<day>\d{1,2}) (?P<hour>\d{1,2}):(?P<minute>\d{2})(?::(?P<second>\d{2}))?"
    r"(?P<half>)(?P<fraction>)(?P<offset>z)?"
)
_COMPACT_MINUTES = (  # 20261128 1020: told from milliseconds by what is no date
    r"(?P<year>20[0-3]\d)(?P<month>0[1-9]|1[0-2])(?P<day>0[1-9]|[12]\d|3[01])\s?(?P<hour>[01]\d|2[0-3]):?"
    r"(?P<minute>[0-5]\d)(?::?(?P<second>[0-5]\d))?(?P<half>)(?P<fraction>)(?P<offset>z)?"
)
DAY_NAME = r"(?:[周週]|星期|[礼禮]拜)[一二三四五六日天]"
_DATE = (
    r"(?P<month>\d{1,2})\s*[-/.月]\s*(?P<day>\d{1,2})\s*(?:[日号號]|\.(?=\s))?"
    rf"(?:\s*,?\s*(?:{DAY_NAME}|[(\[](?:{DAY_NAME}|[一二三四五六日]|(?:{'|'.join(ENGLISH_WEEKDAYS)})[a-z]{{0,6}})[)\]]))?"
)
_FULL_WEEKDAY = "(?:mon|tues|wednes|thurs|fri|satur|sun)day"
_ENGLISH_MONTH = rf"(?P<name>{'|'.join(MONTH_NAMES)})[a-z]{{0,6}}\.?"
_ENGLISH_DAY = r"(?P<day>\d{1,2})(?:st|nd|rd|th)?"
_ENGLISH_WEEKDAY = r"(?:[a-z]{3,9}(?:[.,]+ ?| ))?"
_ENGLISH_CLOCK = rf"(?:(?:[,:] ?| (?:[-@|] ?)?)(?:at )?{_TIME})?{_OFFSET}"


def _just_now(_match: re.Match[str], local: datetime) -> tuple[datetime, Precision]:
    return local, Precision.MINUTE


def _time_ago(match: re.Match[str], local: datetime) -> tuple[datetime, Precision]:
    amount, exact = _amount(match["amount"])
    amount, exact = amount + 0.5 * bool(match["over"]), exact and not match["over"]
    step = _SECONDS[_unit(match)]
    return local - timedelta(seconds=amount * step), _FINE.get(step, Precision.DAY) if exact else Precision.DAY


def _days_ago(match: re.Match[str], local: datetime) -> tuple[datetime, Precision]:
    return _on_day(match, _midnight(local - timedelta(days=_amount(match["amount"])[0] * _DAYS[_unit(match)])))


def _mixed_ago(match: re.Match[str], local: datetime) -> tuple[datetime, Precision]:
    days, hours, minutes, seconds = (int(match[name] or 0) for name in ("days", "hours", "minutes", "seconds"))
    if match["years"] or match["months"]:
        days = 365 * int(match["years"] or 0) + 30 * int(match["months"] or 0) + days
        return _midnight(local - timedelta(days=days)), Precision.DAY
    back = timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds)
    return local - back, Precision.MINUTE if match["minutes"] else Precision.DAY


def _named_day(match: re.Match[str], local: datetime) -> tuple[datetime, Precision]:
    return _on_day(match, _midnight(local) - timedelta(days=_BACK[match["back"]]))


def _weekday(match: re.Match[str], local: datetime) -> tuple[datetime, Precision]:
    if match["last"]:
        days = (local.weekday() - _weekday_of(match)) % 7
        return _on_day(match, _midnight(local - timedelta(days=days + (7 if days <= local.weekday() else 0))))
    last = local if match["hour"] is None else local + _AHEAD  # just before midnight it may be tomorrow's
    moment, precision = _on_day(match, _midnight(last - timedelta(days=(last.weekday() - _weekday_of(match)) % 7)))
    return (moment - timedelta(days=7) if _is_ahead(moment, local) else moment), precision


def _weekday_of(match: re.Match[str]) -> int:
    named = match["weekday"]
    return _WEEKDAYS[named] if named in _WEEKDAYS else ENGLISH_WEEKDAYS.index(named[:3])


def _day_of_month(match: re.Match[str], local: datetime) -> tuple[datetime, Precision]:
    """Reads a day of this month, and nothing where it is still to come, or of the last one."""
    first = _midnight(local).replace(day=1)
    month = (first - timedelta(days=1)).replace(day=1) if match["last"] else first
    moment, precision = _on_day(match, month.replace(day=int(match["day"])))
    if _is_ahead(moment, local):
        raise ValueError(match[0])
    return moment, precision


def _day_named_and_dated(match: re.Match[str], local: datetime) -> tuple[datetime, Precision]:
    """Reads 昨天 (11-27) 20:33, and nothing where these are two days."""
    dated, named = _day_of_year(match, local), _named_day(match, local)
    if dated != named:
        raise ValueError(match[0])
    return named


def _time_today(match: re.Match[str], local: datetime) -> tuple[datetime, Precision]:
    moment, precision = _on_day(match, _midnight(local))
    return (moment - timedelta(days=1) if _is_ahead(moment, local) else moment), precision


def _day_of_year(match: re.Match[str], local: datetime) -> tuple[datetime, Precision]:
    return _in_last_year(match, local, int(match["month"]), int(match["day"]))


def _in_last_year(match: re.Match[str], local: datetime, month: int, day: int) -> tuple[datetime, Precision]:
    """Reads a day without its year: the last one that was."""
    last = local + _NEXT_DAY
    this_year = (month, day) <= (last.month, last.day)
    return _on_day(match, datetime(last.year if this_year else last.year - 1, month, day))


def _year_named(match: re.Match[str], local: datetime) -> tuple[datetime, Precision]:
    year = local.year - _BACK_YEARS[match["back"]]
    return _on_day(match, datetime(year, int(match["month"]), int(match["day"])))


def _full_date(match: re.Match[str], _local: datetime) -> tuple[datetime, Precision]:
    return _on_date(match, int(match["year"]), int(match["month"]), int(match["day"]))


def _short_year(match: re.Match[str], local: datetime) -> tuple[datetime, Precision]:
    """Reads 26-11-28, and nothing where another number may be the year, as in 28-11-26 and 11/12/26."""
    year, last = 2000 + int(match["year"]), 2000 + int(match["day"])
    recent = (local.year, local.year - 1)
    sure = "年" in match[0] or year == last or (year in recent and last not in recent) or last > local.year
    if year > local.year + 1 or not sure:
        raise ValueError(match[0])
    return _on_day(match, datetime(year, int(match["month"]), int(match["day"])))


def _year_last(match: re.Match[str], _local: datetime) -> tuple[datetime, Precision]:
    """Reads 11/28/2026 and 28.11.2026: which one is the month is told by its size, a dot, or an American clock."""
    first, second = int(match["first"]), int(match["then"])
    if first > 12 or match["dot"]:
        return _on_date(match, int(match["year"]), second, first)
    if second > 12 or match["behind"] or first == second:
        return _on_date(match, int(match["year"]), first, second)
    raise ValueError(match[0])  # 03/04/2026 is a day of March or of April


def _english_date(match: re.Match[str], local: datetime) -> tuple[datetime, Precision]:
    year = int(match["year"])
    if year < 100 and 2000 + year > local.year + 1:
        raise ValueError(match[0])
    return _on_date(match, year + 2000 * (year < 100), _MONTHS[match["name"]], int(match["day"]))


def _english_day(match: re.Match[str], local: datetime) -> tuple[datetime, Precision]:
    moment, precision = _in_last_year(match, local, _MONTHS[match["name"]], int(match["day"]))
    return _with_offset(moment, _offset(match)), precision


def _english_ago(match: re.Match[str], local: datetime) -> tuple[datetime, Precision]:
    amount = 1 if match["amount"].startswith("a") else int(match["amount"])
    unit = next(chinese for start, chinese in _ENGLISH.items() if match["unit"].startswith(start))
    if unit in _DAYS:
        return _on_day(match, _midnight(local - timedelta(days=amount * _DAYS[unit])))
    if match.groupdict().get("hour"):
        raise ValueError(match[0])  # 2 hours ago, 08:33 PM
    return local - timedelta(seconds=amount * _SECONDS[unit]), _FINE.get(_SECONDS[unit], Precision.DAY)


def _english(match: re.Match[str], _local: datetime) -> tuple[datetime, Precision]:
    words, _, comment = match[0].partition("(")
    if comment and not (_ENGLISH_OFFSET.search(words) or _ZONE_NAME.search(words)):
        words = f"{words} {comment.rstrip(')')}"  # the zone may stand there alone: 3:05 PM (UTC)
    # CST is the one zone name that lies: Chinese software means its own +08:00, RFC 2822 an American one.
    words = words.replace(" cst", "")
    offset, half = _ENGLISH_OFFSET.search(words), _HALF_DAY.search(words)
    told = _HALF_DAY.sub("", _ENGLISH_OFFSET.sub(" ", words))
    fields = parsedate_tz(told)
    known = all(map(_ENGLISH_WORD.fullmatch, _WORD.findall(_FIRST_WORD.sub("", told))))  # else it may be a zone: JST
    if fields is None or not known or len(_ANY_CLOCK.findall(told)) != 1 or _YEAR_OF_NAUGHT.search(told):
        raise ValueError(match[0])
    year, month, day, hour, minute, second = fields[:6]
    if half and hour <= 12:
        hour = hour % 12 + 12 * (half[1] == "p")
    moment = datetime(year, month, day, hour, minute, min(second, 59))
    if offset:
        moment = _with_offset(moment, offset["offset"])
    elif _ZONE_NAME.search(words):
        moment = moment.replace(tzinfo=timezone(timedelta(seconds=fields[9] or 0)))
    return moment, Precision.SECOND if re.search(r"\d:\d\d:\d\d", words) else Precision.MINUTE


def _epoch(match: re.Match[str], _local: datetime) -> tuple[datetime, Precision]:
    length = len(match["digits"])  # of seconds, milliseconds, microseconds, nanoseconds
    finer = next(power for most, power in ((11, 0), (14, 3), (17, 6), (20, 9)) if length <= most)
    return datetime.fromtimestamp(int(match["digits"]) / 10**finer, UTC), Precision.SECOND


def _on_date(match: re.Match[str], year: int, month: int, day: int) -> tuple[datetime, Precision]:
    moment, precision = _on_day(match, datetime(year, month, day))
    return _with_offset(moment, _offset(match)), precision


def _on_day(match: re.Match[str], midnight: datetime) -> tuple[datetime, Precision]:
    """Reads the time of day that `match` holds, on that day; the day itself where it holds none."""
    found = match.groupdict()
    if found.get("hour") is None:
        return midnight, Precision.DAY
    hour, part = int(found["hour"]), found.get("part") or found.get("behind") or ""
    minute, second = 30 if found["half"] else int(found["minute"] or 0), int(found["second"] or 0)
    if second > 60:
        raise ValueError(match[0])
    if part in _EVENING + _NIGHT and (hour < _DAWN or hour == 12):
        hour, midnight = hour % 12, midnight + timedelta(days=hour == 12 or part in _EVENING)
    elif (hour < 12 and part in _LATE) or (hour < 6 and part == "中午"):
        hour += 12
    elif hour == 12 and (part in _SMALL or (part == "上午" and found["minute"])):  # no person writes 上午12:05
        hour = 0
    elif (hour, minute, second) == (24, 0, 0):  # the midnight that ends the day
        hour, midnight = 0, midnight + timedelta(days=1)
    micro = int((found["fraction"] or "").ljust(6, "0")[:6])
    exact = time(hour, minute, min(second, 59), micro)  # :60 is a leap second, which no clock here has
    return datetime.combine(midnight, exact), Precision.MINUTE if found["second"] is None else Precision.SECOND


def _unit(match: re.Match[str]) -> str:
    return match["unit"].lstrip("个個")[0]


def _amount(words: str) -> tuple[float, bool]:
    if words in _VAGUE:
        return _VAGUE[words], False
    return _NUMERALS[words] if words in _NUMERALS else float(words), True


def _midnight(local: datetime) -> datetime:
    return datetime(local.year, local.month, local.day)


def _is_ahead(moment: datetime, local: datetime) -> bool:
    return moment > local.replace(tzinfo=None) + _AHEAD


def _offset(match: re.Match[str]) -> str | None:
    """Returns the offset that `match` tells; what ends a range is none: `15:05-16:00`, where `T15:05-05:00` has one."""
    offset: str | None = match["offset"]
    if offset is None or not offset.startswith("-") or match["second"]:
        return offset
    if match["hour"] is None:
        raise ValueError(match[0])  # 2026-11-28-05 may be days or an hour
    apart = match.string[match.start("offset") - 1].isspace() and re.fullmatch(r"-\d{4}", offset)  # 15:05 -0500
    return offset if apart or re.search(r"\dt\d", match[0]) else None


def _with_offset(moment: datetime, offset: str | None) -> datetime:
    if offset is None:
        return moment
    match = re.fullmatch(r"(?:utc|gmt|z)?(?:([+-])(\d{1,2}):?(\d{2})?)?", offset)
    if match is None or match[1] is None:
        return moment.replace(tzinfo=UTC)
    ahead = timedelta(hours=int(match[2]), minutes=int(match[3] or 0)) * (1 if match[1] == "+" else -1)
    if not _WESTMOST <= ahead <= _EASTMOST:
        raise ValueError(offset)
    return moment.replace(tzinfo=timezone(ahead))


#: Form and reader, the first full match decides. All on what `time_words.said` leaves.
FORMS: tuple[tuple[re.Pattern[str], Reader], ...] = tuple(
    (re.compile(form), reader)
    for form, reader in (
        (_PLAINLY, _full_date),
        (r"刚刚|刚才|剛剛|剛才|片刻之?前|just now|(?:a few |some )?(?:seconds|moments) ago|now", _just_now),
        (_AMOUNT + r"(?P<unit>秒[钟鐘]?|分[钟鐘]?|[个個]?小[时時]|[个個]?[钟鐘][头頭])\s*[之以]?[前内內]", _time_ago),
        (_AMOUNT + rf"(?P<unit>天|日|[周週]|[个個]?星期|[个個]?礼拜|[个個]?月|年)\s*[之以]?前{_MAYBE_TIME}", _days_ago),
        (
            r"(?=\d)(?:(?P<years>\d{1,3})\s*年)?\s*(?:(?P<months>\d{1,2})\s*[个個]?月)?零?\s*(?:(?P<days>\d{1,4})\s*天)?"
            r"零?\s*(?:(?P<hours>\d{1,3})\s*[个個]?小[时時])?\s*(?:(?P<minutes>\d{1,3})\s*分[钟鐘]?)?"
            r"\s*(?:(?P<seconds>\d{1,3})\s*秒[钟鐘]?)?\s*[之以]?前",
            _mixed_ago,
        ),
        (
            r"(?P<back>今|昨|前|大前)(?:[天日]|[早晚晨夜][上间]?$|(?=[早晚晨夜]))"
            rf"(?:\s*[(\[]?{DAY_NAME}[)\]]?)?{_MAYBE_TIME}",
            _named_day,
        ),
        (rf"(?P<back>今|昨|前|大前)[天日]\s*[(\[]{_DATE}[)\]]{_MAYBE_TIME}", _day_named_and_dated),
        (
            rf"(?:[本这這][个個]?|(?P<last>上[个個]?))?(?:[周週]|星期|礼拜)(?P<weekday>[一二三四五六日天]){_MAYBE_TIME}",
            _weekday,
        ),
        (rf"(?P<last>last )?(?P<weekday>{_FULL_WEEKDAY})(?:,? (?:at )?{_TIME})?", _weekday),
        (rf"(?P<last>last )?(?P<weekday>{'|'.join(ENGLISH_WEEKDAYS)}),? (?:at )?{_TIME}", _weekday),
        (rf"(?:本|[这這][个個]?|(?P<last>上[个個]?))月\s*(?P<day>\d{{1,2}})\s*[日号號]{_MAYBE_TIME}", _day_of_month),
        (_TIME, _time_today),
        (rf"{_DATE}{_MAYBE_TIME}", _day_of_year),
        (rf"(?P<back>今|去|前|大前)年\s*{_DATE}{_MAYBE_TIME}", _year_named),
        (rf"(?P<year>\d{{4}})\s*[-/.年]\s*{_DATE}(?:\s*(?:[t,_@/-]|at)?\s*{_TIME})?{_OFFSET}", _full_date),
        (rf"(?P<year>\d{{4}}){_COMPACT}", _full_date),
        (_COMPACT_MINUTES, _full_date),
        (rf"(?P<year>\d{{2}})\s*[-/.年]\s*{_DATE}{_MAYBE_TIME}", _short_year),
        (
            r"(?P<first>\d{1,2})(?:[-/]|(?P<dot>\.))(?P<then>\d{1,2})[-/.](?P<year>\d{4})"
            rf"{_MAYBE_TIME}{_OFFSET}",
            _year_last,
        ),
        (rf"(?P<month>\d{{1,2}})月\s*(?P<day>\d{{1,2}}),\s*(?P<year>\d{{4}}){_MAYBE_TIME}{_OFFSET}", _full_date),
        (
            rf"(?:{DAY_NAME},?\s*)?(?P<day>\d{{1,2}})\s+(?P<month>\d{{1,2}})月,?\s+(?P<year>\d{{4}})"
            rf"{_MAYBE_TIME}{_OFFSET}",
            _full_date,
        ),
        (r"(?P<digits>\d{9,10}|\d{12,13}|\d{16}|\d{19})(?:\.\d+)?", _epoch),
        (r"/{1,2}date\((?P<digits>\d{9,13})(?:[+-]\d{4})?\)/{1,2}", _epoch),  # of .NET
        (
            rf"{_ENGLISH_WEEKDAY}{_ENGLISH_DAY}[ /-]{_ENGLISH_MONTH}[ /,-]+(?P<year>[1-9]\d{{3}}|\d{{2}})"
            rf"{_ENGLISH_CLOCK}",
            _english_date,
        ),
        (rf"(?P<year>\d{{4}})[ /-]{_ENGLISH_MONTH}[ /-]{_ENGLISH_DAY}{_ENGLISH_CLOCK}", _english_date),
        (rf"{_ENGLISH_WEEKDAY}{_ENGLISH_MONTH} {_ENGLISH_DAY},? (?P<year>[1-9]\d{{3}}){_ENGLISH_CLOCK}", _english_date),
        (rf"{_ENGLISH_WEEKDAY}(?:{_ENGLISH_MONTH} {_ENGLISH_DAY}){_ENGLISH_CLOCK}", _english_day),
        (rf"{_ENGLISH_WEEKDAY}(?:{_ENGLISH_DAY} {_ENGLISH_MONTH}){_ENGLISH_CLOCK}", _english_day),
        (rf"(?P<back>today|yesterday)(?:,? (?:at )?{_TIME})?", _named_day),
        (
            r"(?:(?:about|around|over|almost|nearly|less than|more than) )?(?P<amount>\d{1,4}|an?) "
            r"(?P<unit>sec|second|min|minute|hr|hour|day|week|month|year)s?\.? ago"
            rf"(?:,? (?:at )?{_TIME})?",
            _english_ago,
        ),
        (r"(?P<amount>\d{1,3}) ?(?P<unit>s|m|h|d|w|mo|y|mins?|hrs?)(?: ago)?", _english_ago),
        (
            r"(?:(?P<days>\d{1,3}) ?d(?:ays?)?,? (?:and )?)?(?:(?P<hours>\d{1,2}) ?h(?:(?:ou)?rs?)?,? ?(?:and )?)?"
            r"(?:(?P<minutes>\d{1,2}) ?m(?:in(?:ute)?s?)?)? ago(?P<years>)(?P<months>)(?P<seconds>)",
            _mixed_ago,
        ),
        (r"(?:[a-z]{3,9},? )?(?:\d{1,2} [a-z]{3,9}|[a-z]{3,9} \d{1,2}),? .*\d:\d\d.*", _english),
    )
)

#: Readers of forms that say a date: with its year they mean the same whenever they are read, without it within one.
DATED: frozenset[Reader] = frozenset(
    {_full_date, _short_year, _year_last, _day_of_year, _english_date, _english_day, _english, _epoch}
)
