"""What a site says instead of any page, to keep a program out: recognised by traits, whatever the software.

A page of content is never one of them: it has links, text, or a box to write in. A log-in box beside posts, or a post
about codes of verification, refuses nobody, nor does an article, however short, about something else that is closed:
a refusal speaks to its reader. Where only a place on a page tells, see `_Shown.is_bare` and `is_notice`.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from html import unescape
from urllib.parse import urljoin, urlsplit

from crawlers.pages.decoding import decode
from crawlers.pages.traits.signs import (
    ADDRESSES,
    CAPTCHA_HEAD,
    CAPTCHA_PART,
    CAPTCHA_SCRIPT,
    CAPTCHA_WORDS,
    CHALLENGE,
    CHALLENGE_HEAD,
    CHALLENGE_SCRIPT,
    CHALLENGE_WORDS,
    CLOSED,
    CLOSED_BY_NAME,
    CLOSED_SENTENCE,
    CLOSED_WORDS,
    COOKIE_WORDS,
    FLOOD_GUARD,
    HIDDEN_SCRIPT,
    LOADS_AGAIN,
    LOGIN_HEAD,
    LOGIN_HOST,
    LOGIN_PATH,
    LOGIN_SENTENCE,
    LOGIN_WORD,
    SETS_COOKIE,
    TELLS_AHEAD,
    TO_READER,
    WAF,
    WAF_NAMED,
    WAF_SCRIPT,
)
from stream.spelling.script import simplified

LARGEST = 65_536  # bytes: pages that refuse are smaller; what is longer is looked at by its headers alone
_SMALL = 8_000  # characters: a page that only loads a puzzle
_FEW_WORDS, _FEW_LINKS, _NOTICE_LINKS = 400, 15, 2
_NO_MORE = 10  # characters beside a heading: less than a sentence
_REST = 3600  # seconds for which a site that refused is left alone at least
_BUSY = frozenset({404, 408, 410, 429})  # not there, or later: never a no by their words


class Refused(StrEnum):
    """How a site keeps a program out; the word stands in health, letters and logs."""

    CAPTCHA = "captcha"
    CHALLENGE = "challenge"  # a check of the browser, such as Cloudflare's
    WAF = "waf"  # a firewall's page
    WAF_SCRIPT = "waf_script"  # a known firewall's script that must run before there is a page
    COOKIE_GATE = "cookie_gate"  # sets a cookie and loads again, and shows nothing without
    FLOOD_GUARD = "flood_guard"  # Discuz' own, which feeds of such a site meet too
    BARRED = "barred"  # 432: Weibo's answer to a program that it knows
    LOGIN = "login"  # for those who logged in; one page may be, without the whole site
    CLOSED = "site_closed"

    @property
    def is_of_site(self) -> bool:
        """Whether the whole site is shut by it, wherever it is met."""
        return self is not Refused.LOGIN


_NO_WORDS = re.compile(
    r"<(script|style|noscript|template|svg)\b.*?(?:</\1\s*>|$)|<!--.*?(?:-->|$)", re.IGNORECASE | re.DOTALL
)
_TAG = re.compile(r"<[^<>]*>")
_BLOCK = re.compile(r"</?(?:p|div|h\d|li|t[dhr]|br|article|section)\b[^<>]*>", re.IGNORECASE)
_SENTENCES = re.compile(r"[。！!；;？?\n]")
_STOPS = " .…。！!"
_HEAD = re.compile(r"<(title|h1|h2)\b[^<>]*>(.{0,500}?)</(?:title|h1|h2)\s*>", re.IGNORECASE | re.DOTALL)
_TITLE = re.compile(r"<title\b.{0,500}?</title\s*>", re.IGNORECASE | re.DOTALL)
_PARTS = re.compile(r"\s*[-–—_|·»:：]\s+|\s+[-–—_|·»]\s*|\s*[|»·]\s*|[-_–—](?=\D)")
_BOX = re.compile(r"<textarea\b(?![^<>]*(?:captcha|display\s*:\s*none|\bhidden\b))|contenteditable", re.IGNORECASE)
_INPUT = re.compile(r"<input\b", re.IGNORECASE)
_GOES_TO = re.compile(
    r"location(?:\s*\.\s*href)?\s*(?:=|\.\s*(?:replace|assign)\s*\()\s*[\"']([^\"'<>]{1,500})", re.IGNORECASE
)
_PASSWORD = re.compile(r"""type\s*=\s*["']?password""", re.IGNORECASE)
_LINK = re.compile(r"<a\b[^<>]*\bhref", re.IGNORECASE)
_REFRESH = re.compile(
    r"""<meta\b[^<>]*http-equiv\s*=\s*["']?refresh["']?[^<>]*content\s*=\s*["']?([^"'>]*)""", re.IGNORECASE
)
_DATA = re.compile(
    rb"^\s*(?:\xef\xbb\xbf)?\s*(?:[\[{]|<\?xml(?!.{0,300}<!DOCTYPE html)|<(?:rss|feed|rdf:RDF)\b)", re.DOTALL
)


class _Shown:
    """A page as text, each part worked out when asked for."""

    def __init__(self, body: bytes) -> None:
        self.text = simplified(decode(body, "")[0].replace("\0", ""))

    @cached_property
    def _below_title(self) -> str:
        return _NO_WORDS.sub(" ", _TITLE.sub(" ", self.text))

    @cached_property
    def sentences(self) -> tuple[str, ...]:
        """What a person reads below the title, a sentence or a block each."""
        plain = " ".join(self._below_title.split())
        found = _SENTENCES.split(unescape(_TAG.sub(" ", _BLOCK.sub("\n", plain))))
        return tuple(" ".join(one.split()) for one in found if one.strip())

    @cached_property
    def words(self) -> str:
        """What a person reads, in one line."""
        return " ".join(unescape(_TAG.sub(" ", self._below_title)).split())

    @cached_property
    def heads(self) -> tuple[tuple[str, str], ...]:
        """Whole and in parts, its title and headings, each behind its element's name."""
        found = [
            (tag.lower(), " ".join(unescape(_TAG.sub(" ", told)).split())) for tag, told in _HEAD.findall(self.text)
        ]
        parts = ((tag, part.strip(_STOPS)) for tag, head in found for part in (head, *_PARTS.split(head)))
        return tuple((tag, part) for tag, part in parts if part)

    @property
    def headline(self) -> str:
        """Its title and headings in one line."""
        return " ".join(part for _, part in self.heads)

    @cached_property
    def links(self) -> int:
        """How many there are to follow."""
        return len(_LINK.findall(self.text))

    @cached_property
    def is_bare(self) -> bool:
        """Whether it has little to read and to follow, and nothing to write in."""
        return self.links <= _FEW_LINKS and len(self.words) < _FEW_WORDS and _BOX.search(self.text) is None

    @cached_property
    def stands_alone(self) -> bool:
        """Whether it is a notice and nothing else: pages of a site link to its other pages."""
        return self.is_bare and self.links <= _NOTICE_LINKS and len(self.words) < _FEW_WORDS // 2

    @property
    def shows_nothing(self) -> bool:
        """Whether there is nothing to follow and hardly a line to read."""
        return not self.links and len(self.words) < _FEW_WORDS // 4

    def is_headed(self, what: re.Pattern[str], *, on_top: bool = False) -> bool:
        """Tells whether a part of its title, or a heading, is nothing but that; `on_top`: headings of parts aside."""
        return any(what.fullmatch(part) for tag, part in self.heads if not on_top or tag != "h2")

    def is_notice(self, what: re.Pattern[str]) -> bool:
        """Tells whether it is headed so, and whatever it says beside that is said to its reader."""
        if not self.is_headed(what):
            return False
        heads = {head for _, head in self.heads}
        beside = "".join(told for one in self.sentences if (told := one.strip(_STOPS)) not in heads)
        return len(beside) < _NO_MORE or ADDRESSES.search(beside) is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """An answer of a site; names of `headers` are in small letters."""

    status: int
    url: str
    headers: Mapping[str, str]
    body: bytes


def leads_to_login(target: str) -> bool:
    """Tells whether a redirect leads to where one logs in, on this host or another."""
    parts = urlsplit(target)
    path = f"{parts.path}?{parts.query.partition('=http')[0]}" if parts.query else parts.path
    within = parts.fragment.lstrip("!") if parts.fragment.lstrip("!").startswith("/") else ""
    return bool(LOGIN_HOST.match(parts.hostname or "") or LOGIN_PATH.search(path) or LOGIN_PATH.search(within))


def refused(reply: Reply) -> Refused | None:
    """Recognises a refusal; None where there is none, or none that a stranger could tell from a page."""
    by_headers = _by_headers(reply)
    if by_headers is not None or reply.status in _BUSY or len(reply.body) > LARGEST:
        return by_headers
    if reply.status == 503 and _says_closed(_Shown(reply.body), reply):
        return Refused.CLOSED
    if _is_other(reply.body):
        return None
    page = _Shown(reply.body)
    return _on_error(page, reply) if reply.status >= 400 else _instead(page, reply)


def _is_other(body: bytes) -> bool:
    """Tells cheaply that it is a page of content, or data and no page: so nearly all are, and each is looked at."""
    return body.count(b"<a ") > _FEW_LINKS or _DATA.match(body) is not None


def _by_headers(reply: Reply) -> Refused | None:
    headers = reply.headers
    if reply.status == 432:
        return Refused.BARRED
    if headers.get("cf-mitigated", "").lower() == "challenge":
        return Refused.CHALLENGE
    action = headers.get("x-amzn-waf-action", "").lower()
    if action in ("captcha", "challenge"):
        return Refused(action)
    if reply.status >= 400 and ("x-sucuri-block" in headers or headers.get("x-datadome", "").lower() == "protected"):
        return Refused.WAF
    return None


def _on_error(page: _Shown, reply: Reply) -> Refused | None:
    """Reads an error page for its reason; one that names none is judged by its status."""
    if _is_challenge(page):
        return Refused.CHALLENGE
    if WAF_SCRIPT.search(page.text) and len(page.words) < _FEW_WORDS:
        return Refused.WAF_SCRIPT
    told = f"{page.headline} {page.words}"
    named = WAF.search(told) or WAF_NAMED.search(told) or "errors.aliyun.com" in page.text
    if named or reply.status == 405:  # to a plain question for a page: what a firewall says, and no forum
        return Refused.WAF
    if _is_captcha(page):
        return Refused.CAPTCHA
    if page.shows_nothing and (gate := _gate(page.text, reply)) is not None:
        return gate
    return Refused.CLOSED if reply.status < 500 and _is_closed(page) else None


def _instead(page: _Shown, reply: Reply) -> Refused | None:
    """Reads a page that comes as if all were well."""
    alone, text = page.stands_alone, page.text
    if CHALLENGE_SCRIPT.search(text):
        return Refused.CHALLENGE
    if not page.is_bare:
        return None
    if CHALLENGE.search(text) or (alone and _is_challenge(page)):
        return Refused.CHALLENGE
    if _is_captcha(page):
        return Refused.CAPTCHA
    if page.shows_nothing and (gate := _gate(text, reply)) is not None:
        return gate
    if alone and _is_firewall(page):
        return Refused.WAF
    if _is_login(page):
        return Refused.LOGIN
    if alone and COOKIE_WORDS.search(page.words):
        return Refused.COOKIE_GATE
    return Refused.CLOSED if _is_closed(page) else None


def _gate(text: str, reply: Reply) -> Refused | None:
    """Recognises a page that shows nothing before something was done by a browser."""
    if FLOOD_GUARD.search(text):
        return Refused.FLOOD_GUARD
    if "<script" in text.lower():
        if WAF_SCRIPT.search(text):
            return Refused.WAF_SCRIPT
        if SETS_COOKIE.search(text) and LOADS_AGAIN.search(text):
            return Refused.COOKIE_GATE
        if HIDDEN_SCRIPT.search(text) and (SETS_COOKIE.search(text) or LOADS_AGAIN.search(text)):
            return Refused.WAF_SCRIPT
        if (onward := _GOES_TO.search(text)) is not None and _asks_for_login(onward[1], reply):
            return Refused.LOGIN
    again = _REFRESH.search(text)
    _, _, target = again[1].partition("=") if again else ("", "", "")
    if target and _asks_for_login(target, reply):
        return Refused.LOGIN
    if again is None or "set-cookie" not in reply.headers:
        return None
    return Refused.COOKIE_GATE if target.strip() in ("", reply.url, urlsplit(reply.url).path) else None


def _asks_for_login(target: str, reply: Reply) -> bool:
    """Tells whether a page sends its reader on to a log-in, as a redirect would."""
    try:
        return leads_to_login(urljoin(reply.url, target.strip())) and not leads_to_login(reply.url)
    except ValueError:  # such as http://[
        return False


def _is_challenge(page: _Shown) -> bool:
    marked = any(sign.search(page.text) for sign in (CHALLENGE, CHALLENGE_SCRIPT, CHALLENGE_WORDS))
    return marked or page.is_notice(CHALLENGE_HEAD)


def _is_firewall(page: _Shown) -> bool:
    """Tells by a name, by a sentence that turns to the reader, or by its saying nothing else."""
    if WAF_NAMED.search(f"{page.headline} {page.words}"):
        return True
    told = (*(part for _, part in page.heads), *page.sentences)
    turns = any(WAF.search(one) and TO_READER.search(one) for one in told)
    return turns or page.is_notice(WAF) or WAF.fullmatch(page.words.strip(_STOPS)) is not None


def _is_captcha(page: _Shown) -> bool:
    if not page.is_bare or _PASSWORD.search(page.text):
        return False
    headed = page.links <= _NOTICE_LINKS and page.is_notice(CAPTCHA_HEAD)
    puzzle = page.shows_nothing and len(page.text) < _SMALL and CAPTCHA_SCRIPT.search(page.text) is not None
    return headed or puzzle or bool(CAPTCHA_WORDS.search(page.words) and CAPTCHA_PART.search(page.text))


def _is_login(page: _Shown) -> bool:
    """Tells by its name, or by its having nothing else: most pages of a forum have a box for it somewhere."""
    asks = _PASSWORD.search(page.text) is not None
    if page.is_headed(LOGIN_HEAD, on_top=True):
        return asks or page.stands_alone
    short = len(page.words) < _FEW_WORDS // 4
    asks = asks or (short and _INPUT.search(page.text) is not None)  # a code by telephone
    said = (asks and LOGIN_WORD.search(page.words)) or (short and LOGIN_SENTENCE.search(page.words))
    return page.stands_alone and bool(said)


def _says_closed(page: _Shown, reply: Reply) -> bool:
    """Reads an answer that means "later": a site under repair is closed, one that is merely busy is waited for.

    One that names a time beyond the first rest is waited for as it asks.
    """
    asked = reply.headers.get("retry-after", "0").strip()
    told = f"{page.headline} {page.words[:_FEW_WORDS]}"
    return asked.isdigit() and int(asked[:9]) <= _REST and CLOSED_WORDS.search(told) is not None


def _is_closed(page: _Shown) -> bool:
    if not page.stands_alone or TELLS_AHEAD.search(page.words):
        return False
    if len(page.words) < _FEW_WORDS // 4:
        if CLOSED_SENTENCE.search(page.words):
            return True
        if CLOSED_BY_NAME.search(page.words) and ADDRESSES.search(page.words):
            return True
    return page.is_notice(CLOSED)
