"""Found posts at a terminal: one block a post, whole lines of at most 80 columns; an address stays in one piece."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from rich.cells import chop_cells

from stream.index.finding.copies import Copies
from stream.index.finding.sheets import Called
from stream.index.finding.shortfall import told
from stream.index.finding.words import ACT_NAMES, LABEL_NAMES, ORDER_NAMES, ROLE_NAMES, UNVERIFIED
from stream.index.port import Counted, Order, Page
from stream.index.query import Part
from stream.messages import Label, ScoredPost
from stream.process.clock import local_time

WIDTH = 80  # columns
SHOWN = 90  # characters of a post's text
_INDENT = "   "


@dataclass(frozen=True, kw_only=True)
class Answer:
    """A page as it is shown: its posts with their copies, how many there are in all, how the words were understood."""

    total: Counted
    page: Page
    groups: Sequence[Copies]
    order: Order = Order.NEWEST
    parts: Sequence[Part] = ()
    why: Sequence[str] = ()  # nothing was found


def lines(answer: Answer, called: Called) -> Iterator[str]:
    """Writes the answer to a search."""
    if not answer.groups:
        yield "0 条：没有符合条件的帖子" if not answer.total.number else f"{told(answer.total)}，这一页没有"
    else:
        yield f"{told(answer.total)}，{ORDER_NAMES[answer.order]}{_ranked(answer.page)}"
    if answer.parts:
        yield from _folded("检索：" + "；".join(map(_part, answer.parts)), "")
    yield from answer.why
    for group in answer.groups:
        yield ""
        yield from _block(group, called)
    if answer.page.after is not None:
        yield ""
        yield f"下一页：--after {answer.page.after}"


def _ranked(page: Page) -> str:
    return "" if page.ranked is None else f"（只排最近的 {page.ranked:,} 条）"


def _part(part: Part) -> str:
    return ROLE_NAMES[part.role] + "".join(f"“{_plain(text)}”" for text in part.texts)


def _block(group: Copies, called: Called) -> Iterator[str]:
    post = group.post
    title = _plain(f"{UNVERIFIED if post.cues else ''}{post.title}")
    if title:
        yield from _folded(title, "")
    yield from _folded("  ".join(_facts(post, called)), _INDENT)
    if text := _plain(post.text):
        yield from _folded(text if len(text) <= SHOWN else f"{text[: SHOWN - 1]}…", _INDENT)
    if group.others:
        first = f"，最早 {local_time(group.first.charted_at)} {group.first.id}"
        yield from _folded(f"另有 {len(group.others)} 条相同{first}", _INDENT)
    yield f"{_INDENT}{post.id}"
    if post.url:
        yield f"{_INDENT}{_plain(post.url)}"


def _facts(post: ScoredPost, called: Called) -> Iterator[str]:
    yield local_time(post.charted_at)
    yield f"{LABEL_NAMES[post.label]}{_sure(post)}"
    if post.act:
        yield ACT_NAMES[post.act]
    yield _plain(called.sites.get(post.site, post.site))
    if post.board:
        yield _plain(post.board)
    if post.floor is not None:
        yield f"{post.floor} 楼"
    for name, count in (("回复", post.counts.replies), ("浏览", post.counts.views)):
        if count is not None:
            yield f"{name} {count:,}"
    if post.truncated:
        yield "正文不全"
    if post.deleted_at is not None:
        yield "源站已删"


def _sure(post: ScoredPost) -> str:
    """Says how likely it is negative, by name where it is called something else: 中性 0.20 reads as hardly 中性."""
    if post.negative is None:
        return ""
    return f" {post.negative:.2f}" if post.label is Label.NEGATIVE else f"（负面 {post.negative:.2f}）"


def _folded(text: str, indent: str) -> Iterable[str]:
    return (indent + piece for piece in chop_cells(text, WIDTH - len(indent)))


def _plain(text: str) -> str:
    """Leaves out what could move a terminal's cursor, turn its writing or break its lines."""
    return "".join(character for character in " ".join(text.split()) if character.isprintable())
