"""The forum's pages, in the markup of Discuz! X3.5."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from random import Random
from string import ascii_letters, digits, punctuation

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from scripts.demo.when import exact, relative, titled
from scripts.demo.world import Board, Entry, Row, Thread, World

THREADS_A_PAGE = 20
POSTS_A_PAGE = 10
FLOORS = ("楼主", "沙发", "板凳", "地板")
ROBOTS = """User-agent: *
Disallow: /api/
Disallow: /admin.php
Disallow: /search.php
Disallow: /member.php
Disallow: /misc.php
Disallow: /forum.php?mod=redirect*
Disallow: /forum.php?mod=post*
Disallow: /home.php?mod=spacecp*
Disallow: /*?mod=misc*
Disallow: /*?mod=attachment*
Disallow: /*mobile=yes*
"""
GONE = "抱歉，指定的主题不存在或已被删除或正在被审核"
MEMBERS_ONLY = "抱歉，本帖要求阅读权限高于 20 才能浏览"
CLOSED_BOARD = "抱歉，您没有权限访问该版块"


@dataclass(frozen=True, slots=True)
class Paging:
    """Which page is shown of how many, and where the others are."""

    page: int
    pages: int
    link: str


class Pages:
    """Prints pages of one world; `now` decides what is on them."""

    def __init__(self, world: World, name: str) -> None:
        self._world = world
        engine = Environment(
            loader=FileSystemLoader(Path(__file__).parent / "templates"), autoescape=True, undefined=StrictUndefined,
            trim_blocks=True, lstrip_blocks=True,
        )  # fmt: skip
        engine.globals.update(name=name, since=_since)
        self._templates = {page: engine.get_template(f"{page}.html") for page in ("index", "list", "thread", "message")}

    def index(self, now: datetime) -> str:
        """The boards, without the sub-boards: those are linked from their parents alone."""
        shown = [(board, *self._world.size(board.fid, now)) for board in self._world.boards if board.parent is None]
        return self._templates["index"].render(title="论坛", boards=shown)

    def board(self, board: Board, page: int, now: datetime) -> str:
        """One page of a board's list; a page beyond the last is the first again, as Discuz does it."""
        rows = self._world.listed(board.fid, now)
        pages = max(1, -(-len(rows) // THREADS_A_PAGE))
        page = page if 1 <= page <= pages else 1
        children = [one for one in self._world.boards if one.parent == board.fid]
        return self._templates["list"].render(
            title=board.name, board=board, now=now,
            children=[(one, *self._world.size(one.fid, now)) for one in children],
            pinned=self._world.pinned(board.fid, now) if page == 1 else [],
            rows=rows[(page - 1) * THREADS_A_PAGE : page * THREADS_A_PAGE], total=len(rows), pages_of=self._pages_of,
            paging=Paging(page, pages, f"forum.php?mod=forumdisplay&fid={board.fid}"),
        )  # fmt: skip

    def thread(self, thread: Thread, page: int, now: datetime) -> tuple[str, list[Entry]]:
        """One page of a thread and the posts whose words are on it; a page beyond the last is the last one."""
        posts = self._world.posts(thread.tid, now)
        pages = max(1, -(-len(posts) // POSTS_A_PAGE))
        page = min(max(page, 1), pages)
        first = (page - 1) * POSTS_A_PAGE
        shown = posts[first : first + POSTS_A_PAGE]
        html = self._templates["thread"].render(
            title=thread.title, thread=thread, board=self._world.board(thread.fid), now=now, replies=len(posts) - 1,
            posts=[(post, _floor(first + number), self._body(post, now)) for number, post in enumerate(shown)],
            paging=Paging(page, pages, f"forum.php?mod=viewthread&tid={thread.tid}&extra="),
        )  # fmt: skip
        return html, [post for post in shown if not post.shielded and post.author.uid]

    def message(self, words: str) -> str:
        """The page that says why there is nothing to see."""
        return self._templates["message"].render(title="提示信息", words=words)

    def _pages_of(self, row: Row) -> int:
        return -(-(row.replies + 1) // POSTS_A_PAGE)

    def _body(self, post: Entry, now: datetime) -> Markup:
        board = self._world.board(self._world.threads[post.tid].fid)
        words = post.edited_text if post.is_edited(now) else post.text
        noise = post.pid if board and board.noisy else None
        body = _lines(words, noise) if post.markup is None else Markup(post.markup)
        if post.quotes is not None:
            body = self._quote(self._world.entries[post.quotes]) + body
        if post.edited_at is not None and post.is_edited(now):
            note = f"本帖最后由 {escape(post.author.name)} 于 {exact(post.edited_at)} 编辑"
            body = Markup(f'<i class="pstatus"> {note} </i><br />\n<br />\n') + body
        return body

    def _quote(self, quoted: Entry) -> Markup:
        link = f"forum.php?mod=redirect&amp;goto=findpost&amp;pid={quoted.pid}&amp;ptid={quoted.tid}"
        said = Markup('<font color="#999999">{} 发表于 {}</font>').format(quoted.author.name, exact(quoted.at))
        return Markup(
            f'<div class="quote"><blockquote><font size="2"><a href="{link}" target="_blank">{said}</a></font><br />\n'
            f"{escape(quoted.text[:80])}</blockquote></div><br />\n"
        )


def _lines(words: str, noise: int | None) -> Markup:
    """Plain words as HTML; with `noise`, every line break carries letters that only a copier sees."""
    parts = [escape(line) for line in words.split("\n")]
    if noise is None:
        return Markup("<br />\n").join(parts)
    chance = Random(noise)
    body = parts[0]
    for part in parts[1:] or [Markup("")]:
        letters = escape("".join(chance.choices(ascii_letters + digits + punctuation + " ", k=24)))
        hidden = '<font class="jammer">{}</font>' if chance.random() < 0.5 else '<span style="display:none">{}</span>'
        body += Markup(hidden.format(letters) + "<br />\n") + part
    return body


def _floor(position: int) -> str:
    return FLOORS[position] if position < len(FLOORS) else f"{position + 1}#"


def _since(at: datetime, now: datetime, *, seconds: bool = False, date_only: bool = False) -> Markup:
    """A time as the forum prints it."""
    words = relative(at, now)
    if words is None:
        return Markup(exact(at, seconds=seconds, date_only=date_only))
    title = titled(at, seconds=seconds, date_only=date_only)
    return Markup('<span title="{}">{}</span>').format(title, Markup(words.replace("\u00a0", "&nbsp;")))
