"""A few words of strangers, made safe for a letter: cleaned, masked, cut, their links dead. Pure."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import repeat
from unicodedata import category

import regex

from alerts.denials import denies, reassures, thanks
from stream.index.port import withheld
from stream.messages import Act, Kind, ScoredPost

LONGEST = 120  # characters of one quote
QUOTES = 3
VIEWS = 100  # views that weigh as much as one answer; set by us
REPLIES = (Kind.REPLY, Kind.COMMENT)
_BEGINNING = 400  # characters in which a post says whether it denies: further on it may tell of a denial
_READ = 2_000  # characters looked at: masking happens before the cut, on a bounded text
_CUT_NUMBER = "0123456789０１２３４５６７８９ -—·._"  # at a passage's ends: half a number would not be known as one

_SURNAMES = (
    "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦许何吕施张孔曹严华金魏陶姜谢邹喻苏潘葛范彭郎鲁韦马苗方俞任袁柳"
    "鲍史唐费薛雷贺倪汤罗毕郝邬安常于傅齐康伍余顾孟黄穆萧尹姚邵汪毛狄戴宋庞熊纪舒屈项祝董梁杜阮蓝闵季贾"
    "江童颜郭梅盛林钟徐邱骆高夏蔡田樊胡凌霍虞万柯管卢莫房缪丁邓洪包石崔龚程邢裴陆荣翁段侯宁仇甘厉祖武符"
    "刘景龙叶黎白蒲赖卓蔺池乔温庄晏瞿阎慕连茹艾容向古易廖耿匡文关欧沙游桂曾"
)
_TITLES = (
    "先生|女士|小姐|师傅|经理|总经理|董事长|主任|科长|处长|局长|厅长|部长|书记|所长|站长|院长|校长|老师|医生|警官|同志"
)
_DIGITS = regex.compile(r"\d(?:[\s\-—·._]{0,2}\d){6,}[xX]?")
_MAIL = regex.compile(r"(?a)[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,5}")
_MENTION = regex.compile(r"@[\w\-·]{1,30}")
_HANDLE = regex.compile(r"(?i)(微信号?|薇信|vx|wx|qq|扣扣|身份证号?|车牌号?)([\s::：是为]{0,3})[A-Za-z0-9_\-]{4,}")
_NAMED = regex.compile(rf"([{_SURNAMES}])\p{{Han}}{{1,2}}(?={_TITLES})")
_CALLED = regex.compile(rf"(名叫|姓名[::：]?|叫做?|真名[::：]?)([{_SURNAMES}])\p{{Han}}{{1,2}}")
_ROOM = regex.compile(r"\d+(?=\s*(?:号楼|栋|幢|单元|室|门牌))")
_LINK = regex.compile(r"(?i)\b(?:https?|ftp)://[^\s\p{Han}，。；！？、）】》]+")
_DOMAIN = regex.compile(r"(?i)\b(?:[a-z0-9-]{1,63}\.){1,6}[a-z]{2,24}\b")


@dataclass(frozen=True, slots=True)
class Quote:
    """What a letter shows of one post. `text` is None where it must not be shown any more.

    `edited_at` is when its writer last changed it, None for never; `removed`: it is gone at its source.
    """

    text: str | None
    site: str
    url: str
    at: datetime
    edited_at: datetime | None = None
    removed: bool = False


def clean(text: str, longest: int = _READ) -> str:
    """Makes a line of at most `longest` visible characters: no controls, surrogates or marks that turn the writing."""
    kept = "".join(
        " " if category(c) in {"Zl", "Zp", "Cc", "Zs"} else c
        for c in text[:longest]
        if category(c) not in {"Cs", "Cf", "Co", "Cn"}
    )
    return " ".join(kept.split())


def defang(text: str) -> str:
    """Writes every link and domain of the text so that no mail program makes it clickable."""
    text = _LINK.sub(lambda m: m[0].replace("ttp", "xxp").replace("TTP", "XXP").replace(".", "[.]"), text)
    return _DOMAIN.sub(lambda m: m[0].replace(".", "[.]"), text)


def mask(text: str) -> str:
    """Masks the numbers, addresses, handles and names of the text by which somebody could be found."""
    text = _MAIL.sub("［邮箱］", text)
    text = _LINK.sub(lambda m: m[0].split("?")[0].split("#")[0], text)
    text = _MENTION.sub("@［某用户］", text)
    text = _HANDLE.sub(r"\1\2［号码］", text)
    text = _DIGITS.sub("［号码］", text)
    text = _ROOM.sub("×", text)
    return _CALLED.sub(r"\1\2某", _NAMED.sub(r"\1某", text))


def quote(post: ScoredPost, now: datetime) -> Quote:
    """Quotes the post's masked words; withheld where the source deleted it more than a day ago.

    Of a long post the passage that made the model call it negative, not how it happens to begin.
    """
    post = withheld(post, now)
    words = _safe(f"{post.title} {post.text}" if post.title not in post.text else post.text)
    if len(words) > LONGEST and post.passage:
        words = "…" + _safe(post.passage.strip(_CUT_NUMBER))
    cut = words if len(words) <= LONGEST else words[: LONGEST - 1] + "…"
    site, url = clean(post.site, 60), defang(clean(post.url, 200))
    return Quote(cut or None, site, url, post.charted_at, post.edited_at, post.deleted_at is not None)


def safe_line(text: str, longest: int = LONGEST) -> str:
    """Makes any stranger's line safe to show as quotes are: masked, its links dead, cut."""
    told = _safe(text)
    return told if len(told) <= longest else told[: longest - 1] + "…"


def own_words(post: ScoredPost) -> str:
    """Returns what the post itself says: a reply carries its thread's title, which is somebody else's."""
    if post.title in post.text or (post.kind in REPLIES and post.text.strip()):
        return post.text
    return f"{post.title}\n{post.text}".strip()


def accuses(post: ScoredPost) -> bool:
    """Tells whether a negative post holds something against somebody: it does not deny, clarify, reassure or thank.

    Judged by its own words, the first ones. Who asks for something, calls for it or mocks does not thank.
    """
    if post.act is Act.CLARIFICATION:
        return False
    told = own_words(post)[:_BEGINNING]
    courteous = post.act in (Act.APPEAL, Act.CALL, Act.MOCKERY)
    return not (denies(told) or reassures(told) or (thanks(told) and not courteous))


def choose(posts: Sequence[ScoredPost], most: int = QUOTES) -> list[ScoredPost]:
    """Chooses up to `most` posts that show what is said, of different words and different authors.

    The earliest, the one that spread widest, the newest, then the most negative; none that accuses of nothing.
    """
    accusing = [post for post in posts if (post.title or post.text) and accuses(post)]
    copies = Counter(post.fingerprint for post in accusing)
    by_time = sorted(accusing, key=lambda one: (one.counted_at or one.charted_at, one.id))
    widest = sorted(by_time, key=lambda one: -_spread(one, copies[one.fingerprint]))
    worst = sorted(by_time, key=lambda one: -(one.negative or 0.0))
    chosen: list[ScoredPost] = []
    for order in (by_time, widest, by_time[::-1], *repeat(worst, max(0, most - 3))):
        told = {other.fingerprint for other in chosen} | {other.voice for other in chosen if other.voice}
        found = next((post for post in order if not told & {post.fingerprint, post.voice}), None)
        if found is not None and len(chosen) < most:
            chosen.append(found)
    return chosen


def _spread(post: ScoredPost, copies: int) -> float:
    """Weighs how far a post came: each copy, repost and answer, and each hundredth view."""
    counts = post.counts
    return copies + (counts.reposts or 0) + (counts.replies or 0) + (counts.views or 0) / VIEWS


def _safe(text: str) -> str:
    return defang(mask(clean(text)))
