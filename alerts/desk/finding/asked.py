"""What stands in the search form and in a search's address, and the query that it means. Pure."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TypeVar
from urllib.parse import parse_qs, urlencode

from alerts.desk.finding.scope import SearchScope
from stream.errors import Rejected
from stream.index.finding.times import read_since, read_until
from stream.index.finding.words import ACT_NAMES, LABEL_NAMES, ORDER_NAMES
from stream.index.port import Order, Query
from stream.index.query import understood
from stream.messages import Act, Label

E = TypeVar("E", bound=StrEnum)

#: Ranges of time that one touch chooses; "" is all there is.
SPANS: Mapping[str, tuple[str, timedelta | None]] = {
    "24h": ("近 24 小时", timedelta(hours=24)),
    "7d": ("近 7 天", timedelta(days=7)),
    "30d": ("近 30 天", timedelta(days=30)),
    "all": ("全部时间", None),
}
USUAL = "7d"
OWN = "own"  # the range that was typed
KINDS = {"topic": "话题", "source": "来源", "label": "倾向", "act": "意图", "field": "诉求所涉", "cue": "待核实说法"}
_SCOPED = {"topic": "topics", "source": "sources", "field": "fields", "cue": "cues"}
LONGEST = 2_000  # characters of a search's address that is kept or exported


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchForm:
    """A search as typed and chosen. `chosen` are values of `KINDS`; `span` is a key of `SPANS`, or `OWN`."""

    words: str = ""
    span: str = USUAL
    since: str = ""
    until: str = ""
    board: str = ""
    order: str = Order.NEWEST.value
    chosen: Mapping[str, tuple[str, ...]]

    def __contains__(self, choice: tuple[str, str]) -> bool:
        kind, value = choice
        return value in self.chosen.get(kind, ())

    @property
    def narrowed(self) -> int:
        """How many conditions there are beside words and time."""
        return sum(map(len, self.chosen.values())) + bool(self.board)

    def pairs(self) -> list[tuple[str, str]]:
        """Lists what the search's address says, always in the same order; what is usual is left out."""
        times = [("since", self.since), ("until", self.until)] if self.span == OWN else [("span", self.span)]
        chosen = [(kind, value) for kind in KINDS for value in self.chosen.get(kind, ())]
        order = "" if self.order == Order.NEWEST.value else self.order
        told = [("q", self.words), *times, *chosen, ("board", self.board), ("order", order)]
        return [(name, value) for name, value in told if value]

    def address(self) -> str:
        """Writes what stands behind `?` in the search's address."""
        return urlencode(self.pairs())

    def without(self, kind: str, value: str) -> "SearchForm":
        """Returns the search without one condition."""
        left = tuple(one for one in self.chosen.get(kind, ()) if one != value)
        return replace(self, chosen={**self.chosen, kind: left})


@dataclass(frozen=True, slots=True)
class Chip:
    """One condition as it was understood; `without` is the address of the search without it, None for its words."""

    text: str
    without: str | None = None


class BadSearch(ValueError):
    """Raised for a search that nobody can mean; `mistakes` are sentences by the name of their field."""

    def __init__(self, mistakes: Mapping[str, str]) -> None:
        super().__init__("；".join(mistakes.values()))
        self.mistakes = mistakes


def read_form(asked: Callable[[str], Sequence[str]]) -> SearchForm:
    """Reads a form or an address, given what it says by name. Whatever it says can be shown again as it was typed."""

    def one(name: str) -> str:
        return next((value.strip() for value in asked(name) if value.strip()), "")

    since, until = one("since"), one("until")
    span = one("span") or (OWN if since or until else one("within") or USUAL)
    own = span == OWN
    return SearchForm(
        words=one("q"), span=span, since=since if own else "", until=until if own else "", board=one("board"),
        order=one("order") or Order.NEWEST.value,
        chosen={kind: tuple(dict.fromkeys(value for value in asked(kind) if value)) for kind in KINDS},
    )  # fmt: skip


def read_address(asked: str) -> SearchForm:
    """Reads a search that was kept as an address; `BadSearch` for one that is too long."""
    if len(asked) > LONGEST * 3:
        raise BadSearch({"q": "检索条件太长：请减少条件"})
    told = parse_qs(asked)
    return read_form(lambda name: told.get(name, ()))


def to_query(form: SearchForm, scope: SearchScope, now: datetime) -> Query:
    """Builds the query; raises `BadSearch` with every mistake."""
    mistakes: dict[str, str] = {}

    def kept(name: str, read: Callable[[], object]) -> None:
        try:
            read()
        except Rejected as error:
            mistakes[name] = error.detail

    for kind, plural in _SCOPED.items():
        known = {key for key, _ in scope.of(plural)}
        unknown = [key for key in form.chosen.get(kind, ()) if key not in known]
        if unknown:
            names = "、".join(name for _, name in scope.of(plural)[:20]) or "暂无"
            mistakes[kind] = f"没有{KINDS[kind]}「{unknown[0][:40]}」，可能已从配置中移除；现有：{names}"
    for kind, names_of in (("label", LABEL_NAMES), ("act", ACT_NAMES)):
        if wrong := [key for key in form.chosen.get(kind, ()) if key not in list(map(str, names_of))]:
            mistakes[kind] = f"没有{KINDS[kind]}「{wrong[0][:40]}」；现有：{'、'.join(names_of.values())}"
    if form.span not in (*SPANS, OWN):
        mistakes["span"] = f"没有时间范围「{form.span[:40]}」；现有：{'、'.join(name for name, _ in SPANS.values())}"
    if form.order not in list(map(str, Order)):
        mistakes["order"] = f"没有排序「{form.order[:40]}」；现有：{'、'.join(ORDER_NAMES.values())}"
    kept("q", lambda: understood(form.words))
    if form.since:
        kept("since", lambda: read_since(form.since, now))
    if form.until:
        kept("until", lambda: read_until(form.until, now))
    if mistakes:
        raise BadSearch(mistakes)
    since, until = _range(form, now)
    if since is not None and until is not None and since >= until:
        raise BadSearch({"until": "止于的时间早于起于的时间：请对调或改正"})
    return Query(
        words=form.words, topics=form.chosen["topic"], sources=form.chosen["source"], fields=form.chosen["field"],
        cues=form.chosen["cue"], labels=tuple(map(Label, form.chosen["label"])),
        acts=tuple(map(Act, form.chosen["act"])), boards=(form.board,) if form.board else (), charted_since=since,
        charted_until=until,
    )  # fmt: skip


def chips(form: SearchForm, scope: SearchScope) -> Iterator[Chip]:
    """Says of a search what it narrows beside its words, by name."""
    if form.span == OWN:
        ends = (
            f"{form.since.replace('T', ' ')} 起" if form.since else "",
            f"至 {form.until.replace('T', ' ')}" if form.until else "",
        )
        yield Chip(" ".join(filter(None, ends)), replace(form, span="all", since="", until="").address())
    elif form.span in SPANS:
        yield Chip(SPANS[form.span][0], None if form.span == "all" else replace(form, span="all").address())
    for kind, called in KINDS.items():
        names = _names(kind, scope)
        for value in form.chosen[kind]:
            yield Chip(f"{called}：{names.get(value, value)}", form.without(kind, value).address())
    if form.board:
        yield Chip(f"版块：{form.board}", replace(form, board="").address())


def _names(kind: str, scope: SearchScope) -> Mapping[str, str]:
    if kind in _SCOPED:
        return dict(scope.of(_SCOPED[kind]))
    return {str(key): name for key, name in (LABEL_NAMES if kind == "label" else ACT_NAMES).items()}


def _range(form: SearchForm, now: datetime) -> tuple[datetime | None, datetime | None]:
    if form.span == OWN:
        return (
            read_since(form.since, now) if form.since else None,
            read_until(form.until, now) if form.until else None,
        )
    length = SPANS[form.span][1]
    return (None if length is None else now - length), None
