"""What every page of phpBB has: which one it is, which one follows, or a message in place of both."""

import re

from lxml.html import HtmlElement  # type: ignore[import-untyped]

from crawlers.pages.answers import asked, number, one_line, read_html
from crawlers.pages.forum import Answer, PageRefused, Refusal
from crawlers.pages.xpath import Elements, Words

_MESSAGE = Elements("//div[@id='message']")
_LOGIN = Elements("//form[@id='login' or not(contains(@class,'headerspace'))][.//input[@id='password']]")
_CONTENT = Elements("//a[contains(@class,'topictitle')] | //div[contains(concat(' ',@class,' '),' postbody ')]")
# Rows of a list have pages too: those of their topics.
_PAGES = "//div[contains(concat(' ',@class,' '),' pagination ')][not(ancestor::li)]"
_TOTAL = Words(f"(({_PAGES})[1]/text()[translate(., '0123456789', '') != .])[1]")  # `41 topics`, before the pages
_SHOWN = Words(f"({_PAGES}//li[contains(@class,'active')])[1]")
_NEXT = Elements(f"({_PAGES}//li[contains(@class,'next')]//a[@rel='next'])[1]")
_GONE = re.compile(r"not exist|no longer exist|不存在|已[经經]?被?[删刪]除")
_PERMISSION = re.compile(r"not authori|permission|registered|logged in|[权權]限|授[权權]|登[录錄入]|注册|註冊")


def read(answer: Answer, encoding: str | None) -> HtmlElement:
    """Parses an answer. Raises `PageRefused` where phpBB shows a message, or asks for a password."""
    root = read_html(answer, encoding)
    message = _MESSAGE.first(root)
    if message is not None:
        told = one_line(message)
        raise PageRefused(_meant(answer.status, told), told)
    if _LOGIN.first(root) is not None and _CONTENT.first(root) is None:
        raise PageRefused(Refusal.PERMISSION, "a login form in place of the page")
    return root


def shown(root: HtmlElement) -> int:
    """Reads which page is shown; a list without pages has one. Beyond the last one it is the last."""
    return number(_SHOWN.of(root)) or 1


def total(root: HtmlElement) -> int | None:
    """Reads how many topics a forum's page, or posts a topic's page, says that there are."""
    return number(_TOTAL.of(root))


def following(root: HtmlElement, name: str, value: str, first: str) -> str | None:
    """Builds the address of the next page after `first`, if the page has a link to one of the same forum or topic."""
    link = _NEXT.first(root)
    if link is None:
        return None
    href = link.get("href", "")
    start = asked(href, "start")
    return f"{first}&start={start}" if start.isdecimal() and asked(href, name) in ("", value) else None


def _meant(status: int, told: str) -> Refusal:
    if status == 404 or _GONE.search(told):
        return Refusal.GONE
    return Refusal.PERMISSION if status == 403 or _PERMISSION.search(told) else Refusal.CLOSED
