"""When something was, in a page's words: mostly `昨天 11:50` with the exact time as a title."""

import re

from lxml.html import HtmlElement  # type: ignore[import-untyped]

from crawlers.pages.times import says_a_time
from crawlers.pages.xpath import Elements

_EXACT = re.compile(r"\d{4}-\d\d?-\d\d? \d\d?:\d\d(?::\d\d)?")  # nearly every title: not read here a second time
_OF_A_CALENDAR = re.compile(r"[\d年月日]")
_EDITED = Elements("(.//i[@class='pstatus'])[last()]")
_EDIT_TIME = re.compile(r".*[于於]\s*(.+?)\s*[编編][辑輯]|.*last edited by.*\sat\s+(.+?)\s*$", re.DOTALL)
# As versions before X wrote it, into the text itself.
OLD_EDIT = re.compile(
    r"\[\s*本帖最[后後]由\s[^\[\]\n]{1,60}?\s[于於]\s+([^\[\]\n]{1,40}?)\s*[编編][辑輯]\s*\](?:[ \t]*\n)*"
)


def told_time(element: HtmlElement) -> str:
    """Finds the words for when something was, empty where there are none.

    A title is one of them where it is a time. Other titles, of where a writer is or what he has, stand beside it; one
    that means to be a time and is not understood counts where the words around it are none either.
    """
    spans = _titled(element)
    titles = [str(span.get("title")).strip() for span in spans]
    if titles and _EXACT.fullmatch(titles[0]):
        return titles[0]
    text = str(element.text_content()).strip()
    if not spans:
        return text
    around = text
    for span in spans:
        around = around.replace(str(span.text_content()), " ", 1)
    known = next(filter(says_a_time, (*titles, around.strip())), None)
    return known or next(filter(_OF_A_CALENDAR.search, titles), text)


def edit_time(cell: HtmlElement) -> str:
    """Finds the words for when its writer, or a moderator, edited a post last, empty where its text does not say."""
    note = _EDITED.first(cell)
    if note is None:
        return next(reversed(OLD_EDIT.findall(str(cell.text_content()))), "")
    titles = (str(span.get("title")).strip() for span in _titled(note))
    match = _EDIT_TIME.search(str(note.text_content()))
    return next(filter(says_a_time, titles), "") or ((match[1] or match[2]) if match else "")


def _titled(element: HtmlElement) -> list[HtmlElement]:
    return [span for span in element.iterdescendants("span") if span.get("title")]
