"""What every page of MyBB has: which one it is, which one follows, or an error in place of both."""

import re
from typing import NoReturn
from urllib.parse import urljoin, urlsplit

from lxml.html import HtmlElement  # type: ignore[import-untyped]

from crawlers.pages.answers import asked, number, one_line, read_html
from crawlers.pages.forum import Answer, PageRefused, Refusal
from crawlers.pages.xpath import Elements, Words
from stream.errors import Rejected

# The breadcrumbs of a thread hold the pages of its forum, with a next one of their own: for ever, if it were followed.
_PAGES = "//*[contains(concat(' ',@class,' '),' pagination ')][not(@id='breadcrumb_multipage_popup')]"
_SHOWN = Words(f"({_PAGES}//*[contains(@class,'pagination_current')])[1]")
_NEXT = Elements(f"{_PAGES}//a[contains(@class,'pagination_next')]")
_ERROR = Elements("//td[contains(@class,'trow1')]")
_GONE = re.compile(r"not exist|invalid (?:thread|forum|post)|不存在|[无無]效|已[经經]?被?[删刪]除", re.IGNORECASE)
_PERMISSION = re.compile(r"permission|logged in|[权權]限|登[录錄入]", re.IGNORECASE)
_OWN = Words("(//a[contains(@href,'member.php?action=')])[1]/@href")  # where every page lets a guest log in
_LONGEST_ERROR = 2000  # characters: an error is a sentence or a short list


def read(answer: Answer, encoding: str | None) -> HtmlElement:
    """Parses an answer. Whether it is an error shows by what it lacks (see `refuse`): most come with status 200."""
    return read_html(answer, encoding)


def refuse(root: HtmlElement, status: int) -> NoReturn:
    """Tells what a page says that has nothing of what it should have.

    Raises `PageRefused` for an error that is known, else `Rejected("layout")`.
    """
    for cell in _ERROR.all(root):
        told = one_line(cell)
        if len(told) <= _LONGEST_ERROR and _GONE.search(told):
            raise PageRefused(Refusal.GONE, told)
        if len(told) <= _LONGEST_ERROR and (_PERMISSION.search(told) or status == 403):
            raise PageRefused(Refusal.PERMISSION, told)
    raise Rejected("layout", "neither threads nor posts, and no error that is known")


def hosts(root: HtmlElement, home: str) -> frozenset[str]:
    """Finds the hosts whose links are this board's: that of `home`, and the one that it takes for its own."""
    return frozenset((host(home, home), host(_OWN.of(root), home)))


def host(href: str, home: str) -> str:
    """Finds the host that a link leads to, with and without `www.` being one; "" where it leads nowhere."""
    try:
        return (urlsplit(urljoin(home, href)).hostname or "").removeprefix("www.")
    except ValueError:  # such as http://[
        return ""


def shown(root: HtmlElement) -> int:
    """Reads which page is shown; a list without pages has one. Beyond the last one it is the first."""
    return number(_SHOWN.of(root)) or 1


def following(root: HtmlElement, name: str, value: str, first: str) -> str | None:
    """Builds the address of the page after the one shown, if there is a link to one of the same forum or thread."""
    leads = any(_leads(link.get("href", ""), name, value) for link in _NEXT.all(root))
    return f"{first}&page={shown(root) + 1}" if leads else None


def _leads(href: str, name: str, value: str) -> bool:
    rewritten = {"fid": f"forum-{value}-", "tid": f"thread-{value}-"}[name]
    return asked(href, name) == value or rewritten in href
