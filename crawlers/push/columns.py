"""The column map: which column of a file holds what, and what a row under it amounts to."""

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, tzinfo
from hashlib import sha256
from typing import Any, NamedTuple

from pydantic.dataclasses import dataclass

from crawlers.edge import name_of, normalise, readable, unread_time, web_address
from crawlers.intake import UNREAD_TIME
from crawlers.pages.feeds.identity import plain
from crawlers.pages.observation import Observation
from crawlers.pages.times import not_understood, read_time
from crawlers.pages.weibo.cut import beginning, completes
from crawlers.push.cells import address_of, id_of, is_squeezed, read_serial, text_in, words_of
from crawlers.push.rows import Oddity, sayable
from crawlers.push.totals import TOTALS_OR_NOTE, TableShape
from stream.errors import Rejected
from stream.messages import Counts, Kind, Precision
from stream.process.configuration import STRICT

_KINDS = {
    Kind.THREAD: ("主题", "主贴", "主帖", "帖子", "发帖", "楼主"),
    Kind.REPLY: ("回复", "回帖", "跟帖"),
    Kind.ARTICLE: ("文章", "新闻", "公众号", "推文"),
    Kind.COMMENT: ("评论", "留言"),
    Kind.STATUS: ("微博", "动态", "转发", "原创"),
    Kind.SUGGESTION: ("建议", "意见", "诉求", "投诉"),
}
_KIND_OF = {word: kind for kind, words in _KINDS.items() for word in (kind.value, *words)}
_TIMES = {
    "百": 100,
    "千": 1000,
    "k": 1000,
    "万": 10_000,
    "萬": 10_000,
    "w": 10_000,
    "m": 10**6,
    "亿": 10**8,
    "億": 10**8,
}
_COUNT = re.compile(rf"(?P<number>\d{{1,15}}(?:\.\d{{1,6}})?)\s*(?P<times>[{''.join(_TIMES)}])?\s*\+?")
_OWN_KIND = re.compile(r"[a-z]{2,12}:\S")
ID_CUT_SHORT = "id_cut_short"
ID_TWICE = "id_twice"
TEXT_CUT = "text_cut_short"


@dataclass(frozen=True, kw_only=True, config=STRICT)
class Columns:
    """Names of a file's columns; in JSON a dot steps into an object, as in `user.id`. Only `text` must be there."""

    text: str
    title: str | None = None
    id: str | None = None
    published_at: str | None = None
    edited_at: str | None = None
    author: str | None = None
    url: str | None = None
    board: str | None = None
    kind: str | None = None
    thread: str | None = None
    parent: str | None = None
    floor: str | None = None
    views: str | None = None
    replies: str | None = None
    likes: str | None = None
    reposts: str | None = None


def read_count(words: str) -> int | None:
    """Reads `3456`, `1,234`, `1.2万`, `100万+`, `2.5亿` as a number; None for anything else, such as `转发`."""
    match = _COUNT.fullmatch(words.replace(",", "").replace("，", "").strip().lower())
    if match is None:
        return None
    return round(float(match["number"]) * _TIMES.get(match["times"] or "", 1))


class ReadRow(NamedTuple):
    """A row as an observation; `counts_now` if it may count towards a spike, `odd` if its id or text is not whole.

    A row that gives no id is known `by_words`; `former` is what programs before this one knew it by, and the log may
    still. A row `by_link` has its address for an id.
    """

    observation: Observation
    counts_now: bool
    odd: tuple[Oddity, ...] = ()
    by_words: str = ""
    former: str = ""
    by_link: bool = False

    def known_as(self, native_id: str) -> "ReadRow":
        """Gives it another id, which is its thread's too where it is a thread of its own."""
        shown = self.observation
        thread = native_id if shown.thread == shown.native_id else shown.thread
        return self._replace(observation=replace(shown, native_id=native_id, thread=thread))


class RowReader:
    """Turns the rows of one file into observations, in order: it knows which texts and which ids came before.

    `days` is for a file whose times are all midnights: they are days.
    """

    def __init__(self, columns: Columns, kind: Kind, zone: tzinfo, *, days: bool = False) -> None:
        self._columns = columns
        self._kind = kind
        self._zone = zone
        self._days = days
        self._shape = _shape_of(columns)
        self._seen: Counter[str] = Counter()
        self._said: dict[int, int] = {}  # by id, the words of its first row: hashes, since files are long
        self._cut: dict[int, str] = {}  # by id, the beginning that its first row has

    def read(self, cells: Mapping[str, Any], now: datetime) -> ReadRow:
        """Reads one row. Rows without an id that is believed, or without a time, must not count towards a spike.

        An id that a spreadsheet cut short, or that an earlier row has with other words, is none: such a row is known
        by its words and its time. Where no column has ids, the address of a row with a time is one. A text that ends
        in Weibo's mark of a cut is the beginning of one. Raises `Rejected("empty")` for
        a row without words, `Rejected("totals_or_note")` for one about the table, `Rejected("unreadable")` for one of
        lost characters.
        """
        get = _Cells(cells, self._columns)
        if lacking := self._shape.missing_in(cells):
            words = f"about the table and no post: no {lacking} of its own, as rows have"
            raise Rejected(TOTALS_OR_NOTE, sayable(words))
        text, title = text_in(get.value("text")), text_in(get.value("title"))
        if not (text or title):
            raise Rejected("empty", "neither text nor title")
        kind = _KIND_OF.get(get.words("kind").lower(), self._kind)
        told = get.value("published_at")
        published_at, precision = self._time(told, now)
        start = beginning(text)
        address = address_of(get.value("url"))
        link = _link_id(address, kind) if self._columns.id is None and published_at is not None else ""
        native_id, odd = self._identity(get, kind, text, f"{title}\n{published_at}" if link else title, start, link)
        by_words, former = (
            self._text_id(get.words("text") or get.words("title"), published_at) if link or not native_id else ("", "")
        )
        if start is not None:
            odd = (*odd, Oddity(TEXT_CUT, "a text of which the file has only the beginning", taken=True))
        thread, parent = get.id("thread"), get.id("parent")
        observation = Observation(
            native_id=native_id or by_words,
            kind=kind,
            thread=_with_kind(thread, Kind.THREAD) if thread else "",
            parent=_with_kind(parent, kind) if parent else None,
            board=get.words("board") or None,
            floor=read_count(get.words("floor")),
            url=address,
            title=title,
            text=text if start is None else start,
            cut=start is not None,
            author=get.id("author") or None,
            published_at=published_at,
            published_precision=precision,
            unread_time=not_understood(words_of(told) if isinstance(told, str) else str(told or ""), published_at),
            edited_at=self._time(get.value("edited_at"), now)[0],
            counts=Counts(**{name: read_count(get.words(name)) for name in ("views", "replies", "likes", "reposts")}),
        )
        if not thread:
            observation = replace(observation, thread=observation.native_id)
        if not readable(observation):
            raise Rejected("unreadable", "characters that were lost before the file came here")
        self._shape.met(cells)
        if words := unread_time(observation):
            odd = (*odd, Oddity(UNREAD_TIME, words, taken=True))
        counts_now, by_link = bool(native_id) and published_at is not None, bool(native_id and link)
        return ReadRow(observation, counts_now, odd, by_words, former, by_link)

    def time_of(self, cells: Mapping[str, Any], now: datetime) -> datetime | None:
        """Reads the time of a row alone; None for none, and for a row about the table."""
        if self._shape.missing_in(cells):
            return None
        self._shape.met(cells)
        return self._time(_Cells(cells, self._columns).value("published_at"), now)[0]

    def apart(self, row: ReadRow) -> ReadRow:
        """Makes a row known by its words whose id is that of another post, which an earlier file brought."""
        shown = row.observation
        own, former = row.by_words, row.former
        if not own:
            own, former = self._text_id(shown.text or shown.title, shown.published_at)
        twice = Oddity(ID_TWICE, "an id that an earlier file has for another post: known by its words", taken=True)
        odd = row.odd if row.by_link else (*row.odd, twice)
        return row.known_as(own)._replace(counts_now=False, odd=odd, by_words=own, former=former, by_link=False)

    def _identity(
        self, get: "_Cells", kind: Kind, text: str, title: str, start: str | None, link: str
    ) -> tuple[str, tuple[Oddity, ...]]:
        """Finds the id that a row gives and that is believed, or "" and what is odd about it.

        `start` is the text's `beginning`, where that is all there is of it. A `link` promises to be no id: comments
        share that of what they are about, and nothing is odd about it.
        """
        if get.is_cut_short("id"):
            return "", (Oddity(ID_CUT_SHORT, "an id that a spreadsheet cut short: known by its words", taken=True),)
        given = get.id("id")
        if not (given or link):
            return "", ()
        native_id = _with_kind(given, kind) if given else link
        name, said = hash(name_of(native_id)), hash(normalise(f"{title}\n{text}"))
        if name not in self._said and start is not None:
            self._cut[name] = normalise(start)
        if name in self._cut and start is None and completes(normalise(text), self._cut[name]):
            self._said[name] = said  # the whole of what an earlier row has cut
            del self._cut[name]
        if self._said.setdefault(name, said) != said:
            words = "an id that an earlier row has with other words: known by its words"
            return "", (Oddity(ID_TWICE, words, taken=True),) if given else ()
        return native_id, ()

    def _text_id(self, text: str, at: datetime | None) -> tuple[str, str]:
        """Makes an id for a row without one: the same file read again gives the same. Second, its `former` one.

        The same words at another time are another post; before, they were the same one where a later file had them.
        """
        words = normalise(text)
        former = self._numbered(words)
        return (self._numbered(f"{words}\n{at.timestamp()}") if at else former), former

    def _numbered(self, words: str) -> str:
        digest = sha256(words.encode()).hexdigest()[:16]
        occurrence = self._seen[digest]
        self._seen[digest] += 1
        return f"text:{digest}:{occurrence}"

    def _time(self, value: object, now: datetime) -> tuple[datetime | None, Precision]:
        """Reads a cell that says a date: what is of today, or of a minute ago, is so of nobody knows when."""
        if isinstance(value, datetime):  # a cell that Excel knows to be a time
            exact = value if value.tzinfo else value.replace(tzinfo=self._zone)
            bare = (value.hour, value.minute, value.second) == (0, 0, 0)
            return exact, Precision.DAY if bare else Precision.SECOND
        told = read_serial(value, self._zone) or read_time(words_of(value), now, self._zone, dated=True)
        return (told[0], Precision.DAY) if self._days and told[0] is not None else told


def _shape_of(columns: Columns) -> TableShape:
    telling = (columns.id, columns.published_at, columns.author, columns.url, columns.thread, columns.parent)
    return TableShape(
        words=[name for name in (columns.text, columns.title) if name],
        telling=[name for name in telling if name],
        promised=[name for name in telling[:2] if name],
    )


class _Cells:
    def __init__(self, cells: Mapping[str, Any], columns: Columns) -> None:
        self._cells = cells
        self._columns = columns

    def value(self, name: str) -> object:
        column: str | None = getattr(self._columns, name)
        if column is None:
            return None
        if column in self._cells:
            return self._cells[column]
        value: object = self._cells
        for step in column.split("."):
            value = value.get(step) if isinstance(value, Mapping) else None
        return value

    def words(self, name: str) -> str:
        return words_of(self.value(name))

    def id(self, name: str) -> str:
        """Reads an id, "" for none and for one that a spreadsheet cut short: it would be that of many."""
        value = self.value(name)
        told = id_of(value)
        return "" if is_squeezed(value if isinstance(value, float) else told) else told

    def is_cut_short(self, name: str) -> bool:
        value = self.value(name)
        return is_squeezed(value) if isinstance(value, float) else is_squeezed(id_of(value))


def _link_id(address: str, kind: Kind) -> str:
    """Makes an id of an address, however it is written: by either scheme, with or without where a reader came from.

    That of a comment is what it is about.
    """
    if kind in (Kind.COMMENT, Kind.REPLY):
        return ""
    return f"{kind.value}:{plain(url).partition('://')[2]}" if (url := web_address(address)) else ""


def _with_kind(given: str, kind: Kind) -> str:
    return given if _OWN_KIND.match(given) else f"{kind.value}:{given}"
