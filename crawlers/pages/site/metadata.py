"""What a page says of itself for programs: JSON-LD, Open Graph, and the meta names of Chinese government sites."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from lxml.html import HtmlElement  # type: ignore[import-untyped]

from crawlers.pages.markup import element_text
from crawlers.pages.xpath import Elements, Words

_SCRIPTS = Elements("//script[@type='application/ld+json']")
_META = Elements("//meta[@content and (@name or @property or @itemprop)]")
_TIMES = Elements("//time[@datetime and not(ancestor::aside or ancestor::footer or ancestor::nav)]")
_HEADING = Words("//h1[1]")
_TITLE = Words("//title[1]")
_ARTICLE = re.compile(r"\w*(?:article|posting)", re.IGNORECASE)  # NewsArticle, BlogPosting and the others
_SITE_NAME = re.compile(r"\s*(?:[|_–—]| - | – )\s*[^|_–—]{1,30}$")
_DATE = r"20\d\d\s*[-/.年]\s*\d{1,2}\s*[-/.月]\s*\d{1,2}\s*日?"
_TIME = r"\s*\d{1,2}[:：]\d{2}(?:[:：]\d{2})?"
_LABELLED = re.compile(
    r"(?:发[布表](?:时间|日期|于)|(?<![\u4e00-\u9fff])(?:日期|时间))\s*[:：]?\s*"  # not the 会议时间 of a notice
    rf"({_DATE}(?:{_TIME})?)"
)
# What a label of publishing says in another way: days ago, a month alone, by the old calendar.
_LABELLED_OTHERWISE = re.compile(
    r"发[布表](?:时间|日期|于)\s*[:：]\s*("
    r"(?:[农農阴陰公][历曆])?[\d〇零○一二三四五六七八九十廿甲乙丙丁戊己庚辛壬癸今昨前]"
    rf"[^\s,，;；。|]{{0,14}}?[年月前天][^\s,，;；。|]{{0,6}}(?:{_TIME})?|20\d\d[-/.]\d{{1,2}}(?![-/.\d]))"
)
_MOMENT = re.compile(rf"{_DATE}{_TIME}")
# What stands before the moment of an event, as in 停电时间：… and 定于…
_EVENT = re.compile(r"(?<!更新)(?<!编辑)(?:(?:时间|日期)(?:[为是]|\s*[:：])|[于自从在])\s*$")
_NEAR = 120  # characters behind the title in which a moment without a label is that of publishing
# Names of dates of publishing, those of the national standard for government sites among them (PubDate).
_PUBLISHED = (
    "article:published_time", "datepublished", "pubdate", "publishdate", "publish-date", "publication_date",
    "og:published_time", "dc.date.issued", "weibo:article:create_at",
)  # fmt: skip
_TITLES = ("articletitle", "og:title")
_BOARDS = ("columnname", "article:section")
_DEEPEST = 6  # levels of JSON-LD
_MOST = 100_000  # characters of text in which a labelled date is looked for


@dataclass(frozen=True, slots=True, kw_only=True)
class PageMetadata:
    """What a page says of itself; `published` are its words for when, the most trusted first."""

    title: str = ""
    board: str = ""
    published: tuple[str, ...] = ()
    is_article: bool = False


def read_metadata(root: HtmlElement) -> PageMetadata:
    """Reads a page's own words of what it is. Total: what is broken says nothing."""
    meta = _meta(root)
    articles = [node for node in _linked_data(root) if _is_article(node)]
    headlines = [_text(node.get("headline")) for node in articles]
    title = next((one for one in (meta.get("articletitle", ""), *headlines, meta.get("og:title", "")) if one), "")
    heading = _line(_HEADING.of(root))
    dates = [_text(node.get("datePublished")) for node in articles]
    dates += [meta[name] for name in _PUBLISHED if name in meta]
    dates += [time.get("datetime", "") for time in _TIMES.all(root)[:1]]
    title = title or heading or _SITE_NAME.sub("", _line(_TITLE.of(root)))
    dates.append(_shown(_line(element_text(root)[:_MOST]), title))
    return PageMetadata(
        title=title,
        board=next((meta[name] for name in _BOARDS if meta.get(name)), ""),
        published=tuple(date for date in dict.fromkeys(dates) if date),
        is_article=bool(articles) or meta.get("og:type", "").lower() == "article" or "articletitle" in meta,
    )


def _shown(text: str, title: str) -> str:
    """Finds the date that readers see: behind its label, else a moment shortly behind the title."""
    if labelled := _LABELLED.search(text) or _LABELLED_OTHERWISE.search(text):
        return labelled[1]
    for behind in text.split(title)[1:] if title else ():
        moment = _MOMENT.search(behind[:_NEAR])
        if moment and not _EVENT.search(behind[: moment.start()]):
            return moment[0]
    return ""


def _meta(root: HtmlElement) -> Mapping[str, str]:
    found: dict[str, str] = {}
    for one in _META.all(root):
        name = one.get("property") or one.get("name") or one.get("itemprop") or ""
        found.setdefault(name.strip().lower(), _line(one.get("content", "")))
    return found


def _linked_data(root: HtmlElement) -> Iterator[Mapping[str, Any]]:
    for script in _SCRIPTS.all(root):
        try:
            yield from _nodes(json.loads(script.text or "", strict=False), _DEEPEST)
        except (ValueError, RecursionError):
            continue


def _nodes(value: object, deep: int) -> Iterator[Mapping[str, Any]]:
    """Finds the nodes of a document: it may be one, a list, or a graph. Lists of other articles are not gone into."""
    if isinstance(value, list) and deep:
        for one in value:
            yield from _nodes(one, deep - 1)
    elif isinstance(value, dict) and deep:
        yield value
        for name in ("@graph", "mainEntity", "mainEntityOfPage"):
            yield from _nodes(value.get(name), deep - 1)


def _is_article(node: Mapping[str, Any]) -> bool:
    kinds = node.get("@type")
    return any(
        isinstance(one, str) and _ARTICLE.fullmatch(one) for one in (kinds if isinstance(kinds, list) else [kinds])
    )


def _text(value: object) -> str:
    return _line(value) if isinstance(value, str) else ""


def _line(words: str) -> str:
    return " ".join(words.split())
