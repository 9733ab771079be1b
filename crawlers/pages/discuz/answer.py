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
from stream.spelling.script import simplified

_NAMED = Elements("//*[@id]")
_MOBILE_BOX = "jump_c"
_MOBILE_MESSAGE = Elements(f"(//div[@class='{_MOBILE_BOX}']/*[self::p or self::div])[1]")
_CAPTCHA = Elements("//input[@name='seccodeverify' or @name='seccodehash'][ancestor::div[@id='ct']]")
_TITLE = Words("//title")
_PAGERS = Elements("//div[@class='pg']")
_SHOWN = Elements("./strong")
_TOTAL = Elements("./label/span[@title]")
_BASE = Words("(/html/head/base/@href)[1]")
# In simplified characters, as messages are looked at.
_GONE = re.compile(
    r"不存在|已被.{0,6}删除|正在(?:被)?审核|回收站|没有找到(?:帖子|主题|文章)"
    r"|\b(?:does not|doesn't) exist|has been deleted",
    re.IGNORECASE,
)
_OF_SITE = re.compile(
    r"(?:系统|网站|本站|站点|论坛|服务器).{0,12}(?:维护|升级(?!您|所在|用户|会员|等级)|关闭(?!注册))|无法访问本站"
)
_VIEWS = r"[^。]{0,8}?(?:访问|进入|浏览|查看|阅读|观看|操作)"
_PERMISSION = re.compile(
    r"权限|登[录入陆]|无法访问|用户组|密码|\bpermissions?\b|\blog ?in\b|\bpassword|\bnot authori[sz]ed\b"
    rf"|[只仅][^。]{{0,30}}?(?:可[见看]|(?:可以?|才能|允许|开放|限|供){_VIEWS})"  # who may
    rf"|需要?(?!等)[^。]{{0,40}}?(?:才能|方可|才可){_VIEWS}",  # what one needs; not when a site opens again
    re.IGNORECASE,
)
_RELOAD = re.compile(
    r"页面重载开启|頁面重載開啟|attackevasive(?!\s*=)|document\.location\.reload\(\)|security_session_verify"
)  # not `attackevasive = '0'`, which stands in every page for telephones
_GUARD_SIZE = 8000  # characters: a guard is a bare script, a page that only mentions one is longer
_REFERENCE = re.compile(r"&#(?:\d{2,7}|x[0-9a-fA-F]{2,6});")
_NARROW = {"gb18030": "gbk", "gbk": "gbk", "gb2312": "gbk", "big5hkscs": "big5hkscs", "big5": "big5hkscs"}
_DIGITS = re.compile(r"\d+")
_ROUNDED = re.compile(r"\d\s*[万萬亿億]")
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

    def addresses(self) -> tuple[str, str]:
        """Tells its own address, and the one that its links start from, empty where it names none."""
        return self.url, _BASE.of(self.root)


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
    """Finds the first number in some words; a rounded one, `1.2万`, is none."""
    plain = told.replace(",", "")
    match = _DIGITS.search(plain)
    return int(match[0]) if match and len(match[0]) < _TOO_LONG and not _ROUNDED.search(plain) else None


def _refuse(page: Page, text: str) -> None:
    message = next(page.named_as("messagetext", "div"), None)
    if message is None and _MOBILE_BOX in text:  # every page is asked, and looking through it is dear
        message = _MOBILE_MESSAGE.first(page.root)
    if message is not None:
        told = element_text(message)
        plain = simplified(told)
        if _CAPTCHA.first(page.root) is not None:
            raise PageRefused(Refusal.CAPTCHA, told)
        if _GONE.search(plain):
            raise PageRefused(Refusal.GONE, told)
        closed = _OF_SITE.search(plain) or not _PERMISSION.search(plain)
        raise PageRefused(Refusal.CLOSED if closed else Refusal.PERMISSION, told)
    if len(text) < _GUARD_SIZE and _RELOAD.search(text):
        raise PageRefused(Refusal.FLOOD_GUARD, _TITLE.of(page.root))


def _outside(reference: str, narrow: str) -> str:
    character = unescape(reference)
    try:
        character.encode(narrow)
    except UnicodeEncodeError:
        return reference if "\ud800" <= character <= "\udfff" or character == "\ufffd" else character
    return reference
