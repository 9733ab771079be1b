"""A page of found posts as it is shown: strangers' words masked, copies folded, and why nothing was found."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from alerts.casefile.context import CaseContext
from alerts.desk.finding.scope import SearchScope
from alerts.notify.contents.quotes import own_words, safe_line
from stream.errors import Rejected
from stream.index.finding.copies import Copies, fold
from stream.index.finding.shortfall import explain, shortfall, told
from stream.index.finding.words import ACT_NAMES, KIND_NAMES, LABEL_NAMES, ROLE_NAMES
from stream.index.port import Counted, Order, Page, Query, withheld
from stream.index.query import Part, Role, understood
from stream.messages import ScoredPost

AT_ONCE = 20  # posts on a page
EXCERPT = 180  # characters of a post's text on the page
BEFORE = 40  # of them before the first word found
_READ = 2_000  # characters in which that word is looked for


@dataclass(frozen=True, slots=True)
class Excerpt:
    """Words of a post round the first word that was looked for; `hit` is "" where that is not in them."""

    before: str
    hit: str = ""
    after: str = ""


@dataclass(frozen=True, slots=True)
class OtherCopy:
    """A copy that is folded away."""

    id: str
    at: datetime
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchHit:
    """A found post as it is shown, all names those that people know. `gone`: its source shows it no more;
    `cut`: only the beginning of its words came.

    `others` say the same on this page, in the order of the page.
    """

    id: str
    at: datetime
    title: str
    excerpt: Excerpt
    source: str
    kind: str
    label: str
    board: str = ""
    floor: int | None = None
    negative: float | None = None
    replies: int | None = None
    views: int | None = None
    act: str = ""
    topics: tuple[str, ...] = ()
    cues: tuple[str, ...] = ()
    gone: bool = False
    cut: bool = False
    others: tuple[OtherCopy, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchAnswer:
    """A page of hits. `total` is said in words on the first page, "" on others; `after` marks the next page.

    `understood` says part by part how the words were read, and whether they were to be excluded. `why` is told where
    nothing was found, `ranked` where another order than that of time ranked the newest posts alone.
    """

    hits: tuple[SearchHit, ...]
    total: str
    after: str | None
    understood: tuple[tuple[str, bool], ...] = ()
    why: tuple[str, ...] = ()
    ranked: int | None = None


def find(
    context: CaseContext, query: Query, order: Order, scope: SearchScope, now: datetime, after: str | None = None
) -> SearchAnswer:
    """Answers a search; raises `Rejected("query")` for words that nobody can mean, and a mark that leads nowhere."""
    parts = understood(query.words)
    page = _page(context, query, order, after)
    count = context.reader.count_up_to(query) if after is None else None
    why = explain(shortfall(context.reader, query)) if count == Counted(0, exact=True) else []
    words = [text for part in parts if part.role is not Role.FORBIDDEN for text in part.texts]
    groups = fold(withheld(post, now) for post in page.posts)
    return SearchAnswer(
        hits=tuple(_hit(group, words, scope) for group in groups), total="" if count is None else told(count),
        after=page.after, understood=tuple(map(_told, parts)), why=tuple(why), ranked=page.ranked,
    )  # fmt: skip


def excerpt(text: str, words: Iterable[str]) -> Excerpt:
    """Cuts masked words of a post round the first of `words` that stands in them as it was typed."""
    told = safe_line(text, _READ)
    low = told.casefold()
    places = [(low.find(word.casefold()), word) for word in words]
    at, word = min((place for place in places if place[0] >= 0), default=(-1, ""))
    if at < 0 or len(low) != len(told):
        return Excerpt(_cut(told, 0, EXCERPT))
    start = 0 if at <= BEFORE else at - BEFORE
    end = at + len(word)
    return Excerpt(("…" if start else "") + told[start:at], told[at:end], _cut(told, end, max(start + EXCERPT, end)))


def _page(context: CaseContext, query: Query, order: Order, after: str | None) -> Page:
    try:
        return context.reader.search(query, AT_ONCE, after, order)
    except Rejected:
        if after is None:
            raise
        raise Rejected("query", "这一页的地址已失效：请从第一页看起") from None


def _cut(told: str, start: int, end: int) -> str:
    return told[start:end] + ("…" if end < len(told) else "")


def _told(part: Part) -> tuple[str, bool]:
    named = "".join(f"“{text}”" for text in part.texts)
    return f"{ROLE_NAMES[part.role]}{named}", part.role is Role.FORBIDDEN


def _hit(group: Copies, words: list[str], scope: SearchScope) -> SearchHit:
    post, sources, cues = group.post, dict(scope.sources), dict(scope.cues)
    topics = dict(scope.topics)
    return SearchHit(
        id=post.id, at=post.charted_at, title=safe_line(post.title), excerpt=excerpt(own_words(post), words),
        source=safe_line(sources.get(post.source, post.source), 60), kind=KIND_NAMES[post.kind],
        board=safe_line(post.board or "", 60), floor=post.floor, label=LABEL_NAMES[post.label],
        negative=post.negative, replies=post.counts.replies, views=post.counts.views,
        act=ACT_NAMES[post.act] if post.act else "", topics=tuple(topics.get(key, key) for key in post.topics),
        cues=tuple(cues.get(key, key) for key in post.cues), gone=post.deleted_at is not None, cut=post.truncated,
        others=tuple(_others(group.others, sources)),
    )  # fmt: skip


def _others(posts: Iterable[ScoredPost], sources: dict[str, str]) -> Iterator[OtherCopy]:
    for post in posts:
        yield OtherCopy(post.id, post.charted_at, safe_line(sources.get(post.source, post.source), 60))
