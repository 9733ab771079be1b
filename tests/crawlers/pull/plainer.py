"""Discuz! with its view for telephones and its archiver; its usual pages may come in a layout that nobody knows."""

from datetime import datetime
from urllib.parse import parse_qs, urlsplit

from tests.crawlers.pull.served import LIST, PAGE, ServedDiscuz, Thread, Written
from tests.crawlers.site import Answer

NEW_LAYOUT = Answer(b'<meta name="generator" content="Discuz! X9"><section class="new">...</section>')


class ServedViews(ServedDiscuz):
    """Serves all views; `changed` are the kinds of usual pages (board, thread) in the new layout, `off` views."""

    def __init__(self, now: datetime) -> None:
        super().__init__()
        self.now = now
        self.changed: set[str] = set()
        self.off: set[str] = set()

    def answer(self, path: str) -> Answer:
        parts = urlsplit(path)
        query = {key: values[0] for key, values in parse_qs(parts.query).items()}
        page = int(query.get("page", 1))
        if parts.path == "/archiver/":
            board = int(parts.query.removeprefix("fid-").partition(".")[0])
            return Answer(status=404) if "archiver" in self.off else self._archived(board, page)
        kind = {"forumdisplay": "board", "viewthread": "thread"}.get(query.get("mod", ""), "")
        if query.get("mobile") == "2" and "mobile" not in self.off:
            return self._for_telephones(kind, query, page)
        return NEW_LAYOUT if kind in self.changed else super().answer(path)

    def _archived(self, board: int, page: int) -> Answer:
        sticky, ordinary = self.listed(board)
        pages = max(1, -(-len(ordinary) // LIST))
        shown = (sticky if page == 1 else []) + ordinary[(page - 1) * LIST : page * LIST]
        rows = "".join(f'<li><a href="?tid-{one.number}.html">标题</a> ({len(one.posts) - 1}篇回复)' for one in shown)
        links = "".join(
            f"<strong>[{one}]</strong>" if one == page else f'<a href="?fid-{board}.html&page={one}">{one}</a>'
            for one in range(1, pages + 1)
        )
        body = f'<div id="nav">论坛 › {self.boards[board]}</div><div id="content"><ul type="1">{rows}</ul>'
        return self._page(f'{body}<div class="page">页: {links}</div></div>')

    def _for_telephones(self, kind: str, query: dict[str, str], page: int) -> Answer:
        if kind == "board":
            return self._page(self._short_list(int(query["fid"]), page))
        thread = self.threads.get(int(query["tid"]))
        if thread is None:
            words = '<div class="jump_c"><p>抱歉，指定的主题不存在或已被删除或正在被审核</p></div>'
            return Answer(words.encode(), 404)
        return self._page(self._short_thread(thread, page))

    def _short_list(self, board: int, page: int) -> str:
        sticky, ordinary = self.listed(board)
        pages = max(1, -(-len(ordinary) // LIST))
        rows = [self._short_row(one, "list_top") for one in sticky if page == 1]
        rows += [self._short_row(one, "list") for one in ordinary[(page - 1) * LIST : page * LIST]]
        head = f'<div class="forumdisplay-top"><h2>{self.boards[board]}</h2></div>'
        empty = "<h4>本版块或指定的范围内尚无主题</h4>"
        return f'{head}<div class="threadlist cl"><ul>{"".join(rows) or empty}</ul></div>{self._pager(page, pages)}'

    def _short_row(self, thread: Thread, kind: str) -> str:
        link = f'<a href="forum.php?mod=viewthread&amp;tid={thread.number}&amp;mobile=2"><em>标题</em></a>'
        replies = f'<li><i class="dm-chat-s-fill"></i>{len(thread.posts) - 1}</li>'
        return f'<li class="{kind}">{link}<div class="threadlist_foot cl"><ul>{replies}</ul></div></li>'

    def _short_thread(self, thread: Thread, asked: int) -> str:
        pages = max(1, -(-len(thread.posts) // PAGE))
        page = min(asked, pages)
        posts = "".join(self._short_post(one) for one in thread.posts[(page - 1) * PAGE : page * PAGE])
        head = f'<div class="header cl"><h2><a href="#">{self.boards[thread.board]}</a></h2></div>'
        return f'{head}<div class="view_tit">标题{thread.number}</div>{posts}{self._pager(page, pages)}'

    def _short_post(self, post: Written) -> str:
        hours = int((self.now - post.at).total_seconds() // 3600)
        return (
            f'<div class="plc cl" id="pid{post.number}"><ul class="authi"><li class="mtit"><span class="y">1#</span>'
            f'<span class="z"><a href="home.php?mod=space&amp;uid=7&amp;mobile=2">甲</a></span></li>'
            f'<li class="mtime">{hours}&nbsp;小时前</li></ul><div class="message">{post.text}</div></div>'
        )
