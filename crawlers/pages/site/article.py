"""An article's page on a site of any make: its title, its words, when it was published. Lists are no articles."""

import re
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from lxml.etree import ParserError  # type: ignore[import-untyped]
from lxml.html import HtmlElement  # type: ignore[import-untyped]
from trafilatura import bare_extraction

from crawlers.pages.decoding import decode
from crawlers.pages.forum import Answer
from crawlers.pages.markup import parse_page
from crawlers.pages.observation import Observation
from crawlers.pages.site.bylines import DATE, without_bylines
from crawlers.pages.site.gone import says_it_is_gone
from crawlers.pages.site.metadata import PageMetadata, read_metadata
from crawlers.pages.site.paragraphs import mark_paragraphs
from crawlers.pages.site.sitemap import SitemapEntry, page_id
from crawlers.pages.time_forms import MONTH_NAMES
from crawlers.pages.times import not_understood, read_time
from crawlers.pages.xpath import Elements
from stream.errors import Rejected
from stream.messages import Kind, Precision
from stream.process.clock import SHANGHAI

_LINKS = Elements("//body//a[@href]")
_MIDNIGHT = re.compile(r"[t ]00:00(?::00(?:\.0+)?)?\s*(?:z|[+-]\d\d:?\d\d)?$", re.IGNORECASE)
_DAY_IN_ADDRESS = re.compile(r"/(20\d\d)[-/]?([01]\d)[-/]?([0-3]\d)/|/t(20\d\d)([01]\d)([0-3]\d)_\d+\.")
_DATED_LINES = 3  # so many lines of dates alone are those of a list
_SHORT = 200  # characters: a page that only says it is gone is shorter
_EARLIEST = "1995-01-01"


def read_article(answer: Answer, listed: SitemapEntry | None = None) -> Observation:
    """Reads the article on a page; `listed` is what the sitemap told of it.

    The writer is the site itself: bylines are people's names, and are not kept. A change that the page tells of is not
    believed, as templates change it too: an edit is when words are seen to differ. Raises `Rejected`: "empty",
    "page_gone" for a page that answers 200 and says so, "no_article_text" for an article whose words were not found,
    "not_an_article" for lists and for pages that neither say what they are nor from when.
    """
    listed = listed or SitemapEntry(url=answer.url)
    markup, root = _parsed(answer)
    told = read_metadata(root)
    links = {_squeezed(link.text_content()) for link in _LINKS.all(root)}
    title = told.title or listed.title  # the map forgets it, and another title would be an edit
    mark_paragraphs(root)
    words, day = _extracted(root, answer)
    declared = told.is_article or bool(listed.published)
    if declared and not words:
        _, root = _parsed(answer)
        mark_paragraphs(root, unbroken=True)
        words, day = _extracted(root, answer)
    lines = [line.strip().strip("|").strip() for line in words.splitlines()]  # a table's rows come with bars
    told_lines = ((line, without_bylines(line)) for line in lines if line != title)
    text = "\n".join(own for line, own in told_lines if own or not line).strip()
    moment, precision, unread = _published(told, listed, day, answer, day_is_told=_stands_in(markup, day))
    dated = declared or bool(told.published)
    if len(text) < _SHORT and says_it_is_gone(title or text[:40], text, declared=dated):
        raise Rejected("page_gone", title)
    if not text or _is_list(lines, links):
        raise Rejected("no_article_text" if declared and not text else "not_an_article", title)
    if not declared and moment is None:
        raise Rejected("not_an_article", title)
    name = page_id(listed.url)
    return Observation(
        native_id=name,
        kind=Kind.ARTICLE,
        thread=name,
        board=told.board or None,
        url=listed.url,
        title=title,
        text=text,
        author=urlsplit(answer.url).hostname,
        published_at=moment,
        published_precision=precision,
        unread_time=unread,
    )


def _parsed(answer: Answer) -> tuple[str, HtmlElement]:
    text, _ = decode(answer.body, answer.content_type)
    try:
        return text, parse_page(text)
    except (ParserError, ValueError) as error:
        raise Rejected("empty", "a page without any element") from error


def _extracted(root: HtmlElement, answer: Answer) -> tuple[str, str]:
    """Extracts the article's words, and the day that htmldate finds: it looks for days alone, never for a time.

    Without trafilatura's fall-backs: those count words between blanks, and Chinese has none.
    """
    dates = {
        "extensive_search": False,  # else any date on the page will do
        "original_date": True,
        "min_date": _EARLIEST,
        "max_date": answer.at.astimezone(SHANGHAI).date().isoformat(),
    }
    found = bare_extraction(
        root,
        url=answer.url,
        fast=True,
        include_comments=False,
        favor_precision=True,
        with_metadata=True,
        date_extraction_params=dates,
    )
    if found is None or isinstance(found, dict):
        return "", ""
    return str(found.text or "").strip(), str(found.date or "")


def _stands_in(markup: str, day: str) -> bool:
    """Tells whether a page has all of a day: of a month alone htmldate makes today's day in that month."""
    if not day:
        return False
    year, month, date = day.split("-")
    number, name, day_of = f"0?{int(month)}", MONTH_NAMES[int(month) - 1], rf"0?{int(date)}(?!\d)"
    forms = (
        f"{year}{month}{date}",
        rf"{year}\D{{0,3}}{number}\D{{0,3}}{day_of}",
        rf"(?<!\d){number}\D{{1,3}}{day_of}\D{{1,4}}{year}",
        rf"(?<!\d){day_of}\D{{1,3}}{number}\D{{1,3}}{year}",
        rf"{name}[a-z]*\W{{1,3}}{day_of}\D{{1,6}}{year}",
        rf"(?<!\d){day_of}(?:st|nd|rd|th)?\W{{1,3}}{name}[a-z]*\W{{1,3}}{year}",
    )
    return re.search("|".join(forms), markup, re.IGNORECASE) is not None


def _is_list(lines: list[str], links: set[str]) -> bool:
    """Tells whether what was extracted are headlines: most of it the words of links, or with a date to each."""
    told = [_squeezed(line.lstrip("-# ")) for line in lines]
    linked = 2 * sum(len(line) for line in told if line in links) >= sum(map(len, told))
    return linked or sum(bool(re.fullmatch(DATE, line)) for line in lines) >= _DATED_LINES


def _published(
    told: PageMetadata, listed: SitemapEntry, day: str, answer: Answer, *, day_is_told: bool
) -> tuple[datetime | None, Precision, str]:
    """Finds when it was published: as the news sitemap says, as the page says, else the day that its address holds, or
    that was found on it. Of a `day` that the page does not have, a month was found."""
    words = [one for one in (listed.published, *told.published) if one]
    for one in words:
        moment, precision = read_time(one, answer.at)
        if moment is not None and moment <= answer.at + timedelta(days=1):
            return moment, Precision.DAY if _MIDNIGHT.search(one) else precision, ""
    match = _DAY_IN_ADDRESS.search(answer.url)
    for one in ("-".join(part for part in match.groups() if part) if match else "", day if day_is_told else ""):
        moment, precision = read_time(one, answer.at)
        if moment is not None and precision is Precision.DAY and moment <= answer.at:
            return moment, Precision.DAY, ""
    return None, Precision.UNKNOWN, not_understood(words[0] if words else day[:7], None)


def _squeezed(words: str) -> str:
    return "".join(words.split())
