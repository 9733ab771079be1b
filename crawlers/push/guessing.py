"""Which column holds what, guessed from a header by the names that exports use; where it is not sure, it asks.

The names are those of 12345 hotlines and of exports of Weibo, Tieba, Zhihu, WeChat and of comments under videos.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import fields
from unicodedata import normalize

from crawlers.push.columns import Columns
from crawlers.push.rows import sayable
from stream.errors import Rejected

# In the order of preference; as `_plain` writes them. The text is one of the first row, else of the second.
_TEXT = (
    "正文 内容 內容 內文 全文 原文 博文 content text body message 微博正文 微博内容 帖子内容 帖子正文 "
    "主楼内容 评论内容 评论正文 回答内容 诉求内容 来电内容 投诉内容 反映内容 问题描述 诉求描述 留言内容 "
    "事项内容 工单内容 弹幕内容 文章内容 文章正文 笔记内容 建议内容 意见内容 发言内容 commenttext "
    "commentcontent textraw fulltext posttext",
    "摘要 描述 详情 回复内容 回帖内容 内容摘要 评论 comment desc description summary",
)
_NAMES: Mapping[str, str] = {
    "id": "编号 編號 id 微博id 帖子id 评论id 回答id 工单编号 工单号 受理编号 登记编号 诉求编号 留言id 文章id "
    "笔记id 弹幕id 唯一标识 数据id mid bid postid commentid cid answerid articleid noteid guid",
    "published_at": "发布时间 發佈時間 发表时间 时间 時間 发布日期 发帖时间 评论时间 回答时间 回复时间 "
    "来电时间 诉求时间 受理时间 登记时间 提交时间 留言时间 创建时间 日期 publishedat "
    "publishtime pubtime pubdate createdat createtime created time datetime date",
    "edited_at": "编辑时间 修改时间 editedat",
    "author": "用户id 作者id uid userid authorid 用户名 用户昵称 作者 昵称 作者昵称 发布者 发布人 博主 "
    "发帖人 评论者 评论人 评论用户 回答者 来电人 诉求人 留言人 screenname username nickname author "
    "user",
    "url": "链接 連結 网址 原文链接 微博链接 帖子链接 文章链接 评论链接 回答链接 原文地址 帖子地址 url link "
    "permalink href",
    "title": "标题 標題 主题 主題 帖子标题 文章标题 问题标题 诉求标题 工单标题 笔记标题 视频标题 作品标题 "
    "问题 title subject",
    "board": "版块 板块 版塊 吧名 贴吧 栏目 频道 board forum",
    "kind": "类型 類型 kind",
    "thread": "主题id 主贴id 主帖id threadid rootid",
    "parent": "父评论id 上级id 父级id parentid replyto",
    "floor": "楼层 樓層 floor",
    "views": "阅读数 浏览数 浏览量 阅读量 播放数 播放量 点击数 阅读 浏览 views readcount viewcount",
    "replies": "评论数 回复数 回帖数 跟帖数 回答数 評論數 replies comments commentscount commentcount "
    "replycount",
    "likes": "点赞数 赞数 赞同数 获赞数 点赞量 点赞 赞 likes likecount attitudescount diggcount",
    "reposts": "转发数 分享数 转发量 轉發數 reposts repostscount sharecount",
}  # fmt: skip
_USUAL = frozenset(word for words in (*_TEXT, *_NAMES.values()) for word in words.split())
_ALIKE = 2  # characters: 评论时间 belongs to 评论内容, and 发布时间 beside it to what was commented


def guess(candidates: Sequence[Sequence[str]], file: str) -> tuple[Columns, tuple[str, ...]]:
    """Guesses the columns of a file from what may be its header; second, the names that nothing was made of.

    Raises `Rejected("which_columns")` where no row names one text, and one only: it quotes the names and the lines to
    write into crawlers.yml.
    """
    names = max(candidates, key=lambda names: (len(_known(names)), sum(map(bool, names))), default=())
    text = _text(names)
    if len(text) != 1:
        raise Rejected("which_columns", sayable(_question(names, text, file)))
    columns = _map(names, text[0])
    used = {getattr(columns, field.name) for field in fields(columns)}
    return columns, tuple(sayable(name) for name in names if name and name not in used)


def told(columns: Columns) -> str:
    """Writes a column map as it stands in crawlers.yml."""
    named = {field.name: getattr(columns, field.name) for field in fields(columns)}
    return f"columns: {{{', '.join(f'{name}: {_quoted(value)}' for name, value in named.items() if value)}}}"


def _text(names: Sequence[str]) -> list[str]:
    """Finds the names that may be the text's, all of the same rank."""
    ranks = ([name for name in names if _plain(name) in rank.split()] for rank in _TEXT)
    return next((found for found in ranks if found), [])


def _known(names: Sequence[str]) -> list[str]:
    return [name for name in names if _plain(name) in _USUAL]


def _map(names: Sequence[str], text: str) -> Columns:
    left = [name for name in names if name and name != text]
    found: dict[str, str] = {}
    for field, usual in _NAMES.items():
        rank = {word: place for place, word in enumerate(usual.split())}
        fitting = [name for name in left if _plain(name) in rank]
        if fitting:
            found[field] = min(fitting, key=lambda name: (not _belongs(name, text), rank[_plain(name)]))
            left.remove(found[field])
    return Columns(text=text, **found)


def _belongs(name: str, text: str) -> bool:
    """Tells whether two names begin alike: of several times the one that speaks of the text."""
    return _plain(name)[:_ALIKE] == _plain(text)[:_ALIKE]


def _question(names: Sequence[str], texts: Sequence[str], file: str) -> str:
    why = f"{' and '.join(texts)} may both be the text" if texts else "no column is known to be the text"
    header = ", ".join(name for name in names if name)[:400]
    lines = "\n".join(_lines(_map(names, ""), texts[0] if texts else "THE COLUMN OF THE TEXT"))
    return (
        f"{file}: {why}; its header: {header}\nwrite below the source in crawlers.yml, with the right names:\n{lines}"
    )


def _lines(sure: Columns, text: str) -> Iterator[str]:
    yield "    columns:"
    yield f"      text: {_quoted(text)}"
    for field in fields(sure):
        value = getattr(sure, field.name)
        if value and field.name != "text":
            yield f"      {field.name}: {_quoted(value)}"


def _quoted(name: str) -> str:
    return name if re.fullmatch(r"[\w.\-]+(?: [\w.\-]+)*", name) and not name[0].isdigit() else f'"{name}"'


def _plain(name: str) -> str:
    """Writes a name as the tables above do: small letters without spaces, underscores and what is in brackets.

    Of the path into an object its end counts, with the object's name where the tables know it so: `user.id`.
    """
    *path, last = re.sub(r"\(.*?\)|\[.*?\]|[\s_\-:*#]", "", normalize("NFKC", name).lower()).split(".")
    whole = f"{path[-1]}{last}" if path else last
    return whole if whole in _USUAL else last
