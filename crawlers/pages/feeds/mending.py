"""Broken markup of feeds, mended so that a reader of XML or HTML finds what the writer meant: bare `&` and `<`."""

import re
from html import escape, unescape
from html.entities import html5

from lxml.html.defs import tags  # type: ignore[import-untyped]

from crawlers.pages.markup import UNSEEN, with_whole_characters

_CDATA = re.compile(r"(<!\[CDATA\[.*?(?:\]\]>|\Z))", re.DOTALL)
_WRAPPED = "<![CDATA["
_AMPERSAND = re.compile(r"&(?!#\d{1,9};|#[xX][0-9a-fA-F]{1,8};)(?:([a-zA-Z][a-zA-Z0-9]{0,31});)?")
_XML = frozenset(["amp", "lt", "gt", "quot", "apos"])
# In XML: a bracket before what begins no name, or before a name that runs into another script: 3<5, a<b 且.
_BARE_IN_XML = re.compile(r"<(?![a-zA-Z_/!?])|<(?=[a-zA-Z][a-zA-Z0-9]*[ \t]*[^\x00-\x7f])")
_BRACKET = re.compile(
    r"<(?!!--|!\[|!doctype|\?)(?P<tag>/?(?P<name>[a-zA-Z][a-zA-Z0-9:-]*)(?=[\s/>]|$)(?!\s+[^\x00-\x7f]))?", re.I
)
_ESCAPED_BLOCK = re.compile(r"\s*&lt;(p|div|br|span|table|ul|ol|section|article|img|h[1-6])\b", re.IGNORECASE)
_CLOSING = re.compile(r"&lt;/\w+&gt;|/&gt;")
_TAG = re.compile(r"<[a-zA-Z/]")
_HIDING = re.compile(rf"<(?P<end>/?)(?P<name>{UNSEEN.pattern})(?=[\s/>]|$)", re.IGNORECASE)
_MEDIA = re.compile(r"xmlns:([\w.-]+)\s*=\s*[\"']http://search\.yahoo\.com/mrss/?[\"']")
_DESCRIPTION = re.compile(r"<(?P<begin>/?(?P<prefix>[\w.-]+):)description(?:\s[^<>]*?)?(?P<end>/?>)")


def mended_xml(document: str) -> str:
    """Writes `&` and `<` that stand for themselves as XML wants them, HTML's named characters as themselves.

    What stands in CDATA is left as it is.
    """
    parts = _CDATA.split(document)
    return "".join(part if number % 2 else _mended(part) for number, part in enumerate(parts))


def _mended(part: str) -> str:
    return _BARE_IN_XML.sub("&lt;", _AMPERSAND.sub(_reference, part))


def _reference(found: re.Match[str]) -> str:
    name = found[1]
    if not name:
        return "&amp;"
    if name in _XML:
        return found[0]
    return escape(html5[f"{name};"]) if f"{name};" in html5 else f"&amp;{name};"


def captions_apart(document: str) -> str:
    """Calls the `description` of Media RSS `caption`: feedparser takes the words of a picture for the entry's own."""
    media = {"media", *_MEDIA.findall(document)}
    parts = _CDATA.split(document)
    return "".join(
        part if number % 2 else _DESCRIPTION.sub(lambda tag: _caption(tag, media), part)
        for number, part in enumerate(parts)
    )


def _caption(tag: re.Match[str], media: set[str]) -> str:
    return f"<{tag['begin']}caption{tag['end']}" if tag["prefix"] in media else tag[0]


def mended_title(title: str) -> str:
    """Mends a title as `mended_html` does; what would hide all that follows, and is never closed, is the title's word.

    Such is `如何用<video>标签`: no title of a feed plays a film.
    """
    mended = mended_html(title)
    ends = {tag["name"].lower(): tag.start() for tag in _HIDING.finditer(mended) if tag["end"]}
    return _HIDING.sub(
        lambda tag: tag[0] if tag["end"] or ends.get(tag["name"].lower(), -1) > tag.start() else f"&lt;{tag[0][1:]}",
        mended,
    )


def mended_html(markup: str) -> str:
    """Escapes every `<` that opens no tag of HTML; unescapes markup that was escaped as a whole once too often."""
    if _WRAPPED in markup:  # a CDATA section within another one, which browsers take for a comment
        markup = markup.replace(_WRAPPED, "").replace("]]>", "")
    if not _TAG.search(markup) and _ESCAPED_BLOCK.match(markup) and _CLOSING.search(markup):
        markup = unescape(markup)
    return _BRACKET.sub(_opening, with_whole_characters(markup))


def _opening(found: re.Match[str]) -> str:
    name = (found["name"] or "").lower()
    known = name in tags or ":" in name or "-" in name
    return found[0] if known else f"&lt;{found['tag'] or ''}"
