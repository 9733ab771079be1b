"""What the readers of forum software share: an answer as HTML or as JSON, and small things that all ask of it."""

import json
import re
from html import unescape
from typing import Any
from urllib.parse import parse_qs, urlsplit, urlunsplit

from lxml.etree import ParserError  # type: ignore[import-untyped]
from lxml.html import Element, HtmlElement, document_fromstring  # type: ignore[import-untyped]

from crawlers.pages.decoding import decode
from crawlers.pages.forum import Answer
from crawlers.pages.markup import UNWRITABLE, page_parser, parse_page, with_whole_characters
from crawlers.pages.xpath import Elements
from stream.errors import Rejected

_DIGITS = re.compile(r"\d+")
_TOO_LONG = 16  # digits: no counter is
_ID_TOO_LONG = 20  # digits: no id is
NO_NAME = re.compile(r"(?:quote|引[用言文述])?\s*[:：]?", re.IGNORECASE)  # the head of a quote that is nobody's
# NodeBB's words behind the name of who is quoted: `said:`, `said in …:`, `说：`, `在 … 中说：`.
_VERB = r"(?:said|says|wrote|[说說写寫]道|[说說]|提到)"
_SAID = rf"(?:{_VERB}\s*(?:(?:in\b|[于於]).{{0,200}})?|[在于於][^，。！？；,!?;]{{1,200}}?{_VERB})"
_NAME = r"[^\s@，。！？；：,!?;:]{1,120}?(?: [A-Z][\w-]*){0,3}"  # `A Former User`
_TO_A_WRITER = Elements(".//a[contains(@href,'/user/') or contains(@href,'/uid/')]")
_TO_A_TOPIC = Elements(".//a[contains(@href,'/topic/')]")
_TO_A_POST = Elements(".//a[contains(@href,'/post/')]")
_SMILEYS = Elements(".//img[@alt][contains(@class,'smil') or contains(@class,'emoji')]")


class JsonObject:
    """A JSON object that somebody else wrote: what is asked for comes in the type that was asked for, or empty."""

    def __init__(self, raw: object) -> None:
        self._raw: dict[str, Any] = raw if isinstance(raw, dict) else {}

    def __contains__(self, key: str) -> bool:
        return key in self._raw

    def text(self, key: str) -> str:
        """Reads a string; a number too, since ids and times often are numbers."""
        value = self._raw.get(key)
        return str(value) if isinstance(value, str | int) and not isinstance(value, bool) else ""

    def moment(self, key: str) -> str:
        """Reads whatever stands for a time, as words: what is neither text nor number must not pass for no time."""
        value = self._raw.get(key)
        return "" if value is None else str(value)

    def number(self, key: str) -> int | None:
        """Reads a whole number, also one that is written as text."""
        return number(self.text(key)) if self.text(key).isdecimal() else None

    def flag(self, key: str) -> bool:
        """Reads a truth value, which some write as 0 and 1."""
        return bool(self._raw.get(key))

    def one(self, key: str) -> "JsonObject":
        """Reads an object within."""
        return JsonObject(self._raw.get(key))

    def all(self, key: str) -> list["JsonObject"]:
        """Reads the objects of a list."""
        return objects(self._raw.get(key))

    def texts(self, key: str) -> list[str]:
        """Reads the strings and numbers of a list."""
        value = self._raw.get(key)
        items = value if isinstance(value, list) else []
        return [str(item) for item in items if isinstance(item, str | int) and not isinstance(item, bool)]


def objects(value: object) -> list[JsonObject]:
    """Takes the objects out of what should be a list of them."""
    return [JsonObject(item) for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def read_json(answer: Answer) -> Any:
    """Reads an answer as JSON. Raises `Rejected("layout")` for anything else, as for a page in HTML."""
    try:
        return json.loads(answer.body)
    except (ValueError, RecursionError) as error:
        raise Rejected("layout", f"not JSON: {error}") from error


def read_html(answer: Answer, encoding: str | None = None) -> HtmlElement:
    """Parses an answer as a page; `encoding` overrides what it declares. Raises `Rejected("empty")` for nothing."""
    text, _ = decode(answer.body, answer.content_type, encoding)
    if not text.strip():
        raise Rejected("empty", "a page without content")
    try:
        return parse_page(text)
    except ParserError as error:
        raise Rejected("empty", "a page without any element") from error


def fragment(markup: str) -> HtmlElement:
    """Parses the HTML of one post, as an API has it. What is nested too deep to be parsed is its words alone."""
    parser, markup = page_parser(), with_whole_characters(markup)
    body = document_fromstring(f"<div>{UNWRITABLE.sub('', markup)}</div>", parser=parser)
    if any(entry.type_name == "ERR_RESOURCE_LIMIT" for entry in parser.error_log):
        body = Element("div")
        body.text = UNWRITABLE.sub("", unescape(re.sub(r"<[^<>]*>", " ", markup)))
    return body


def keep_smileys(cell: HtmlElement) -> None:
    """Puts words in place of the images that stand for smileys: `[Smile]`, while `:)` and 😡 stay what they are."""
    for image in _SMILEYS.all(cell):
        words = image.get("alt", "").strip()
        image.set("alt", f"[{words}]" if words[:1].isalnum() and words.isascii() else words)
        image.set("class", "emoji")


def one_line(element: HtmlElement) -> str:
    """Reads an element's text as one line."""
    return " ".join(element.text_content().split())


def names_a_writer(line: HtmlElement) -> bool:
    """Tells whether a line is nothing but what NodeBB writes above a quote: `@NAME said in …:`, linked or not.

    In a language that is not known here the verb is known by its link to the post; so is a guest, who has no `@`.
    """
    words = one_line(line)
    for title in _TO_A_TOPIC.all(line)[:1]:
        words = words.replace(one_line(title), "…", 1)
    verbs = [one_line(link) for link in _TO_A_POST.all(line)]
    linked = next((name for name in map(one_line, _TO_A_WRITER.all(line)) if name and words.startswith(name)), "")
    who = re.escape(linked) or ("@?" if verbs else "@") + _NAME
    said = [_SAID, *(re.escape(verb) for verb in verbs if linked or words.startswith("@"))]
    return re.fullmatch(rf"{who}\s*(?:{'|'.join(said)})\s*[:：]", words) is not None


def number(told: str) -> int | None:
    """Finds the first number in some words, `1,234` being one."""
    match = _DIGITS.search(told.replace(",", ""))
    return int(match[0]) if match and len(match[0]) < _TOO_LONG else None


def asked(href: str, name: str) -> str:
    """Reads one value of an address's query, empty where it has none."""
    try:
        return parse_qs(urlsplit(href).query).get(name, [""])[0]
    except ValueError:  # such as http://[
        return ""


def rank_of(native_id: str) -> int | None:
    """Reads the number in an id such as `pid:22`, None where it is none that a database would give."""
    digits = native_id.rpartition(":")[2]
    return int(digits) if digits.isdecimal() and len(digits) < _ID_TOO_LONG else None


def folder(url: str) -> str:
    """Finds the folder that an address lies in: itself, unless its last part names a file."""
    parts = urlsplit(url)
    path, _, last = parts.path.rpartition("/")
    inside = path if "." in last or not last else parts.path
    return urlunsplit((parts.scheme, parts.netloc, f"{inside.rstrip('/')}/", "", ""))
