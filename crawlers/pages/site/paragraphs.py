"""Paragraphs that a page only breaks with `<br>`, written as `<p>`, by which an article's words are found. Pure.

The editors of Chinese government sites write whole articles so, in elements that each names in its own way.
"""

import re
from collections.abc import Iterator

from lxml.html import Element, HtmlElement  # type: ignore[import-untyped]

from crawlers.pages.xpath import Elements

_NOT_WITHIN = "not(ancestor-or-self::*[self::p or self::li or self::a or self::pre or self::button or self::label])"
_BROKEN = Elements(f"//body//*[br][{_NOT_WITHIN}]")
_WORDED = Elements(f"//body//*[self::div or self::section or self::td][text()[normalize-space()]][{_NOT_WITHIN}]")
_INLINE = re.compile(r"a|abbr|b|big|code|del|em|font|i|img|ins|label|mark|q|s|small|span|strong|sub|sup|u|wbr")
_SENTENCE = re.compile(r"[。！？；]")  # which addresses, menus and imprints are without


def mark_paragraphs(root: HtmlElement, *, unbroken: bool = False) -> None:
    """Puts what stands between the breaks of an element into paragraphs, where there is a sentence among it.

    With `unbroken` also where there is no break, as in a `div` for each paragraph.
    """
    for holder in [*_BROKEN.all(root), *(_WORDED.all(root) if unbroken else ())]:
        if any(one.tag == "p" for one in holder.iterancestors()):  # made of one that holds it
            continue
        told = _told(holder)
        if len(told) > (not unbroken) and any(map(_SENTENCE.search, told)):
            holder[:] = list(_parts(holder))
            holder.text = None


def _told(holder: HtmlElement) -> list[str]:
    """Lists the texts that stand between breaks, and blocks, in an element."""
    told = [holder.text or ""]
    for child in holder:
        if _is_inline(child):
            told[-1] += (child.text_content() if isinstance(child.tag, str) else "") + (child.tail or "")
        else:
            told.append(child.tail or "")
    return [one for one in told if one.strip()]


def _parts(holder: HtmlElement) -> Iterator[HtmlElement]:
    """Yields a paragraph for each of these texts, and the blocks between them."""
    paragraph = _begun(holder.text)
    for child in list(holder):
        if _is_inline(child):
            paragraph.append(child)
            continue
        yield paragraph
        paragraph = _begun(child.tail)
        if child.tag != "br":
            child.tail = None
            yield child
    yield paragraph


def _is_inline(element: HtmlElement) -> bool:
    return not isinstance(element.tag, str) or _INLINE.fullmatch(element.tag) is not None


def _begun(text: str | None) -> HtmlElement:
    paragraph = Element("p")
    paragraph.text = text
    return paragraph
