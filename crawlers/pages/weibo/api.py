"""Answers of Weibo's open platform (api.weibo.com/2): statuses, comments, the token's end, and refusals."""

import json
import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum, auto
from html import unescape
from typing import Any

from crawlers.pages.forum import Answer
from crawlers.pages.markup import text_of
from crawlers.pages.observation import Observation
from crawlers.pages.reposts import passing_on, without_names
from crawlers.pages.times import not_understood, read_time
from crawlers.pages.weibo.cut import beginning, marked
from stream.errors import Rejected
from stream.messages import Counts, Kind

PARSER, VERSION = "weibo", 2  # for `Post.crawl`


class WeiboTrouble(Enum):
    """What a refusal of the platform leads to."""

    TOKEN = auto()  # the organisation has to authorise again
    BUSY = auto()  # the hour's requests are spent
    GONE = auto()  # the status is deleted, or for few eyes only
    RIGHTS = auto()  # the app may not ask this
    UNKNOWN = auto()


# Error codes of the platform's documentation.
_CODES = {
    21301: WeiboTrouble.TOKEN, 21314: WeiboTrouble.TOKEN, 21315: WeiboTrouble.TOKEN, 21316: WeiboTrouble.TOKEN,
    21317: WeiboTrouble.TOKEN, 21319: WeiboTrouble.TOKEN, 21327: WeiboTrouble.TOKEN, 21332: WeiboTrouble.TOKEN,
    10006: WeiboTrouble.TOKEN, 10013: WeiboTrouble.TOKEN,
    10009: WeiboTrouble.BUSY, 10010: WeiboTrouble.BUSY, 10022: WeiboTrouble.BUSY, 10023: WeiboTrouble.BUSY,
    10024: WeiboTrouble.BUSY,
    20101: WeiboTrouble.GONE, 20112: WeiboTrouble.GONE, 20201: WeiboTrouble.GONE,
    10004: WeiboTrouble.RIGHTS, 10005: WeiboTrouble.RIGHTS, 10014: WeiboTrouble.RIGHTS,
}  # fmt: skip
# What the platform writes in place of a text; some stand in lists, with a user and without a mark of their own.
_NOTICE = re.compile(
    r"(?:抱歉[,，]\s*)?(?:此微博已被(?:作者)?删除|该微博因被多人投诉[,，]\s*根据《微博社区公约》[,，]\s*已被删除"
    r"|(?:作者已设置仅展示.{1,6}内微博|根据作者设置的微博可见时间范围)[,，]\s*此微博已不可见"
    r"|由于(?:作者|博主)(?:隐私)?设置[,，]\s*(?:你(?:暂时)?没有(?:这条微博的查看权限哦?|权限查看此微博)|目前内容暂不可见))"
    r"[。.]?\s*(?:查看帮助[:：]?\s*(?:网页链接|https?://\S*)?)?"
)
_NOT_THERE, _NOT_PUBLIC = 20101, 20112  # as the platform answers where it shows no status
_ANSWERING = re.compile(r"回复\s*@[^:：\n]{1,40}[:：]")  # names who is answered; `parent` tells it without a name
_MARKUP = re.compile(r"<(?:a|br|img|p|span)\b[^<>]*>", re.IGNORECASE)  # texts are plain as a rule: `a<b` is no tag
EXPIRED = frozenset({21315, 21327})
_LONGEST_CODE = 9  # digits
# Where the whole of a long text stands, and what says that there is one: several ways of one platform.
_WHOLE, _WITHIN = ("longText", "long_text", "longTextContent"), ("content", "longTextContent")
_IS_LONG = ("isLongText", "is_long_text")


class WeiboRefused(Rejected):
    """Raised when the platform answers with an error code in place of what was asked for."""

    def __init__(self, code: int, told: str) -> None:
        super().__init__(f"weibo_{code}", told)
        self.code = code
        self.trouble = _CODES.get(code, WeiboTrouble.UNKNOWN)


@dataclass(frozen=True, slots=True)
class CommentedStatus:
    """A status, and how many comments the platform counts under it."""

    status: Observation
    comments: int


@dataclass(frozen=True, slots=True)
class StatusPage:
    """A page of a timeline. `gone` are native ids that stand there and are deleted, or not public any more."""

    statuses: tuple[CommentedStatus, ...]
    gone: tuple[str, ...] = ()


def read_statuses(answer: Answer) -> StatusPage:
    """Reads a page of an account's timeline, newest first as the platform has it.

    Raises `WeiboRefused`; `Rejected("not_the_api")` for what is not its JSON.
    """
    listed = _listed(_read(answer), "statuses")
    return StatusPage(
        statuses=tuple(_status(one, answer.at) for one in listed if not _missing(one)),
        gone=tuple(f"status:{_id(one)}" for one in listed if _missing(one)),
    )


def read_status(answer: Answer) -> CommentedStatus:
    """Reads one status. Raises as `read_statuses` does, GONE for one that is deleted or not public."""
    return _status(_read(answer), answer.at)


def read_comments(answer: Answer, status: str) -> tuple[Observation, ...]:
    """Reads a page of the comments under the status of native id `status`. Raises as `read_statuses` does."""
    return tuple(_comment(one, status, answer.at) for one in _listed(_read(answer), "comments"))


def read_token_end(answer: Answer) -> datetime | None:
    """Reads until when the token is good, None where the platform sets no end. Raises as `read_statuses` does."""
    left = _read(answer).get("expire_in")
    return answer.at + timedelta(seconds=left) if isinstance(left, int) and 0 <= left < 10**10 else None


def refusal_of(answer: Answer) -> WeiboRefused | None:
    """Finds what an answer refuses; None where it is none of the platform's refusals."""
    try:
        _read(answer)
    except WeiboRefused as refused:
        return refused
    except Rejected:
        return None
    return None


def status_number(native_id: str) -> str:
    """Finds the platform's own id in a status's native id."""
    return native_id.removeprefix("status:")


def _read(answer: Answer) -> dict[str, Any]:
    try:
        told = json.loads(answer.body)
    except (ValueError, RecursionError) as error:
        raise Rejected("not_the_api", f"not JSON: {error}") from error
    if not isinstance(told, dict):
        raise Rejected("not_the_api", "JSON, but no object")
    code = told.get("error_code")
    if code is not None:
        known = str(code).isdecimal() and len(str(code)) <= _LONGEST_CODE
        raise WeiboRefused(int(code) if known else 0, _words(told.get("error")))
    if missing := _missing(told):
        raise WeiboRefused(missing, _words(told.get("text")) if missing == _NOT_THERE else "")
    return told


def _missing(status: dict[str, Any]) -> int:
    """Tells by a code of the platform's that a status is not there for everybody; 0 where it is.

    What is for its writer, a group or friends alone is not ours to read, and the token is its writer's own. A status
    that shows a notice in place of its words was public, and is no more.
    """
    visible = status.get("visible")
    kind = visible.get("type") if isinstance(visible, dict) else None
    if kind is not None and str(kind) != "0":
        return _NOT_PUBLIC
    deleted = str(status.get("deleted")) in ("1", "True")
    return _NOT_THERE if deleted or _NOTICE.fullmatch(_plain(_words(status.get("text")))) else 0


def _listed(told: dict[str, Any], name: str) -> list[dict[str, Any]]:
    found = told.get(name)
    if not isinstance(found, list):
        raise Rejected("not_the_api", f"no {name} in it")
    return [one for one in found if isinstance(one, dict) and _id(one)]


def _status(told: dict[str, Any], at: datetime) -> CommentedStatus:
    if not _id(told):
        raise Rejected("not_the_api", "a status without an id")
    name, user = f"status:{_id(told)}", _user(told)
    original = told.get("retweeted_status")
    passed_on = original if isinstance(original, dict) else {}
    own, cut = _long_text(told)
    there = not _missing(passed_on) and bool(_user(passed_on))  # a deleted original often has nothing but no user
    words, words_cut = _long_text(passed_on) if there else ("", False)
    published_at, precision = read_time(_words(told.get("created_at")), at)
    status = Observation(
        native_id=name,
        kind=Kind.STATUS,
        thread=name,
        parent=f"status:{_id(passed_on)}" if _id(passed_on) else None,
        board=_words(user.get("screen_name")) or None,
        url=f"https://weibo.com/{_id(user)}/{_id(told)}" if _id(user) else "",
        text=passing_on(own, words),
        cut=cut or words_cut,
        author=_id(user) or None,
        published_at=published_at,
        published_precision=precision,
        unread_time=not_understood(_words(told.get("created_at")), published_at),
        counts=Counts(
            replies=_count(told.get("comments_count")),
            likes=_count(told.get("attitudes_count")),
            reposts=_count(told.get("reposts_count")),
        ),
    )
    return CommentedStatus(status, _count(told.get("comments_count")) or 0)


def _comment(told: dict[str, Any], status: str, at: datetime) -> Observation:
    answered = told.get("reply_comment")
    parent = _id(answered) if isinstance(answered, dict) else ""
    published_at, precision = read_time(_words(told.get("created_at")), at)
    return Observation(
        native_id=f"comment:{_id(told)}",
        kind=Kind.COMMENT,
        thread=status,
        parent=f"comment:{parent}" if parent else status,
        text=_ANSWERING.sub("", without_names(_plain(_words(told.get("text")))), count=1),
        author=_id(_user(told)) or None,
        published_at=published_at,
        published_precision=precision,
        unread_time=not_understood(_words(told.get("created_at")), published_at),
        counts=Counts(likes=_count(told.get("like_count"))),
    )


def _long_text(told: dict[str, Any]) -> tuple[str, bool]:
    """Reads the words as far as they are there, and whether they are only the beginning of a long text."""
    whole = next((words for name in _WHOLE if (words := _plain(_content(told.get(name))))), "")
    text = whole or _plain(_words(told.get("text")))
    start = beginning(text)
    said = next((told[name] for name in _IS_LONG if told.get(name) in (True, False)), None)
    if (whole and start is None) or said in (False, 0) or (said is None and start is None):
        return text, False
    return start or marked(text), True


def _content(value: object) -> str:
    if isinstance(value, dict):
        return next((words for name in _WITHIN if (words := _words(value.get(name)))), "")
    return _words(value)


def _plain(text: str) -> str:
    return text_of(text) if _MARKUP.search(text) else unescape(text).strip()


def _user(told: dict[str, Any]) -> dict[str, Any]:
    user = told.get("user")
    return user if isinstance(user, dict) else {}


def _id(told: dict[str, Any]) -> str:
    """Reads an id as text: as a number it is beyond what many readers of JSON hold."""
    found = told.get("idstr") or told.get("mid") or told.get("id")
    return str(found) if isinstance(found, str | int) and not isinstance(found, bool) else ""


def _words(value: object) -> str:
    return value if isinstance(value, str) else ""


def _count(value: object) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else None
