"""One answer of a Discuz site: decoded, parsed, and refused where it is a message instead of the page."""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from html import unescape

from lxml.etree import ParserError  # type: ignore[import-untyped]
from lxml.html import HtmlElement  # type: ignore[import-untyped]

from crawlers.pages.decoding import decode
from crawlers.pages.forum import PageRefused, Refusal
from crawlers.pages.markup import element_text, parse_page
from crawlers.pages.xpath import Elements, Words
from stream.errors import Rejected

_NAMED = Elements("//*[@id]")
_MOBILE_BOX = "jump_c"
_MOBILE_MESSAGE = Elements(f"(//div[@class='{_MOBILE_BOX}']/p)[1]")
_CAPTCHA = Elements("//input[@name='seccodeverify' or @name='seccodehash'][ancestor::div[@id='ct']]")
_TITLE = Words("//title")
_PAGERS = Elements("//div[@class='pg']")
_SHOWN = Elements("./strong")
_TOTAL = Elements("./label/span[@title]")
_GONE = re.compile(r"不存在|已被删除|已被刪除|正在被[审審]核")
_PERMISSION = re.compile(r"[权權]限|登[录錄]|[无無]法[访訪]问|[用]户[组組]|密[码碼]")
_RELOAD = re.compile(
    r"页面重载开启|頁面重載開啟|attackevasive(?!\s*=)|document\.location\.reload\(\)|security_session_verify"
)  # not `attackevasive = '0'`, which stands in every page for telephones
_GUARD_SIZE = 8000  # characters: a guard is a bare script, a page that only mentions one is longer
_REFERENCE = re.compile(r"&#(?:\d{2,7}|x[0-9a-fA-F]{2,6});")
_NARROW = {"gb18030": "gbk", "gbk": "gbk", "gb2312": "gbk", "big5hkscs": "big5hkscs", "big5": "big5hkscs"}
_DIGITS = re.compile(r"\d+")
_TOO_LONG = 16  # digits: no counter is


@dataclass(frozen=True, slots=True)
class Page:
    """A parsed page: what all readers start from. `named` are the elements with an id, in order, each behind it."""

    root: HtmlElement
    encoding: str
    url: str
    named: Sequence[tuple[str, HtmlElement]]

    def named_as(self, name: str, tag: str | None = None) -> Iterator[HtmlElement]:
        """Finds the elements of that id, and of that kind where one is asked for."""
        return (one for told, one in self.named if told == name and tag in (None, one.tag))


def read(body: bytes, content_type: str, url: str, encoding: str | None = None) -> Page:
    """Parses an answer; `encoding` overrides what the site declares.

    Raises `PageRefused` where Discuz shows a message, a guard or a captcha in place of the page, `Rejected` where there
    is nothing.
    """
    text, used = decode(body, content_type, encoding)
    if not text.strip():
        raise Rejected("empty", "a page without content")
    try:
        root = parse_page(text)
    except ParserError as error:
        raise Rejected("empty", "a page without any element") from error
    page = Page(root, used, url, [(one.get("id"), one) for one in _NAMED.all(root)])
    _refuse(page, text)
    return page


def place(page: Page) -> tuple[int, int]:
    """Reads which page is shown and how many there are; a list without a pager has one."""
    pagers = _PAGERS.all(page.root)
    shown = number(_first(_SHOWN, pagers, lambda one: str(one.text_content()))) or 1
    total = number(_first(_TOTAL, pagers, lambda one: str(one.get("title")))) or 1
    linked = [number(link.text_content()) or 1 for pager in pagers for link in pager.iterchildren("a")]
    return shown, max([shown, total, *linked])


def _first(what: Elements, pagers: Sequence[HtmlElement], read: Callable[[HtmlElement], str]) -> str:
    return next((read(one) for pager in pagers for one in what.all(pager)), "")


def words(element: HtmlElement, page: Page) -> str:
    """Reads an element's text as one line."""
    return heal(" ".join(element.text_content().split()), page.encoding)


def heal(text: str, encoding: str) -> str:
    """Undoes the second escaping that a site in a narrow encoding gives to characters outside of it, and only that.

    `&#20809;` that an author typed stays: GBK has that character, so Discuz had no reason to escape it.
    """
    narrow = _NARROW.get(encoding)
    return _REFERENCE.sub(lambda match: _outside(match[0], narrow), text) if narrow else text


def number(told: str) -> int | None:
    """Finds the first number in some words."""
    match = _DIGITS.search(told.replace(",", ""))
    return int(match[0]) if match and len(match[0]) < _TOO_LONG else None


def _refuse(page: Page, text: str) -> None:
    message = next(page.named_as("messagetext", "div"), None)
    if message is None and _MOBILE_BOX in text:  # every page is asked, and looking through it is dear
        message = _MOBILE_MESSAGE.first(page.root)
    if message is not None:
        told = element_text(message)
        if _CAPTCHA.first(page.root) is not None:
            raise PageRefused(Refusal.CAPTCHA, told)
        if _GONE.search(told):
            raise PageRefused(Refusal.GONE, told)
        raise PageRefused(Refusal.PERMISSION if _PERMISSION.search(told) else Refusal.CLOSED, told)
    if len(text) < _GUARD_SIZE and _RELOAD.search(text):
        raise PageRefused(Refusal.FLOOD_GUARD, _TITLE.of(page.root))


def _outside(reference: str, narrow: str) -> str:
    character = unescape(reference)
    try:
        character.encode(narrow)
    except UnicodeEncodeError:
        return reference if "\ud800" <= character <= "\udfff" or character == "\ufffd" else character
    return reference
