"""Which column holds what, guessed from a header by the names that exports use; where it is not sure, it asks.

The names are those of 12345 hotlines, of exports of Weibo, Tieba, Zhihu, WeChat, of monitoring services and of comments
under videos, and of forms.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import fields
from json import dumps
from unicodedata import normalize

from crawlers.push.columns import Columns
from crawlers.push.rows import sayable
from stream.errors import Rejected

# In the order of preference; as `_plain` writes them. The text is one of the first row, else of the second.
_TEXT = (
    "正文 内容 內容 內文 全文 原文 博文 content text body message 微博正文 微博内容 微博全文 帖子内容 帖子正文 "
    "贴子内容 主楼内容 发帖内容 回帖内容 评论内容 评论正文 回答内容 诉求内容 来电内容 投诉内容 反映内容 反映问题 "
    "问题描述 诉求描述 投诉描述 留言内容 事项内容 事项描述 工单内容 案件内容 案件描述 信件内容 来信内容 主要内容 "
    "弹幕内容 文章内容 文章正文 新闻内容 新闻正文 信息内容 笔记内容 笔记正文 评价内容 建议内容 意见内容 意见建议 "
    "意见和建议 意见与建议 意见或建议 问题或建议 问题和建议 发言内容 标题/微博内容 标题/内容 commenttext "
    "commentcontent contenttext textraw fulltext posttext",
    "摘要 描述 详情 回复内容 反馈内容 内容摘要 文章摘要 信息摘要 新闻摘要 诉求 留言 评论 comment desc description "
    "summary",
)
_NAMES: Mapping[str, str] = {
    "id": "id 微博id 帖子id 贴子id 回帖id 评论id 回答id 工单编号 工单号 受理编号 受理单号 登记编号 诉求编号 "
    "案件编号 信件编号 投诉编号 反馈编号 流水号 留言id 文章id 笔记id 弹幕id 信息id 唯一标识 数据id mid bid postid "
    "commentid cid rpid replyid answerid articleid noteid weiboid guid contentid awemeid "
    "videoid 编号 編號",
    "published_at": "发布时间 發佈時間 发表时间 时间 時間 发布日期 发帖时间 发贴时间 回帖时间 评论时间 评论日期 "
    "回答时间 来电时间 诉求时间 反映时间 投诉时间 写信时间 来信时间 反馈时间 受理时间 登记时间 上报时间 提交时间 "
    "提交答卷时间 填写时间 留言时间 评价时间 创建时间 日期 发帖日期 来电日期 受理日期 登记日期 提交日期 创建日期 "
    "publishedat publishtime publishdate pubtime pubdate posttime commenttime createdat createtime createdtime "
    "createdate created time datetime date 回复时间",
    "edited_at": "编辑时间 修改时间 editedat",
    "author": "用户id 作者id uid userid authorid 用户名 用户昵称 作者 昵称 作者昵称 发布者 发布人 博主 博主昵称 "
    "账号名称 公众号名称 发帖人 发贴人 回帖人 楼主 评论者 评论人 评论用户 评论者昵称 评论人昵称 回答者 回答者昵称 "
    "发送者 来电人 来电人姓名 诉求人 反映人 投诉人 写信人 来信人 留言人 填写人 填写者 提交者 买家昵称 "
    "screenname username nickname authorname author user usernickname",
    "url": "链接 連結 网址 原文链接 微博链接 帖子链接 贴子链接 文章链接 评论链接 回答链接 笔记链接 内容链接 信息链接 "
    "原文地址 帖子地址 url link noteurl contenturl awemeurl permalink href",
    "title": "标题 標題 主题 主題 帖子标题 贴子标题 文章标题 新闻标题 信息标题 问题标题 诉求标题 工单标题 案件标题 "
    "信件标题 信件主题 留言标题 笔记标题 视频标题 作品标题 问题 title questiontitle subject",
    "board": "版块 板块 版塊 吧名 贴吧 贴吧名称 栏目 频道 board forum tiebaname",
    "kind": "类型 類型 kind",
    "thread": "主题id 主题帖id 主贴id 主帖id 帖子id 贴子id threadid tid rootid",
    "parent": "父评论id 上级id 父级id parentid parentcommentid replyto",
    "floor": "楼层 樓層 floor",
    "views": "阅读数 浏览数 浏览量 阅读量 播放数 播放量 点击数 阅读 浏览 播放 views readcount viewcount",
    "replies": "评论数 回复数 回帖数 跟帖数 回答数 評論數 评论量 回复量 评论 replies comments commentscount "
    "commentcount replycount subcommentcount replycommenttotal totalreplaynum",
    "likes": "点赞数 赞数 赞同数 获赞数 点赞量 点赞 赞 likes likecount likedcount attitudescount diggcount voteupcount "
    "commentlikecount",
    "reposts": "转发数 分享数 转发量 轉發數 转发 分享 reposts repostscount sharecount sharedcount",
}  # fmt: skip
# What a name speaks of, by how it begins. An answer's columns are never what was answered, nor the other way about.
_ANSWERS: dict[str, str] = {
    "comment": "评论 comment", "reply": "回复 答复 反馈 回帖 跟帖 reply", "answer": "回答 answer", "bullet": "弹幕",
}  # fmt: skip
_ANSWERED: dict[str, str] = {
    "post": "帖子 贴子 发帖 发贴 主楼 楼主 主贴 主帖", "status": "微博 博文 博主 weibo", "article": "文章 article",
    "note": "笔记 note", "video": "视频 作品 video aweme",
    "matter": "诉求 工单 来电 投诉 反映 受理 登记 事项 案件 信件 来信 写信 留言 问题 建议 意见 上报",
}  # fmt: skip
_OWN = frozenset({"id", "published_at", "edited_at", "author"})  # of the text; a title may be of what it answers
_OFFICIAL = frozenset(["回复内容", "反馈内容"])  # an office's words, where the matter stands beside it
_BARE_COUNTERS = frozenset(["阅读", "浏览", "播放", "点赞", "赞", "转发", "分享"])  # 评论 beside them is another
_COUNTER_OR_TEXT = frozenset(["评论", "comment"])
_ASKED = re.compile(r"^\d{1,3}[、.,)]|^q\d{1,3}[、.,:)]?|^[您你]的|[?？]$")  # around the question of a form
_USUAL = frozenset(word for words in (*_TEXT, *_NAMES.values()) for word in words.split())
_TEXTS = frozenset(" ".join((*_TEXT, "答复内容")).split())
_FLOORS = frozenset(_NAMES["floor"].split())
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
    ranks = ([name for name in names if _plain(name) in rank.split() and _is_said(name, names)] for rank in _TEXT)
    return next((found for found in ranks if found), [])


def _is_said(name: str, names: Sequence[str]) -> bool:
    """Tells whether a text's name is one among these: 评论 may be a number, 回复内容 what an office answered."""
    plain, beside = _plain(name), [_plain(other) for other in names if other != name]
    if plain in _COUNTER_OR_TEXT:
        return _BARE_COUNTERS.isdisjoint(beside)
    return plain not in _OFFICIAL or "matter" not in map(_thing, beside)


def _thing(name: str) -> str:
    """Finds what a plain name speaks of, by how it begins; "" for 内容, 时间, 用户."""
    things = (_ANSWERS | _ANSWERED).items()
    return next((thing for thing, begins in things if name.startswith(tuple(begins.split()))), "")


def _is_of_other(name: str, text: str, names: Sequence[str]) -> bool:
    """Tells whether a name speaks of something else than the text: 回复时间 beside 诉求内容, 发帖时间 beside 回帖内容.

    A text that says not what it is (内容) is what has an id there, if that is an answer. Else what it is not is told by
    an answer that has a text of its own there, and by floors, which share their thread's id.
    """
    thing, plain = _thing(_plain(name)), [_plain(other) for other in names if other != text]
    of_text = _thing(_plain(text)) or _answer_with_id(plain)
    if not thing or thing == of_text:
        return False
    if of_text:
        return thing in _ANSWERS or of_text in _ANSWERS
    if thing == "post":
        return _plain(name).endswith("id") and not _FLOORS.isdisjoint(plain)
    return thing in _ANSWERS and any(_thing(other) == thing for other in plain if other in _TEXTS)


def _answer_with_id(plain: Sequence[str]) -> str:
    """Finds the last answer of a chain that has an id: a comment under an answer, a reply in a thread."""
    named = {_thing(name) for name in plain if name.endswith("id") and name in _NAMES["id"].split()}
    return next((thing for thing in _ANSWERS if thing in named), "")


def _known(names: Sequence[str]) -> list[str]:
    return [name for name in names if _plain(name) in _USUAL]


def _map(names: Sequence[str], text: str) -> Columns:
    left = [name for name in names if name and name != text]
    found: dict[str, str] = {}
    for field, usual in _NAMES.items():
        rank = {word: place for place, word in enumerate(usual.split())}
        fitting = [name for name in left if _plain(name) in rank]
        if field in _OWN and text:
            fitting = [name for name in fitting if not _is_of_other(name, text, names)]
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
    plain = re.fullmatch(r"[\w.\-]+(?:[ ][\w.\-]+)*", name) and not name[0].isdigit()
    return name if plain else dumps(name, ensure_ascii=False)  # which YAML reads too


def _plain(name: str) -> str:
    """Writes a name as the tables above do: small letters without spaces, underscores and what is in brackets.

    Of the path into an object its end counts, with the object's name where the tables know it so: `user.id`.
    """
    asked = _ASKED.sub("", _ASKED.sub("", normalize("NFKC", name).strip().lower()).strip())
    *path, last = re.sub(r"\(.*?\)|\[.*?\]|[\s_\-:*#]", "", asked).split(".")
    whole = f"{path[-1]}{last}" if path else last
    return whole if whole in _USUAL else last
