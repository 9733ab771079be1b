"""Names of writers that software writes into the text of a feed's entry: who posted it, whom it quotes."""

import re
from html import unescape

from lxml.etree import ParserError  # type: ignore[import-untyped]
from lxml.html import HtmlElement, fragment_fromstring, tostring  # type: ignore[import-untyped]

from crawlers.pages.answers import NO_NAME, names_a_writer, one_line
from crawlers.pages.times import says_a_time

_NAMES = re.compile(r"memberlist\.php|<blockquote|@|Statistics|统计|統計")  # no markup without one of these is parsed
_PROFILE = re.compile(r"memberlist\.php\?[^\"']*mode=viewprofile[^>]*>.{1,200}?</a>\s*—")
# phpBB: `Statistics: Posted by NAME — date`, in feeds of topics with ` — Replies: 3 — Views: 52` behind.
_STATISTICS = re.compile(
    r"(?P<label>[^:：—]{1,40})[:：] ?(?P<posted>[^—]{1,200}) — (?P<time>[^—]{1,60}?)"
    r"(?: — [^:：—]{1,40}[:：] ?\d[\d.,]*){0,2}"
)
_LABEL = re.compile(r"Statistics|统计(?:数据|信息|资料)?|統計(?:數據|資訊|資料)?")
_POSTED = re.compile(r"Posted\b|[发發](?:表|布|佈)|由 ")
_NUMBER = re.compile(r"\d[\d.:,/-]*")
_LAST = re.compile(
    r"<p\b[^>]*>(?P<line>(?:(?!</?p\b).){0,2000})</p>\s*(?:<hr\b[^>]*>\s*)*\Z", re.DOTALL | re.IGNORECASE
)
_TAIL = 4000  # characters: no line about the writer is longer
_TAGS = re.compile(r"<[^>]*>")
_PLAIN = re.compile(
    r"\A\s*@[^\n]{1,120}?(?:said|wrote|说|說|写道|寫道)[^\n]{0,200}[:：][ \t]*\n"
    r"\s*(?P<quote>(?:>[^\n]*\n?)*)(?P<rest>.*)\Z",
    re.DOTALL,
)


def without_bylines(markup: str, author: str | None) -> str:
    """Takes out the line that says who posted an entry, and what it quotes with the name of the quoted.

    `author` is whom the feed names as the writer. Other words stay, a name that the writer mentions too.
    """
    if not _NAMES.search(markup) and not (author and author in markup):
        return markup
    markup = _without_statistics(markup, author)
    if "<" not in markup:
        return _without_plain_quote(markup)
    return _without_quotes(markup) if "<blockquote" in markup.lower() else markup


def _without_statistics(markup: str, author: str | None) -> str:
    """phpBB ends each entry with `Statistics: Posted by NAME — date`, in the board's language."""
    begin = max(0, len(markup) - _TAIL)
    last = _LAST.search(markup, begin)
    if last is None:
        return markup
    return markup[: last.start()] if _tells_who_posted(last["line"], author) else markup


def _tells_who_posted(paragraph: str, author: str | None) -> bool:
    """Tells whether a paragraph is phpBB's line as a whole: a label, the writer, a dash, a time.

    Prose may begin with the label's word, or name the writer before a dash.
    """
    line = _STATISTICS.fullmatch(" ".join(unescape(_TAGS.sub("", paragraph)).split()))
    if line is None:
        return False
    if _PROFILE.search(paragraph):
        return True
    ends_with_name = bool(author) and f" {line['posted']}".endswith(f" {author}")
    known = _LABEL.fullmatch(line["label"].strip()) and (_POSTED.match(line["posted"]) or ends_with_name)
    return bool(known or ends_with_name) and _says_when(line["time"])


def _says_when(words: str) -> bool:
    """Tells whether words are a time, in a language that nobody here reads too: as many numbers as words."""
    parts = words.split()
    return says_a_time(words) or 2 * sum(map(bool, map(_NUMBER.fullmatch, parts))) >= len(parts)


def _without_plain_quote(markup: str) -> str:
    """NodeBB's own feed of last replies is plain text: `@name said:`, the quote, an empty line, the reply."""
    found = _PLAIN.match(markup)
    if found is None:
        return markup
    if found["quote"]:
        return found["rest"]
    quote, _, own = found["rest"].partition("\n\n")
    return own or quote


def _without_quotes(markup: str) -> str:
    try:
        holder = fragment_fromstring(markup, create_parent="div")
    except (ParserError, ValueError):
        return markup
    quotes = [one for one in holder.iter("blockquote") if _names_whom(one)]
    before = [one.getprevious() for one in holder.iter("blockquote") if _attributed(one)]
    labels = [one for one in holder.iter("cite") if _is_label(one)]
    asides = [one for one in holder.iter("aside") if _is_of_a_post(one)]
    for element in [*quotes, *before, *labels, *asides]:
        if element is not None and element.getparent() is not None:
            element.drop_tree()
    return str(tostring(holder, encoding="unicode"))


def _names_whom(quote: HtmlElement) -> bool:
    """Tells whether a quote is of another writer: a name stands before it, or is its first word."""
    own = (child for child in quote.iter("cite") if next(child.iterancestors("blockquote"), None) is quote)
    first = next(own, None)
    begins = first is not None and not _is_label(first) and not _before(quote, first)
    return begins or _attributed(quote)


def _is_of_a_post(aside: HtmlElement) -> bool:
    """Tells whether Discourse quotes another post here: it says whose, as an attribute or above the quote."""
    named = aside.get("data-username") or aside.get("data-post")
    above = (one for one in aside if isinstance(one.tag, str) and one.tag != "blockquote")
    return "quote" in aside.get("class", "").split() and bool(named or any(one.text_content().strip() for one in above))


def _is_label(cite: HtmlElement) -> bool:
    """Tells whether MyBB says above a quote that it is one, and not whose."""
    parent = cite.getparent()
    return parent is not None and parent.tag == "blockquote" and bool(NO_NAME.fullmatch(one_line(cite)))


def _before(quote: HtmlElement, cite: HtmlElement) -> str:
    """Finds the words of a quote that stand before its source."""
    whole, source = str(quote.text_content()).strip(), str(cite.text_content()).strip()
    return whole.partition(source)[0].strip() if source else whole


def _attributed(quote: HtmlElement) -> bool:
    line = quote.getprevious()
    if line is None or line.tag not in ("p", "div", "a", "span"):
        return False
    return names_a_writer(line)
