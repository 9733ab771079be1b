"""Pages that answer as if all were well and say that there is nothing, and articles that report such a thing. Pure."""

import re

_GONE = r"\b404\b|not found|(?:页面|网页|文章|内容|信息)(?:不存在|未找到|已删除|已被删除|已下线)"
_SAYS_SO = re.compile(_GONE, re.IGNORECASE)
# What stands before it where it is all that a page says: `抱歉，您访问的页面不存在`.
_BEGINS_SO = re.compile(
    r"[\W_]*(?:(?:错误|提示|很?抱歉|对不起|sorry|oops|error|http|您|你|要|所|正在|访问|查看|浏览|请求|查找|的|该|此|本|原|当前|这[个篇]|the|page)"
    rf"[\W_]*)*(?:{_GONE})",
    re.IGNORECASE,
)
# What such pages say besides.
_WAYS_OUT = re.compile(
    r"页面|网页|网址|链接|地址|首页|返回|刷新|跳转|访问|管理员|抱歉|对不起|稍后|输入|page|url|home|back|link|request",
    re.IGNORECASE,
)
_CLAUSE = re.compile(r"[，,。.！!？?；;：:\n]+")
_TOLD = 20  # characters about something else: an article's


def says_it_is_gone(title: str, text: str, *, declared: bool) -> bool:
    """Tells whether a short page only says that it is none.

    `declared` is whether it says that it is an article, or from when. A title that reports such a thing
    (`辟谣：停水信息不存在`) is an article's where there is a text or a declaration; one that begins with it needs both.
    """
    if not _SAYS_SO.search(title):
        return False
    clauses = (clause for clause in _CLAUSE.split(text) if not _SAYS_SO.search(clause) and not _WAYS_OUT.search(clause))
    told = sum(len(clause.strip()) for clause in clauses) >= _TOLD
    return not (told and declared if _BEGINS_SO.match(title) else told or declared)
