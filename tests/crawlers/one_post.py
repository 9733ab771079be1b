"""A Discuz forum with one post, in three pages."""

_INDEX = '<a href="forum.php?mod=forumdisplay&fid=3">停电</a>'
_BOARD = (
    '<div class="pg"><strong>1</strong></div><table id="threadlisttableid"><tbody id="normalthread_7"><tr><th>'
    '<a class="xst" href="forum.php?mod=viewthread&amp;tid=7">城南</a></th><td class="num"><a>0</a><em>9</em></td>'
    '<td class="by"><em><a>2026-11-19 14:30</a></em></td></tr></tbody></table>'
)
_THREAD = (
    '<div id="pt"><a href="forum.php?mod=forumdisplay&fid=3">停电</a></div><div class="pg"><strong>1</strong></div>'
    '<div id="postlist"><span id="thread_subject">城南</span><div id="post_9"><div id="favatar9">'
    '<a href="home.php?mod=space&amp;uid=7" class="xw1">甲</a></div><em id="authorposton9">'
    '发表于 2026-11-19 14:30:00</em><table><tr><td id="postmessage_9">停电了</td></tr></table></div></div>'
)


def one_post(path: str) -> bytes:
    """What the forum answers at `path`."""
    page = _BOARD if "forumdisplay" in path else _THREAD if "viewthread" in path else _INDEX
    return page.encode()
