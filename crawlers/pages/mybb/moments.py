"""How MyBB writes a time: in the board's own form, in words with the date as their title, or both halves apart."""

import re
from datetime import datetime, tzinfo
from typing import Literal

from lxml.html import HtmlElement  # type: ignore[import-untyped]

from crawlers.pages.answers import one_line
from crawlers.pages.times import read_time
from crawlers.pages.xpath import Elements
from stream.messages import Precision

DateOrder = Literal["mdy", "dmy"]

_ANY_TITLED = Elements(".//span[@title]")
_TITLED = Elements("(.//span[@title][not(ancestor-or-self::span[contains(@class,'post_edit')])])[1]")
_DATED = re.compile(r"(?P<first>\d{1,2})[-/.](?P<second>\d{1,2})[-/.](?P<year>\d{4})(?:,?\s+(?P<clock>\d.*))?")
_ANY_DATE = re.compile(r"\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}(?:,?\s+(?:[上下]午\s*)?\d{1,2}:\d{2}(?:\s*[AaPp][Mm])?)?")


def told(element: HtmlElement) -> str:
    """Finds the words for a time at the beginning of an element.

    `9 hours ago` has date and time as its title; `Yesterday` has the date, and the time of day behind it.
    """
    titled = _TITLED.first(element)
    return (element.text or "").strip() if titled is None else _told(titled)


def told_within(note: HtmlElement) -> str:
    """Finds the date within a sentence, as in the note of an edit; its title counts for more than its words."""
    said = (*map(_told, _ANY_TITLED.all(note)), one_line(note))
    return next((match[0] for words in said if (match := _ANY_DATE.search(words))), "")


def _told(titled: HtmlElement) -> str:
    title = titled.get("title", "").strip()
    return title if ":" in title else f"{title}, {(titled.tail or '').strip(' ,')}".strip(" ,")


def moment(words: str, at: datetime, zone: tzinfo, order: DateOrder) -> tuple[datetime | None, Precision]:
    """Reads such words. `order` tells whether the board's numbers name the month first, or the day.

    A number that is no month says that the order is another one: nothing is read then, rather than a wrong day.
    """
    match = _DATED.fullmatch(words)
    if match is None:
        return read_time(words, at, zone)
    month, day = (match["first"], match["second"]) if order == "mdy" else (match["second"], match["first"])
    return read_time(f"{match['year']}-{month}-{day} {match['clock'] or ''}", at, zone)
