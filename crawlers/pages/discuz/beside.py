"""What a post says beside its text: the fields of a form, a subject of its own, the sides of a debate, an activity.

Numbers that move with every vote or application are left out: each would be an edit.
"""

import re
from collections.abc import Iterable

from lxml.html import HtmlElement  # type: ignore[import-untyped]

from crawlers.pages.markup import element_text
from crawlers.pages.xpath import Elements

_FIELDS = Elements(".//tr[th][td]")
_OF_THE_SOFTWARE = re.compile(r"(?:re|回[复復覆])\s*(?:[:：]|\d+\s*#|\S{1,40}\s*的[帖貼])", re.IGNORECASE)
_SIDES = Elements(".//div[@class='point'][strong]")
_ACTIVITY = Elements(
    "(.//div[contains(concat(' ',@class,' '),' act ')]//dl)[1]"
)  # in others are free places, and who came
_COUNTED = re.compile(r"\s*[(（]\d*[)）]$")
_EMPTY = "-"  # a field that was not filled in


def above(cell: HtmlElement) -> list[str]:
    """Reads what stands above the text that is in `cell`, a line each.

    That is the subject that a reply's writer gave it, and not the software, or the form (分类信息) that a board has for
    opening posts: where people complain, the complaint.
    """
    around = next((one for one in cell.iterancestors("div") if _is(one, "pcb")), None)
    lines: list[str] = []
    for part in () if around is None else around.iterchildren("h2", "div"):
        subject = " ".join(part.text_content().split()) if part.tag == "h2" else ""
        if _is(part, "typeoption"):
            lines += _lines((row.find("th"), row.find("td")) for row in _FIELDS.all(part))
        elif subject and not _OF_THE_SOFTWARE.match(subject):
            lines.append(subject)
    return lines


def sides(post: HtmlElement) -> list[str]:
    """Reads what a debate is about: each side, and what it holds."""
    return _lines((side.find("strong"), side.find("p")) for side in _SIDES.all(post))


def activity(post: HtmlElement) -> list[str]:
    """Reads of an activity what it is, when and where."""
    told = _ACTIVITY.first(post)
    return [] if told is None else _lines(zip(told.iterchildren("dt"), told.iterchildren("dd"), strict=False))


def _is(element: HtmlElement, name: str) -> bool:
    return name in element.get("class", "").split()


def _lines(pairs: Iterable[tuple[HtmlElement | None, HtmlElement | None]]) -> list[str]:
    told = ((_COUNTED.sub("", element_text(label)).rstrip(":： "), element_text(value))
            for label, value in pairs if label is not None and value is not None)  # fmt: skip
    return [f"{label}：{words}" for label, words in told if label and words and words != _EMPTY]
