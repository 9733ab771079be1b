"""What a cell of a spreadsheet says: its formula for words or a link, its days since 1900, an id it cut short."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta, tzinfo
from html import unescape
from typing import TypeGuard

from crawlers.pages.markup import text_of
from crawlers.pages.times import SAYS_NONE
from stream.messages import Precision

_GUARD = re.compile(r"^'(?=[=+\-@\t\r]|\d)")  # how spreadsheets keep a cell from becoming a formula or a number
_QUOTED = r'"((?:[^"]|"")*)"'
_WORDS = re.compile(rf"=\s*{_QUOTED}")  # ="0012": how exports keep the noughts of an id
_LINK = re.compile(rf"=\s*hyperlink\(\s*{_QUOTED}\s*(?:[,;，]\s*{_QUOTED}\s*)?\)", re.IGNORECASE)
_NUMBER = re.compile(r"\d{5}(?:\.\d{1,15})?")
_DAY_ZERO = datetime(1899, 12, 30)  # Excel's day 1 is 1900-01-01, and it believes in a 1900-02-29
_FIRST_DAY, _LAST_DAY = 26_000, 75_000  # 1971 to 2105: five digits that stand for a time are one of these days
_FEW_DECIMALS = 5  # of a day: such a number was rounded, to nine seconds at best, and says its minute
_MINUTES = 24 * 60
_WHOLE_FLOAT = re.compile(r"(\d+)\.0+")
_NOTHING = SAYS_NONE | {"0", "-1", "#n/a", "#ref!", "#value!", "#name?", "undefined", "空", "匿名"}
# A tag that is closed, that people do not write by chance, or that has attributes: not `a<b`, `<b>` or `<3`.
_TAG = re.compile(
    r"</(?:p|div|span|a|b|i|u|em|strong|font|ul|ol|li|table|td|tr|h[1-6]|section|blockquote|pre)\s*>"
    r"|<(?:br|p|div|span|img|font|strong|ul|ol|li|table|section)\s*/?>"
    r"""|<[a-z][a-z\d]{0,9}(?:\s+[a-z][\w:-]{0,40}\s*=\s*(?:"[^"<>]*"|'[^'<>]*'|[^\s"'<>]+))+\s*/?>""",
    re.IGNORECASE,
)
_ENTITY = re.compile(r"&(?:nbsp|amp|lt|gt|quot|apos|[lr][ds]quo|hellip|middot|[mn]dash|#\d{2,6}|#x[\da-f]{2,5});", re.I)
_WRAPPINGS = 2  # {"$date": {"$numberLong": "…"}}
_NO_WORDS = frozenset(["nan", "null", "none", "\\n", "#n/a"])  # how programs write an empty cell
_SQUEEZED = re.compile(r"\d(?:\.\d+)?e\+?\d{1,3}", re.IGNORECASE)
_SURE = 15  # digits that a spreadsheet keeps of a number
_EXACT = 2**53  # from here on not every whole number is one of a spreadsheet


def words_of(value: object) -> str:
    """Reads a cell as the words that a reader of the sheet sees.

    Spreadsheets make 123 out of an id and hand it over as 123.0. What is `NULL`, `NaN` or `\\N` and nothing else was an
    empty cell of whatever wrote the file. MongoDB's exports wrap ids, times and numbers: `{"$oid": "…"}`. A text that
    begins with `=` and is no formula for words is that text.
    """
    for _ in range(_WRAPPINGS):
        value = next(iter(value.values())) if is_wrapped(value) else value
    if value is None or isinstance(value, bool | Mapping | list):
        return ""
    if isinstance(value, float):
        value = int(value) if value.is_integer() else value
    text = str(value).strip()
    if text.lower() in _NO_WORDS:
        return ""
    if match := _WORDS.fullmatch(text):
        return match[1].replace('""', '"').strip()
    if match := _LINK.fullmatch(text):
        return (match[2] or match[1]).replace('""', '"').strip()
    return _GUARD.sub("", text)


def is_wrapped(value: object) -> TypeGuard[Mapping[str, object]]:
    """Tells whether a value of JSON is one of MongoDB's, with its type for a key: `{"$date": …}`."""
    return isinstance(value, Mapping) and len(value) == 1 and next(iter(value)).startswith("$")


def text_in(value: object) -> str:
    """Reads a cell as the words of a person, also where the export has them as a page's markup."""
    told = words_of(value)
    if "<" in told and _TAG.search(told):
        return text_of(told)
    return unescape(told).strip() if "&" in told and _ENTITY.search(told) else told


def id_of(value: object) -> str:
    """Reads a cell as an id; "" where it says that there is none: `null`, `#N/A`, `无`, `0`, a dash.

    A column of numbers with a gap in it comes out of pandas as `123.0`.
    """
    told = words_of(value)
    if told.lower() in _NOTHING or not any(map(str.isalnum, told)):
        return ""
    return found[1] if (found := _WHOLE_FLOAT.fullmatch(told)) else told


def address_of(value: object) -> str:
    """Reads a cell as an address: where its hyperlink leads, else its words."""
    match = is_link(value)
    return match[1].replace('""', '"').strip() if match else words_of(value)


def is_link(value: object) -> re.Match[str] | None:
    """Matches `=HYPERLINK("address","words")`."""
    return _LINK.fullmatch(value.strip()) if isinstance(value, str) else None


def read_serial(value: object, zone: tzinfo) -> tuple[datetime, Precision] | None:
    """Reads a day as spreadsheets count them (46354.4028 is 2026-11-28 09:40), in `zone`; None for all else."""
    told = words_of(value)
    if not _NUMBER.fullmatch(told) or not _FIRST_DAY <= float(told) < _LAST_DAY:
        return None
    day, _, decimals = told.partition(".")
    midnight = _DAY_ZERO + timedelta(days=int(day))
    if not decimals.strip("0"):
        return midnight.replace(tzinfo=zone).astimezone(UTC), Precision.DAY
    part = float(f"0.{decimals}")
    if len(decimals) <= _FEW_DECIMALS:
        moment, precision = midnight + timedelta(minutes=round(part * _MINUTES)), Precision.MINUTE
    else:
        moment, precision = midnight + timedelta(seconds=round(part * _MINUTES * 60)), Precision.SECOND
    return moment.replace(tzinfo=zone).astimezone(UTC), precision


def is_squeezed(told: object) -> bool:
    """Tells whether a spreadsheet cut an id short, so that other ids look the same: 4.95E+15, floats from 2^53 on.

    So are a float of more than 15 digits that ends in 0, and digits of which all beyond the fifteenth are 0, at least
    two: what is left of an id that once was a number in a cell.
    """
    if isinstance(told, bool):
        return False
    if isinstance(told, float):
        size = abs(told)
        return size >= _EXACT or (size >= 10**_SURE and size % 10 == 0)
    words = str(told).strip()
    if _SQUEEZED.fullmatch(words):
        return True
    return words.isdigit() and len(words) > _SURE + 1 and not words[_SURE:].strip("0")
