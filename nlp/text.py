"""A post's text as the model reads it: the poster's words in one spelling. Pure; the same in training and serving."""

import re
import unicodedata
from dataclasses import dataclass
from enum import StrEnum

from stream.spelling.hiding import join_spaced, shown
from stream.spelling.script import simplified

MAX_CHARACTERS = 20_000  # longer texts are cut here, so that no text costs more than a bounded time


class Unfit(StrEnum):
    """Why a text has nothing for the model to read."""

    EMPTY = "empty"
    REPOST = "repost"


@dataclass(frozen=True, slots=True)
class Prepared:
    """The normalised text, or the reason why there is none (then `text` is empty).

    `passed_on`: these are somebody else's words, of a repost that has none of its own.
    """

    text: str
    reason: Unfit | None = None
    passed_on: bool = False


# Data for Chinese models lost its emoji but kept Weibo's own tags, so an emoji is read as the tag it corresponds to.
EMOJI_TAGS = {
    "[泪]": "😭😢😿🥹",
    "[悲伤]": "😞😔😟🙁☹😥😓😩😫🥺",
    "[伤心]": "💔",
    "[笑cry]": "😂🤣",
    "[哈哈]": "😀😃😄😁😆😸😹",
    "[微笑]": "🙂☺😊😌",
    "[爱你]": "😍🥰😘😗😙😚🤩😻",
    "[心]": "❤💕💖💗💓💞💘💙💚💛🧡💜🖤♥💝",
    "[怒]": "😡😠😤👿💢",
    "[怒骂]": "🤬",
    "[吐]": "🤮🤢",
    "[惊恐]": "😱😨😰😧😦",
    "[吃惊]": "😮😯😲😳🤯🙀",
    "[思考]": "🤔",
    "[白眼]": "🙄😒",
    "[允悲]": "🤦",
    "[摊手]": "🤷",
    "[汗]": "😅💦",
    "[偷笑]": "🤭",
    "[酷]": "😎",
    "[抱抱]": "🤗",
    "[睡]": "😴😪💤",
    "[生病]": "🤒🤕😷🤧",
    "[骷髅]": "💀☠",
    "[赞]": "👍",
    "[弱]": "👎",
    "[鼓掌]": "👏",
    "[加油]": "💪✊",
    "[作揖]": "🙏",
    "[蜡烛]": "🕯",
    "[鲜花]": "🌹💐🌸",
    "[蛋糕]": "🎂🎉🎊",
    "[小丑]": "🤡",
    "[便便]": "💩",
    "[疑问]": "❓❔⁉",
}
_EMOJI = str.maketrans({emoji: tag for tag, many in EMOJI_TAGS.items() for emoji in many})

_INVISIBLE = re.compile(
    "[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u00ad\u0300-\u036f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f"
    "\u202a-\u202e\u2060-\u206f\u20d0-\u20ff\ue000-\uf8ff\ufe00-\ufe0f\ufeff\ufff0-\uffff\U0001f3fb-\U0001f3ff"
    "\U000e0000-\U0010ffff]"
)
_URL = re.compile(r"(?:https?:/{1,2}|www\.)[!-~]+")
# Before every post of a chain: `//@name:`, and older ways to say so. A name may hold one stroke, its colon be lost.
_CHAIN = re.compile(
    r"(?:/{2}\s*|(?<![a-z0-9])(?:rt|repost(?:ed)?(?: from)?)\s*:?\s*(?=@)"
    r"|(?<!\w)(?:转(?:发|载)?自|转发?)\s*:?\s*(?=@[^:\n/@,。!?;]{1,40}:))"
    r"@(?:(?:[^:\n/@,。!?;]|/(?!/)){1,40}?:|[\w·-]{1,30}(?=\s|$))?"
)
_REPLY = re.compile(r"(?:回复|回覆|reply)\s*@[^:\n]{1,40}:")
_QUOTE_BLOCK = re.compile(r"\[quote\b[^\]]*\].*?\[/quote\]", re.DOTALL)
_BLANK = r"[^\S\n]*"
# What boards put above an answer: quotation marks of mail and Markdown, "… 发表于 2026-9-1", "引用: …",
# "回复 5# … 的帖子", "… 写道:", "… said in …:", and Discuz!'s note of an edit.
_QUOTE_LINE = re.compile(
    rf"^(?:{_BLANK}>.*$|.{{1,40}}发表于{_BLANK}\d{{4}}-\d{{1,2}}-\d{{1,2}}.*$|引用{_BLANK}:.*$"
    rf"|{_BLANK}(?:引用|回复){_BLANK}(?:第?{_BLANK}\d{{1,6}}{_BLANK}(?:楼|#)|#{_BLANK}\d{{1,6}})"
    rf"(?:[^\n:]{{0,40}}?的(?:帖子|发言|回复):?|[^\n:]{{0,40}}:|{_BLANK}$)"
    rf"|.{{1,40}}(?:(?:写道|说道|wrote)| said in .{{0,80}}){_BLANK}:{_BLANK}$"
    rf"|{_BLANK}本帖最后由.{{1,40}}于.{{6,20}}编辑{_BLANK}$)",
    re.MULTILINE,
)
_MENTION = re.compile(r"(?<![a-z0-9._])@[\w·-]{1,30}:?")
_RUN_OF_ONE = re.compile(r"(\S)\1{3,}")
_RUN_OF_MANY = re.compile(r"(\S{2,8}?)\1{3,}")
# What whoever only forwards leaves standing there, or a site puts there for them.
_FORWARDING = (
    r"(?:转发理由|(?:快?转+发?|分享)(?:微博|图片|视频|文章)?(?:一下|[了下])?|帮转"
    r"|reposting|repost|rt|fwd?|mark|马克|码住?|via)"
)
_DELETED = r"微博已(?:经)?(?:被[^,。\n]{0,8})?删除"
# In place of a link, a picture, a rest or a post that is gone; every branch begins with a letter, for speed.
_NOTICE = (
    r"(?:网页链接|o网页链接|查看(?:图片|链接|动图|全文)|\[(?:图片评论|评论配图|图片|动图|视频|链接|转发微博|转发)\]"
    r"|图片评论|评论配图|\.\.\.全文$|展开全文$"
    rf"|此{_DELETED}|该{_DELETED}|抱歉,(?:[此该]{_DELETED}|由于作者设置)[^/\n]{{0,40}})"
)
_NOTICED = re.compile(_NOTICE)
_FORWARDED = re.compile(_FORWARDING)
_ONLY_FORWARDED = re.compile(rf"(?>[^\w\[?]*(?:{_FORWARDING}|{_NOTICE}))++[^\w\[?]*")
_PASSED = re.compile(
    r"^\W*(?:转发|转载|转|分享)\W{0,2}[:\]】]|[(\[【]转(?:发|载|自[^)\]】]*)?[)\]】]$"
)  # said by who copies by hand
_SIGN = re.compile(r"\[[^\[\]\n]{1,8}\]")  # a face


def for_model(text: str, title: str | None = None) -> Prepared:
    """Prepare a post's text for the model. Never raises.

    The poster's own words come first; of a chain of reposts the first link follows them after `//`, because what the
    words mean depends on it. A repost without own words is unfit: `reposted` has what it passes on.

    >>> for_model("＠张三 水 军 常 用！！！！！！ https://t.cn/x //@李四:好 //@王五:坏").text
    '水军常用!!! // 好'
    """
    own, *chain = _links(text, title)
    if not _says_something(own):
        return Prepared("", Unfit.REPOST if chain or _FORWARDED.search(own) else Unfit.EMPTY)
    return Prepared(_with_link(own, chain))


def reposted(text: str) -> Prepared:
    """Return the first words that a repost without own words passes on, as data labelled with them has them.

    A face on the way stands before them.
    """
    words, *chain = _forwarded(text)
    if words and not _has_words(words):
        words = _with_link(words, chain)
    return Prepared(f"// {words}", passed_on=True) if words else Prepared("", Unfit.EMPTY)


def readable(text: str) -> Prepared:
    """Prepare a post's own words, or those that it passes on where it has none."""
    own = for_model(text)
    passed = reposted(text) if own.reason is Unfit.REPOST else own
    return own if passed.reason else passed


def told(text: str) -> str:
    """Return what a post says to its readers: whoever adds no words, or a face alone, tells the post that they forward.

    Empty where it says nothing. The same for that post itself, so that copies are known by it.

    >>> told("转发微博//@李四:没电了//@王五:热死了") == told("[怒]//@李四:没电了 //@王五:热死了") == "没电了 // 热死了"
    True
    """
    links = [link for link in _links(text, None) if _says_something(link)]
    spoken = next((at for at, link in enumerate(links) if _has_words(link)), 0)
    bare = _NOTICED.sub("", _with_link(links[spoken], links[spoken + 1 :])).strip() if links else ""
    return _PASSED.sub("", bare).strip() or bare


def _forwarded(text: str) -> list[str]:
    """Return the links behind the poster's own words, from the first that says something; an empty one if none does."""
    links = _links(text, None)[1:]
    return next((links[at:] for at, link in enumerate(links) if _says_something(link)), [""])


def _with_link(words: str, chain: list[str]) -> str:
    """Add the link that the words answer: the first that says something, since whoever only forwards is no part."""
    link = next(filter(_says_something, chain), "")
    return f"{words} // {link}" if link else words


def _links(text: str, title: str | None) -> list[str]:
    """Return the poster's own words, then those of every post in the chain they repost; any may be empty."""
    whole = f"{title}\n{text}" if title and not text.startswith(title) else text
    folded = _URL.sub(" ", _fold(whole[:MAX_CHARACTERS]))
    chain = _CHAIN.split(folded) if "@" in folded else [folded]
    return [_squeeze(shown(join_spaced(_words(link)))) for link in chain]


def _says_something(text: str) -> bool:
    return _has(text, "[!?") and not _ONLY_FORWARDED.fullmatch(text)


def _has_words(text: str) -> bool:
    bare = _SIGN.sub("", text)
    return _has(bare, "") and not _ONLY_FORWARDED.fullmatch(bare)


def _has(text: str, marks: str) -> bool:
    """Tell whether a letter, a digit or one of these marks is there."""
    return any(character.isalnum() or character in marks for character in text)


def _fold(text: str) -> str:
    """Write in one width, one case, one script, without invisible characters, emoji as tags."""
    paired = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "ignore")
    return simplified(_INVISIBLE.sub("", unicodedata.normalize("NFKC", paired.translate(_EMOJI))).lower())


def _words(link: str) -> str:
    """Return a post's words without quotes and mentions."""
    for pattern in (_QUOTE_BLOCK, _QUOTE_LINE, _REPLY, _MENTION):
        link = pattern.sub(" ", link)
    return " ".join(link.split())


def _squeeze(text: str) -> str:
    """Leave of whatever repeats more than three times, three times."""
    return _RUN_OF_MANY.sub(r"\1\1\1", _RUN_OF_ONE.sub(r"\1\1\1", text))
