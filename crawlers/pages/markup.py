"""HTML that somebody else wrote, as the text a reader sees. The result is text: nobody may render it as HTML again."""

import re
from html import unescape

from lxml.etree import ElementDefaultClassLookup, HTMLParser, ParserError, iterwalk  # type: ignore[import-untyped]
from lxml.html import (  # type: ignore[import-untyped]
    HtmlComment,
    HtmlElement,
    HtmlEntity,
    HtmlProcessingInstruction,
    document_fromstring,
)

_TAG = re.compile(r"<[a-zA-Z/!]")
_SPACE = re.compile(r"[ \t\r\n\f]+")  # what HTML folds; a full-width space is the writer's
_UNREADABLE = re.compile(r"[\x00-\x08\x0b\x0e-\x1f\ud800-\udfff]")  # what lxml refuses
UNWRITABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")  # lxml reads, but never writes them
# What lxml refuses a text for: an encoding that text has no more. To HTML it is a comment, as far as the next `>`.
_DECLARED = re.compile(r"(?:\s*<\?xml[^>]*(?:>|$))+")
# References to halves of characters, as programs write them that count in UTF-16: two of them are an emoji.
_HALVES = re.compile(r"(?:&#(?:5[567]\d{3}|[xX][dD][89a-fA-F][0-9a-fA-F]{2});?){2,}", re.ASCII)
_HALF = re.compile(r"&#(?:(\d+)|[xX](\w+));?", re.ASCII)
_LINES = re.compile(
    "address|article|blockquote|d[dlt]|div|figcaption|figure|footer|form|h[1-6r]|header|li|main|nav|[ou]l|p|pre|section|t(able|r)"
)
UNSEEN = re.compile("head|iframe|noscript|object|script|select|style|svg|template|textarea|title|video")
_HIDDEN = re.compile(r"display\s*:\s*none", re.IGNORECASE)
_EMOJI = re.compile(r"emoji|smil(ey|ie)|emoticon|url-icon|expression", re.IGNORECASE)
_NAMED = re.compile(r"\[\w{1,12}\]")  # as Weibo and Tieba name faces; no photograph has it
_STEM = re.compile(r"([\w-]+)\.\w+(?:$|[?#])")  # of an image's address
_ALIKE = ElementDefaultClassLookup(
    element=HtmlElement, comment=HtmlComment, pi=HtmlProcessingInstruction, entity=HtmlEntity
)


def page_parser() -> HTMLParser:
    """Makes a parser of whole pages and of parts, however deep.

    Its elements are all of one class: lxml.html's own parser calls Python for each, to tell a form's fields apart. Nor
    does it note every id for XPath's `id()`, which nobody here asks: an eighth of the time.
    """
    parser = HTMLParser(huge_tree=True, collect_ids=False)
    parser.set_element_class_lookup(_ALIKE)
    return parser


def with_whole_characters(markup: str) -> str:
    """Joins what is written in halves: `&#55357;&#56865;` is 😡, of which parsers make two U+FFFD."""
    return _HALVES.sub(_joined, markup) if "&#" in markup else markup


def _joined(halves: re.Match[str]) -> str:
    numbers = ((int(one[1]) if one[1] else int(one[2], 16), one[0]) for one in _HALF.finditer(halves[0]))
    written = "".join(chr(number) if 0xD800 <= number < 0xE000 else told for number, told in numbers)
    return written.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def parse_page(text: str) -> HtmlElement:
    """Parses a whole page, also one that declares itself XML. Raises lxml's `ParserError` where it has no element."""
    written = with_whole_characters(UNWRITABLE.sub("", text))
    declared = _DECLARED.match(written)
    page = written[declared.end() :] if declared else written
    return document_fromstring(page, parser=page_parser(), ensure_head_body=True)


def text_of(markup: str) -> str:
    """Extracts what a reader sees of `markup`, one line per block. Text without any tag keeps its own line breaks."""
    markup = with_whole_characters(markup)
    if not _TAG.search(markup):
        return unescape(markup).strip()
    parser = page_parser()
    try:
        root = document_fromstring("<div>" + _UNREADABLE.sub("", markup), parser=parser)
    except (ParserError, ValueError):
        return _without_tags(markup)
    if any(entry.type_name == "ERR_RESOURCE_LIMIT" for entry in parser.error_log):
        return _without_tags(markup)  # nested beyond 2048 levels: nobody may hide a text that way
    return element_text(root)


def element_text(root: HtmlElement) -> str:
    """Extracts what a reader sees of an element that is parsed already, one line per block."""
    lines = "".join(_pieces(root)).split("\n")
    return re.sub(r"\n{3,}", "\n\n", "\n".join(line.strip(" \t\r") for line in lines)).strip()


def _without_tags(markup: str) -> str:
    return unescape(re.sub(r"<[^<>]*>", " ", markup)).strip()


def _pieces(root: HtmlElement) -> list[str]:
    pieces: list[str] = []
    verbatim = 0
    walk = iterwalk(root, events=("start", "end", "comment", "pi"))
    for event, element in walk:
        if event == "start":
            verbatim += element.tag == "pre"
            if _is_unseen(element):
                walk.skip_subtree()
                continue
            pieces += [_mark(element), _fold(element.text, verbatim)]
            continue
        if event == "end":
            verbatim -= element.tag == "pre"
            pieces.append("\n" if _LINES.fullmatch(element.tag) else "")
        if element is not root:
            pieces.append(_fold(element.tail, verbatim))
    return pieces


def _mark(element: HtmlElement) -> str:
    if element.tag == "br" or _LINES.fullmatch(element.tag):
        return "\n"
    if element.tag == "img":
        return _face(element)
    return " " if element.tag in ("td", "th") else ""


def _face(image: HtmlElement) -> str:
    """Reads the words of an emoji or smiley that is an image; a photograph has none, whatever stands beside it."""
    alternative = str(image.get("alt") or image.get("title") or "").strip()
    number = image.get("smilieid")
    if number is not None:  # Discuz! writes no alternative
        stem = _STEM.search(image.get("src", ""))
        return alternative or f"[{stem[1] if stem else number}]"
    parent = image.getparent()
    beside = "" if parent is None else parent.get("class", "")
    known = any(map(_EMOJI.search, (image.get("class", ""), image.get("src", ""), beside)))
    return alternative if known or _NAMED.fullmatch(alternative) else ""


def _fold(text: str | None, verbatim: int) -> str:
    return (text or "") if verbatim else _SPACE.sub(" ", text or "")


def _is_unseen(element: HtmlElement) -> bool:
    return bool(UNSEEN.fullmatch(element.tag) or _HIDDEN.search(element.get("style", "")))
