"""A made-up Discuz! forum: pages of about 17 kB with ten posts each, the same at each run. Pure.

Discuz! shows ten posts a page as it comes. What it writes around them is left out here until a page has the size
wanted: its own pages of ten posts have 65 kB.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random

from stream.process.clock import SHANGHAI
from tests.bench.bench_index import text_of

BOARDS, PER_LIST, PER_PAGE = 4, 20, 10
NEWEST = datetime(2026, 11, 19, 14, 30, tzinfo=SHANGHAI)
FLOORS = {1: "楼主", 2: "沙发", 3: "板凳", 4: "地板"}
HEAD = (
    '<!DOCTYPE html>\n<html xmlns="http://www.w3.org/1999/xhtml">\n<head>\n'
    '<meta http-equiv="Content-Type" content="text/html; charset=utf-8" />\n<title>{title} - 测试论坛</title>\n'
    '<meta name="generator" content="Discuz! X3.5" />\n'
    '<link rel="stylesheet" type="text/css" href="data/cache/style_1_common.css?k1Z" />\n'
    "<script>var STYLEID = '1', STATICURL = 'static/', discuz_uid = '0', charset = 'utf-8';</script>\n"
    '</head>\n<body id="nv_forum" class="pg_viewthread" onkeydown="if(event.keyCode==27) return false;">\n'
    '<div id="append_parent"></div><div id="ajaxwaitid"></div>\n'
)
NAVIGATION = '<li id="mn_{0}"><a href="forum.php?gid={0}" hidefocus="true" title="分区{0}">分区{0}</a></li>\n'
FOOT = (
    '<div id="ft" class="wp cl"><p>Powered by <a href="https://www.discuz.vip">Discuz!</a> X3.5</p></div></body></html>'
)
POST = (
    '<div id="post_{pid}"><table id="pid{pid}" class="plhin" cellspacing="0" cellpadding="0"><tr>\n'
    '<td class="pls" rowspan="2"><div id="favatar{pid}" class="pls cl favatar"><div class="pi"><div class="authi">'
    '<a href="home.php?mod=space&amp;uid={uid}" target="_blank" class="xw1">成员{uid}</a></div></div>\n'
    '<div class="tns xg2"><table><tr><th><p><a href="home.php?mod=space&uid={uid}&do=thread" class="xi2">{uid}</a>'
    "</p>主题</th><td><p>17</p>回帖</td></tr></table></div></div></td>\n"
    '<td class="plc"><div class="pi"><strong><a href="forum.php?mod=redirect&goto=findpost&ptid={tid}&pid={pid}"'
    ' id="postnum{pid}">\n{floor}</a></strong><div class="pti"><div class="authi">'
    '<em id="authorposton{pid}">发表于 {at}</em><span class="pipe">|</span>'
    '<a href="forum.php?mod=viewthread&amp;tid={tid}&amp;authorid={uid}" rel="nofollow">只看</a></div></div></div>\n'
    '<div class="pct"><div class="pcb"><div class="t_fsz"><table cellspacing="0" cellpadding="0"><tr>'
    '<td class="t_f" id="postmessage_{pid}">\n{text}</td></tr></table></div></div>'
    '<div id="comment_{pid}" class="cm">\n</div></div></td></tr></table></div>\n'
)
ROW = (
    '<tbody id="normalthread_{tid}"><tr><td class="icn"><a href="forum.php?mod=viewthread&amp;tid={tid}"></a></td>'
    '<th class="common"><a href="forum.php?mod=viewthread&amp;tid={tid}" class="s xst">{title}</a></th>'
    '<td class="by"><cite><a href="home.php?mod=space&amp;uid=2">成员2</a></cite><em><span>2026-11-1</span></em></td>'
    '<td class="num"><a href="forum.php?mod=viewthread&amp;tid={tid}" class="xi2">{replies}</a><em>{views}</em></td>'
    '<td class="by"><cite><a href="#">成员3</a></cite><em><a href="forum.php?mod=redirect&tid={tid}">{at}</a></em></td>'
    "</tr></tbody>\n"
)


@dataclass(frozen=True, slots=True)
class MadeForum:
    """So many threads in `BOARDS` boards, each of so many full pages. `around` is what a page has besides, in links."""

    threads: int
    pages: int = 3
    around: int = 24

    @property
    def posts(self) -> int:
        """How many there are to be found."""
        return self.threads * self.pages * PER_PAGE

    @property
    def size(self) -> int:
        """How many pages a crawl of everything reads: the index, the lists, the threads."""
        lists = sum(-(-len(self.of_board(board)) // PER_LIST) for board in range(1, BOARDS + 1))
        return 1 + lists + self.threads * self.pages

    def of_board(self, board: int) -> range:
        """The threads of a board, the newest first."""
        newest = self.threads - (self.threads - board) % BOARDS
        return range(newest, 0, -BOARDS)

    def everything(self) -> Iterator[tuple[str, str]]:
        """Every page by its path with query, in a form that needs no more than looking it up."""
        yield "/forum.php", self._page("首页", "".join(_board_link(one) for one in range(1, BOARDS + 1)), 1, 1, "")
        for board in range(1, BOARDS + 1):
            own = self.of_board(board)
            for start in range(0, max(len(own), 1), PER_LIST):
                yield self._list(board, start // PER_LIST + 1, own[start : start + PER_LIST], -(-len(own) // PER_LIST))
        for thread in range(1, self.threads + 1):
            for page in range(1, self.pages + 1):
                yield self._thread(thread, page)

    def _list(self, board: int, page: int, threads: range, pages: int) -> tuple[str, str]:
        path = f"/forum.php?mod=forumdisplay&fid={board}"
        rows = "".join(
            ROW.format(
                tid=thread, title=_title(thread), replies=self.pages * PER_PAGE - 1, views=thread * 7, at=_told(thread)
            )
            for thread in threads
        )
        body = f'<div id="threadlist"><table id="threadlisttableid">{rows}</table></div>'
        head = f'<h1 class="xs2"><a href="forum.php?mod=forumdisplay&fid={board}">板块{board}</a></h1>'
        whole = f"{path}&filter=lastpost&orderby=lastpost{f'&page={page}' if page > 1 else ''}"
        return whole, self._page(f"板块{board}", f"{_board_link(board)}{head}{body}", page, pages, path)

    def _thread(self, thread: int, page: int) -> tuple[str, str]:
        path = f"/forum.php?mod=viewthread&tid={thread}"
        board = _board_link((thread - 1) % BOARDS + 1)
        rng, first = Random(thread * 1000 + page), (page - 1) * PER_PAGE + 1
        posts = "".join(_post(rng, thread, floor) for floor in range(first, first + PER_PAGE))
        told = (
            f'<div id="pt">{board}</div><div id="postlist" class="pl bm"><table><tr><td class="pls">'
            f'<div class="hm ptn">查看: <span class="xi1">{thread * 7}</span> 回复: '
            f'<span class="xi1">{self.pages * PER_PAGE - 1}</span></div></td><td class="plc"><h1 class="ts">'
            f'<span id="thread_subject">{_title(thread)}</span></h1></td></tr></table>{posts}</div>'
        )
        whole = f"{path}{f'&page={page}' if page > 1 else ''}"
        return whole, self._page(_title(thread), told, page, self.pages, path)

    def _page(self, title: str, body: str, page: int, pages: int, path: str) -> str:
        around = "".join(NAVIGATION.format(number) for number in range(1, self.around + 1))
        pager = _pager(page, pages, path) if pages > 1 else ""
        return f'{HEAD.format(title=title)}<div id="nv"><ul>{around}</ul></div>{pager}<div id="ct">{body}</div>{FOOT}'


def _pager(page: int, pages: int, path: str) -> str:
    links = "".join(f'<a href="{path[1:]}&page={one}">{one}</a>' for one in range(1, min(pages, 10) + 1) if one != page)
    label = f'<label><span title="共 {pages} 页"> / {pages} 页</span></label>'
    return f'<div class="pg"><strong>{page}</strong>{links}{label}</div>'


def _board_link(board: int) -> str:
    return f'<a href="forum.php?mod=forumdisplay&fid={board}">板块{board}</a>'


def _title(thread: int) -> str:
    return f"第{thread}号帖子：关于停电与电费的几件事"


def _told(thread: int) -> str:
    """When a thread was written in last, as its list and its last post say it: the higher the number, the newer."""
    return f"{NEWEST - timedelta(minutes=10_000_000 // (thread + 1)):%Y-%-m-%-d %H:%M}"


def _post(rng: Random, thread: int, floor: int) -> str:
    uid, pid = rng.randint(1, 999), thread * 10_000 + floor
    at = f"{NEWEST - timedelta(minutes=10_000_000 // (thread + 1) + 1000 - floor):%Y-%-m-%-d %H:%M:%S}"
    text = "<br />\n".join(text_of(rng) for _ in range(1))
    return POST.format(pid=pid, tid=thread, uid=uid, floor=FLOORS.get(floor, f"{floor}#"), at=at, text=text)
