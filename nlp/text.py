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
    r"|(?<!\w)(?:转(?:发|载)?自|分享自|转[发帖贴]?了?)\s*:?\s*(?=@[^:\n/@,。!?;]{1,40}:))"
    r"@(?:(?:[^:\n/@,。!?;]|/(?!/)){1,40}?:|[\w·-]{1,30}(?=\s|$))?"
)
_BLANK = r"[^\S\n]*"
# Whose post is answered: of Weibo, whose colon may be lost, and of Tieba.
_REPLY = re.compile(
    rf"(?:回复|回覆|reply)\s*@(?:[^:\n]{{1,40}}:|[\w·-]{{1,30}}\s*\Z)|^{_BLANK}回复 +[^\s:@]{{1,30}} +:", re.MULTILINE
)
# The words of others in a post of one's own: in a board's tags, behind the marks of mail and Markdown (>_< and >>>好<<<
# are none, nor is >3天), and in what WeChat puts above an answer.
_QUOTATION = re.compile(
    r"\[quote\b[^\]]*\](?P<tagged>.*?)\[/quote\]"
    rf"|^{_BLANK}>(?:{_BLANK}>)*+(?!\d|\S{{0,5}}[<‹]|{_BLANK}[<‹]|[^\n]*[<‹]{_BLANK}$)(?P<marked>[^\n]*)$"
    r"|^「[^「\n:]{1,30}:(?P<above>(?:(?!\n「).){1,2000}?)」\s*(?:[-—–─]\s?){5,}",
    re.DOTALL | re.MULTILINE,
)
_QUOTES = re.compile(r"[>「]|\[quote")
# What boards put above an answer: "… 发表于 2026-9-1 10:20", "引用:", "引用 … 的发言:", "回复 5# … 的帖子", "… 写道:",
# "… said in …:", and Discuz!'s note of an edit. Nothing stands behind it on its line.
_QUOTE_LINE = re.compile(
    rf"^(?:.{{1,40}}发表于{_BLANK}\d{{4}}-\d{{1,2}}-\d{{1,2}}(?:{_BLANK}\d{{1,2}}(?::\d\d){{1,2}})?"
    rf"(?:{_BLANK}\|.{{0,20}})?{_BLANK}$"
    rf"|{_BLANK}引用{_BLANK}:{_BLANK}$"
    rf"|{_BLANK}(?:引用|回复){_BLANK}:?{_BLANK}[^\s,。!?:]{{1,30}} +的(?:帖子|发言|回复):?{_BLANK}$"
    rf"|{_BLANK}(?:引用|回复){_BLANK}:?{_BLANK}(?:第?{_BLANK}\d{{1,6}}{_BLANK}(?:楼|#)|#{_BLANK}\d{{1,6}})"
    rf"(?:[^\n:]{{0,40}}?的(?:帖子|发言|回复):?|[^\n:]{{0,40}}:|{_BLANK}$)"
    rf"|.{{1,40}}(?:(?:写道|说道|wrote)| said in .{{0,80}}){_BLANK}:{_BLANK}$"
    rf"|{_BLANK}本帖最后由.{{1,40}}于.{{6,20}}编辑{_BLANK}$)",
    re.MULTILINE,
)
# A name ends at a blank. Where none was typed, it ends before what is said to whom it names, by these words.
_SAID_TO = r"(?:你|我们|怎么|什么|为什么|到底|又|还|太|都|没|不|真|再|快|别)[\w·-]{3}"
_NAME = rf"[\w·-]{{2,16}}?(?={_SAID_TO})"
_MENTION = re.compile(rf"(?<![a-z0-9._])@(?:(?=[\w·-]{{31}}){_NAME}|[\w·-]{{1,30}}:?)")
_RUN_ON = re.compile(rf"(?<![a-z0-9._])@(?=[\w·-]{{10}}){_NAME}")
_RUN_OF_ONE = re.compile(r"(\S)\1{3,}")
_RUN_OF_MANY = re.compile(r"(\S{2,8}?)\1{3,}")
# What whoever only forwards leaves standing there, or a site puts there for them.
_FORWARDING = (
    r"(?:转发理由|(?:[快已先速]?转+[发帖贴载存走需]?|分享)了?此?(?:微博|图片|视频|文章)?(?:一下|[了下啊])?|帮转"
    r"|收藏|存档?|留档|先?(?:mark|马克|[码马]住?|m)(?:一下|[了下])?|cy|reposting|reposted|repost|rt|fwd?|via)"
)
_POST = r"[此该](?:微博|账号|内容|文章|视频|帖子)"
_GONE = rf"{_POST}(?:因[^/\n]{{0,40}}?,)?现?已经?(?:被[^,。\n]{{0,8}})?(?:删除|不可见|无法查看)"
# In place of a link, a picture, a rest or a post that is gone; every branch begins with a letter, for speed.
_NOTICE = (
    r"(?:网页链接|o网页链接|查看(?:图片|链接|动图|全文)|\[(?:图片评论|评论配图|图片|动图|视频|链接|转发微博|转发)\]"
    r"|图片评论|评论配图|\.\.\.全文$|展开全文$"
    rf"|{_GONE}|该内容请至手机客户端查看|抱歉,(?:{_GONE}|由于作者设置|作者已设置)[^/\n]{{0,40}})"
)
_NOTICED = re.compile(_NOTICE)
_FORWARDED = re.compile(_FORWARDING)
_ONLY_FORWARDED = re.compile(rf"(?>[^\w\[?]*(?:{_FORWARDING}|{_NOTICE}))++[^\w\[?]*")
_FROM = r"转(?:[发载]?自[^\s,。!?;:)\]】》]{1,12}|[发载帖贴])?"
_PASSED = re.compile(  # said by who copies by hand
    rf"^(?:转发微博\s+|\W*(?:(?:帮\w{{0,4}}?|代|群里)?{_FROM}(?:的|一下|一个)?|分享)\W{{0,2}}[:)\]】》])"
    rf"|[(\[【]{_FROM}[)\]】]$|[\s—-]{{1,4}}转[发载]?自[^\s,。!?;:]{{1,12}}$"
)
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
    """Return the poster's own words, then those of every post in the chain they repost; any may be empty.

    Whoever answers a quotation with no word passes it on.
    """
    whole = f"{title}\n{text}" if title and not text.startswith(title) else text
    folded = _URL.sub(" ", _fold(whole[:MAX_CHARACTERS]))
    quoted = [str(one[one.lastgroup or 0]) for one in _QUOTATION.finditer(folded)] if _QUOTES.search(folded) else []
    said = _QUOTATION.sub("\n", folded) if quoted else folded
    own, *chain = _chain(said)
    if chain or not (quoted or "@" in said) or _has_words(own):
        return [own, *chain]
    return [own, *_chain("\n".join(quoted))] if quoted else _chain(_RUN_ON.sub(" ", said))


def _chain(folded: str) -> list[str]:
    links = _CHAIN.split(folded) if "@" in folded else [folded]
    return [_squeeze(shown(join_spaced(_words(link)))) for link in links]


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
    """Return a post's words without what stands above a quotation, and without mentions."""
    for pattern in (_QUOTE_LINE, _REPLY, _MENTION):
        link = pattern.sub(" ", link)
    return " ".join(link.split())


def _squeeze(text: str) -> str:
    """Leave of whatever repeats more than three times, three times."""
    return _RUN_OF_MANY.sub(r"\1\1\1", _RUN_OF_ONE.sub(r"\1\1\1", text))
