"""A forum that tests fill and spoil, served by two kinds of software: Discuz!, and one that nobody ever installed."""

import json
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from urllib.parse import parse_qs, unquote, urlsplit

from sqlalchemy import select

from crawlers.cursors import ThreadRow
from crawlers.pages.discuz.forum import DiscuzForum
from crawlers.pages.forum import Forum, Refusal
from stream.messages import Post
from stream.process.clock import SHANGHAI
from stream.state.database import reading
from tests.crawlers.pull.kiosk import KioskForum, letters, number
from tests.crawlers.running import Crawler
from tests.crawlers.site import Answer

LIST, PAGE = 2, 3  # threads on a page of a list, posts on a page of a thread


@dataclass
class Written:
    """One post; the forum shows `shielded` ones as a gap, and `spoilt` ones in a way that nobody understands."""

    number: int
    text: str
    at: datetime
    shielded: bool = False
    spoilt: bool = False


@dataclass
class Thread:
    number: int
    board: int
    posts: list[Written] = field(default_factory=list)
    sticky: bool = False


class ServedForum(ABC):
    """What both have in common: threads of boards, pages that are replaced (`instead`) or redirect, and traps."""

    software: Callable[[str, str | None], Forum]
    newest_first = False
    index: str

    def __init__(self) -> None:
        self.threads: dict[int, Thread] = {}
        self.boards = {3: "停电", 4: "电费"}
        self.below: dict[int, int] = {}  # sub-boards, which the index does not link to, and where they are
        self.instead: dict[str, Answer] = {}
        self.redirects: dict[str, str] = {}
        self.endless: set[int] = set()  # boards whose list shows page one again, for ever
        self._posts = 100

    def write(self, thread: int, at: datetime, *texts: str, board: int = 3, sticky: bool = False) -> Thread:
        """Adds posts to a thread, which is begun if need be."""
        written = self.threads.setdefault(thread, Thread(thread, board, sticky=sticky))
        for text in texts:
            self._posts += 1
            written.posts.append(Written(self._posts, text, at))
        return written

    def __call__(self, path: str) -> Answer:
        if path in self.redirects:
            return Answer(status=302, headers={"Location": self.redirects[path]})
        return self.instead[path] if path in self.instead else self.answer(path)

    def on_first_page(self, thread: Thread) -> Written:
        """A post in the middle of the page that is read first."""
        return self.shown(thread)[1]

    def shown(self, thread: Thread) -> list[Written]:
        """The posts in the order of the pages."""
        return thread.posts[::-1] if self.newest_first else thread.posts

    def listed(self, board: int) -> tuple[list[Thread], list[Thread]]:
        """The sticky threads, and the ordinary ones by last post."""
        own = [thread for thread in self.threads.values() if thread.board == board]
        ordinary = sorted((t for t in own if not t.sticky), key=lambda t: t.posts[-1].at, reverse=True)
        return [thread for thread in own if thread.sticky], ordinary

    def linked(self, board: int | None) -> Mapping[int, str]:
        """The boards to which the index (None) or a board links."""
        return {one: name for one, name in self.boards.items() if self.below.get(one) == board}

    @abstractmethod
    def board_path(self, board: int, page: int = 1) -> str: ...

    @abstractmethod
    def thread_path(self, thread: int, page: int = 1) -> str: ...

    @abstractmethod
    def native_id(self, post: Written) -> str: ...

    @abstractmethod
    def answer(self, path: str) -> Answer: ...

    @abstractmethod
    def refusal(self, refusal: Refusal, status: int = 200) -> Answer: ...


class ServedDiscuz(ServedForum):
    """Discuz! in a hundred lines. Beyond its last page a list shows the first one, a thread the last one."""

    software = DiscuzForum
    index = "/forum.php"
    WORDS: Mapping[Refusal, str] = {
        Refusal.GONE: "抱歉，指定的主题不存在或已被删除或正在被审核",
        Refusal.PERMISSION: "抱歉，您没有权限访问该版块",
        Refusal.CLOSED: "系统升级维护",
        Refusal.CAPTCHA: "请输入验证码",
    }

    def board_path(self, board: int, page: int = 1) -> str:
        path = f"/forum.php?mod=forumdisplay&fid={board}&filter=lastpost&orderby=lastpost"
        return path + (f"&page={page}" if page > 1 else "")

    def thread_path(self, thread: int, page: int = 1) -> str:
        return f"/forum.php?mod=viewthread&tid={thread}" + (f"&page={page}" if page > 1 else "")

    def native_id(self, post: Written) -> str:
        return f"pid:{post.number}"

    def refusal(self, refusal: Refusal, status: int = 200) -> Answer:
        if refusal is Refusal.FLOOD_GUARD:
            return Answer(b"<title>guard</title><script>setTimeout('document.location.reload()', 9)</script>", status)
        beside = '<input name="seccodehash">' if refusal is Refusal.CAPTCHA else ""
        words = f'<div id="ct"><div id="messagetext"><p>{self.WORDS[refusal]}</p></div>{beside}</div>'
        return Answer(words.encode(), status)

    def answer(self, path: str) -> Answer:
        query = {key: values[0] for key, values in parse_qs(urlsplit(path).query).items()}
        page = int(query.get("page", 1))
        if query.get("mod") == "forumdisplay":
            return self._page(self._list(int(query["fid"]), page))
        if query.get("mod") == "viewthread":
            if int(query["tid"]) not in self.threads:
                return self.refusal(Refusal.GONE, 404)
            return self._page(self._thread(self.threads[int(query["tid"])], page))
        return self._page(self._links(None))

    def _page(self, body: str) -> Answer:
        return Answer(f"<html><body>{body}</body></html>".encode())

    def _links(self, board: int | None) -> str:
        linked = self.linked(board).items()
        return "".join(f'<a href="forum.php?mod=forumdisplay&fid={fid}">{name}</a>' for fid, name in linked)

    def _list(self, board: int, asked: int) -> str:
        sticky, ordinary = self.listed(board)
        pages = 999 if board in self.endless else max(1, -(-len(ordinary) // LIST))
        page = asked if asked <= pages and board not in self.endless else 1
        rows = [self._row(thread, "stickthread") for thread in sticky if page == 1]
        rows += [self._row(thread, "normalthread") for thread in ordinary[(page - 1) * LIST : page * LIST]]
        empty = '<tbody><tr><th><p class="emp">本版块或指定的范围内尚无主题</p></th></tr></tbody>'
        table = f'<table id="threadlisttableid">{"".join(rows) or empty}</table>'
        counted = f'<h1 class="xs2"><a>{self.boards[board]}</a><b>主题: {len(sticky) + len(ordinary)}</b></h1>'
        return f"{counted}{self._links(board)}{self._pager(page, pages)}{table}"

    def _row(self, thread: Thread, kind: str) -> str:
        last = thread.posts[-1].at.astimezone(SHANGHAI)
        return (
            f'<tbody id="{kind}_{thread.number}"><tr><th><a class="xst" '
            f'href="forum.php?mod=viewthread&amp;tid={thread.number}">标题{thread.number}</a></th>'
            f'<td class="num"><a>{len(thread.posts) - 1}</a><em>9</em></td>'
            f'<td class="by"><em><a>{last:%Y-%m-%d %H:%M}</a></em></td></tr></tbody>'
        )

    def _thread(self, thread: Thread, asked: int) -> str:
        pages = max(1, -(-len(thread.posts) // PAGE))
        page = min(asked, pages)
        shown = thread.posts[(page - 1) * PAGE : page * PAGE]
        board = f'<a href="forum.php?mod=forumdisplay&fid={thread.board}">{self.boards[thread.board]}</a>'
        return (
            f'<div id="pt">{board}</div>{self._pager(page, pages)}<div id="postlist"><div class="hm">'
            f'<span class="xi1">9</span><span class="xi1">{len(thread.posts) - 1}</span></div>'
            f'<span id="thread_subject">标题{thread.number}</span>{"".join(map(self._post, shown))}</div>'
        )

    def _post(self, post: Written) -> str:
        body = f'<table><tr><td id="postmessage_{post.number}">{post.text}</td></tr></table>'
        body = "<div class=locked>屏蔽</div>" if post.shielded else "<p>?</p>" if post.spoilt else body
        return (
            f'<div id="post_{post.number}"><div id="favatar{post.number}">'
            '<a href="home.php?mod=space&amp;uid=7" class="xw1">甲</a></div>'
            f'<em id="authorposton{post.number}">发表于 {post.at.astimezone(SHANGHAI):%Y-%m-%d %H:%M:%S}</em>'
            f"{body}</div>"
        )

    def _pager(self, page: int, pages: int) -> str:
        return f'<div class="pg"><strong>{page}</strong><label><span title="共 {pages} 页"></span></label></div>'


class ServedKiosk(ServedForum):
    """The other one (see kiosk.py). Beyond its last page a list is empty, and a thread shows the last page again."""

    software = KioskForum
    newest_first = True
    index = "/kiosk/rooms"

    def board_path(self, board: int, page: int = 1) -> str:
        return f"/kiosk/rooms/{letters(board)}" + (f"?skip={(page - 1) * LIST}" if page > 1 else "")

    def thread_path(self, thread: int, page: int = 1) -> str:
        return f"/kiosk/talks/{letters(thread)}" + (f"?skip={(page - 1) * PAGE}" if page > 1 else "")

    def native_id(self, post: Written) -> str:
        return f"note:{letters(post.number)}"

    def refusal(self, refusal: Refusal, status: int = 200) -> Answer:
        return self._answer({"refused": refusal.value, "why": "a reason of the house"}, status)

    def answer(self, path: str) -> Answer:
        parts = urlsplit(path)
        _, _, kind, *rest = parts.path.split("/")
        skip = int(parse_qs(parts.query).get("skip", ["0"])[0])
        if kind == "rooms":
            return self._answer(self._room(number(rest[0]), skip) if rest else {"rooms": self._links(None)})
        thread = self.threads.get(number(unquote(rest[0])))
        return self.refusal(Refusal.GONE, 404) if thread is None else self._answer(self._talk(thread, skip))

    def _answer(self, told: object, status: int = 200) -> Answer:
        return Answer(json.dumps(told).encode(), status, {"Content-Type": "application/json"})

    def _links(self, board: int | None) -> list[str]:
        return [letters(one) for one in self.linked(board)]

    def _room(self, board: int, skip: int) -> object:
        sticky, ordinary = self.listed(board)
        endless = board in self.endless
        page = ordinary[:LIST] if endless else ordinary[skip : skip + LIST]
        older = self.board_path(board, skip // LIST + 2) if endless or skip + LIST < len(ordinary) else None
        rows = [self._row(thread) for thread in (*sticky, *page)]  # the sticky ones on every page
        return {"rooms": self._links(board), "talks": rows, "older": older}

    def _row(self, thread: Thread) -> object:
        moved = f"{len(thread.posts)}@{thread.posts[-1].at.isoformat()}"
        return {"talk": letters(thread.number), "moved": moved, "pinned": thread.sticky}

    def _talk(self, thread: Thread, skip: int) -> object:
        notes: Sequence[Written] = self.shown(thread)
        skip = min(skip, max(0, len(notes) - 1) // PAGE * PAGE)
        older = self.thread_path(thread.number, skip // PAGE + 2) if skip + PAGE < len(notes) else None
        shown = [self._note(note) for note in notes[skip : skip + PAGE] if not note.shielded]
        return {
            "title": f"标题{thread.number}",
            "room": self.boards[thread.board],
            "first": letters(thread.posts[0].number),
            "replies": len(thread.posts) - 1,
            "notes": shown,
            "older": older,
        }

    def _note(self, note: Written) -> object:
        told = {"note": letters(note.number), "at": note.at.isoformat()}
        return told if note.spoilt else told | {"text": note.text}


def texts(posts: Iterable[Post]) -> list[str]:
    return sorted(post.text for post in posts)


def due(crawler: Crawler) -> dict[str, datetime]:
    """Which threads are to be read again though nothing moves, and when."""
    with reading(crawler.engine) as session:
        rows = session.execute(select(ThreadRow.thread, ThreadRow.due_at).where(ThreadRow.due_at.is_not(None)))
        return {thread: due_at for thread, due_at in rows if due_at is not None}
