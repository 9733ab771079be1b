"""What stands in one post: the writer's own words, a poll's options, the names of what is attached, whom it quotes."""

import re
from urllib.parse import parse_qs, urlsplit

from lxml.html import HtmlElement  # type: ignore[import-untyped]

from crawlers.pages.attached import FILE
from crawlers.pages.discuz.answer import number
from crawlers.pages.discuz.beside import above, activity, sides
from crawlers.pages.discuz.moments import OLD_EDIT
from crawlers.pages.markup import element_text
from crawlers.pages.xpath import Elements, Words

_NOT_THE_AUTHORS = Elements(
    ".//i[@class='pstatus'] | .//div[@class='locked' or @class='modact' or @class='a_pr'] | .//div[@class='quote']/h5"
    " | .//font[@class='jammer'] | .//div[@class='blockcode']/em | .//ignore_js_op | .//div[@class='showhide']/h4"
    " | .//*[contains(@class,'attach_nopermission') or contains(@class,'aimg_tip') or contains(@class,'attach_popup')]"
)
_QUOTES = Elements(".//div[@class='quote']")
_BLOCK = Elements("(.//blockquote)[1]")
_TO_A_POST = Elements(".//a[contains(@href,'pid=')]")
_POSTS_ADDRESS = "contains(@href,'goto=findpost') or contains(@href,'viewthread') and contains(@href,'pid')"
# A link to a post around the first words of a quote, or one without words, which is the software's arrow back.
_NAMES_A_POST = Elements(
    f"(.//blockquote//text()[translate(normalize-space(),'引用回复復:： ','')])[1]/ancestor::a[{_POSTS_ADDRESS}]"
    f" | .//a[{_POSTS_ADDRESS}][not(normalize-space())]"
)
# What older versions wrote above an answer, in bold: `回复 1# 甲`, `回复 甲 的帖子`.
_ANSWERS = Elements(f".//*[self::strong or self::b][.//a[{_POSTS_ADDRESS}]]")
_NAMES_THE_ANSWERED = re.compile(r"(?:回[复復覆]|reply(?: to)?\b)\s*[^，。！？；：,!?]{1,60}", re.IGNORECASE)
_LONGEST_HEAD = 250  # characters
_NAME = r"[^，。！？；：]{1,120}?"
_DAY = r"(?:\d{1,4}[-/.年]\d{1,2}[-/.月]\d{1,4}日?|[今昨前]天|[刚剛]{2}|(?:半|\d{1,2})\s*(?:秒|分[钟鐘]|小[时時]|天)前)"
_CLOCK = r"\s*(?:[上下]午)?\s*\d{1,2}:\d\d(?::\d\d)?\s*(?:[ap]m)?"
_WHEN = rf"{_DAY}(?:{_CLOCK})?"
_ENDS = r"\s*(?:[:：]|\Z)"  # a sentence that tells when something was made public goes on: 发布于 2026-11-19 的公告称
_NAMES_A_WRITER = re.compile(
    r"(?:(?:引用|回[复復]|quote|reply)\s*[:：]?)?\s*(?:"
    rf"{_NAME}\s*[发發][表布佈][于於]\s*(?:{_WHEN})?{_ENDS}"
    rf"|{_NAME}\s+[发發]表[于於]\s+{_DAY}{_CLOCK}\s+(?!的)"  # without a line's end, the software's own to the letter
    rf"|原[帖貼贴文]由\s*{_NAME}\s*[于於].{{1,40}}?[发發][表布佈]"
    r"|originally\s+posted\s+by\s+\S"
    rf"|\S+(?:\s\S+){{0,2}}?\s+(?:wrote|posted)(?:\s+(?:(?:on|at|in)\s+)?{_WHEN})?{_ENDS}"
    r")",
    re.IGNORECASE,
)
_SMILEYS = Elements(".//img[@smilieid]")
_STEM = re.compile(r"(\w+)\.\w+$")
_LEFT_OVER = re.compile(r"\[attach(?:img)?\]\d+\[/attach(?:img)?\]", re.IGNORECASE)
_WITH_FILES = Elements(
    ".//ignore_js_op[not(ancestor::div[contains(@class,'pattl')])] | .//div[contains(@class,'pattl')]"
)
_ATTACHED = Elements(
    ".//a[contains(@href,'mod=attachment')] | .//*[contains(@class,'aimg_tip')]//strong"
    " | .//p[contains(concat(' ',@class,' '),' xg2 ')]"  # and, in paragraphs, what the uploader says of a file
    " | .//*[contains(@class,'aimg_tip')]//p[not(@class)][not(.//a)][not(.//strong)]"
    " | .//dl[contains(@class,'attm')]/dd/p[not(@class)][not(.//a)]"
)
_POLL = Elements("(.//form[@id='poll'] | .//div[@class='pcht'][not(ancestor::form[@id='poll'])])[1]")
_ABOUT_POLL = Words("(.//div[@class='pinf'])[1]")
_OPTION = Words("(.//td[contains(@class,'pvt')][not(contains(@class,'pvts'))])[1]")
_VOTES = Words("(.//td/em)[1]")
# The faces that come with Discuz!, by their files. It writes no alternative text.
FACES = {
    "smile": "微笑", "sad": "难过", "biggrin": "大笑", "cry": "大哭", "huffy": "发怒", "shocked": "惊讶",
    "tongue": "吐舌", "shy": "害羞", "titter": "偷笑", "sweat": "流汗", "mad": "抓狂", "lol": "大笑",
    "loveliness": "可爱", "funk": "惊恐", "curse": "咒骂", "dizzy": "头晕", "shutup": "闭嘴", "sleepy": "困",
    "hug": "拥抱", "victory": "胜利", "time": "时间", "kiss": "亲吻", "handshake": "握手", "call": "电话",
}  # fmt: skip


def words_of(post: HtmlElement, cell: HtmlElement, *, first: bool, with_files: bool = True) -> str:
    """Reads a post's text: the writer's words between what `beside` tells, then a poll, then files with what they show.

    A debate, an activity and a poll, with its votes, belong to the opening post of a thread: `first`.
    `with_files` is as of `brings_files`, of the whole page or the post. What others wrote into it (posts that are
    quoted, notes, jammers) is taken out of `cell`, for good.
    """
    files = attached(post) if with_files else []
    for element in _NOT_THE_AUTHORS.all(cell):
        element.drop_tree()
    for quote in reversed(_QUOTES.all(cell)):  # what is within first: its head is not that of the quote around it
        if _is_anothers(quote):
            quote.drop_tree()
    for head in _heads_of_answers(cell):
        head.drop_tree()
    name_faces(cell)
    own = OLD_EDIT.sub("", _LEFT_OVER.sub("", element_text(cell))).strip()
    behind = [*sides(post), *activity(post), *poll(post)] if first else []
    names = f"附件：{'、'.join(files)}" if files else ""
    return "\n".join(part for part in (*above(cell), own, *behind, names) if part)


def name_faces(element: HtmlElement) -> None:
    """Gives the faces that come with Discuz! the words that a reader would say for them."""
    for image in _SMILEYS.all(element):
        stem = _STEM.search(image.get("src", ""))
        if stem is not None and stem[1] in FACES and not (image.get("alt") or image.get("title")):
            image.set("alt", f"[{FACES[stem[1]]}]")


def quoted(cell: HtmlElement, tid: str) -> str | None:
    """Finds the number of the post of this thread that a post answers by quoting it, None where it quotes none."""
    named = (*(quote for quote in _QUOTES.all(cell) if _is_anothers(quote)), *_heads_of_answers(cell))
    for link in (link for one in named for link in _TO_A_POST.all(one)):
        query = parse_qs(urlsplit(link.get("href", "")).query)
        pid = str(query.get("pid", [""])[0])
        if query.get("ptid", [tid]) == [tid] and pid.isdecimal():
            return pid
    return None


def _heads_of_answers(cell: HtmlElement) -> list[HtmlElement]:
    return [head for head in _ANSWERS.all(cell) if _NAMES_THE_ANSWERED.fullmatch(" ".join(head.text_content().split()))]


def _is_anothers(quote: HtmlElement) -> bool:
    """Tells whether a quote names a post or a writer in its head; without a block it is a note of the software's."""
    block = _BLOCK.first(quote)
    if block is None or _NAMES_A_POST.first(quote) is not None:
        return True
    head = " ".join(element_text(block).partition("\n")[0].split())[:_LONGEST_HEAD]
    return _NAMES_A_WRITER.match(head) is not None


def poll(post: HtmlElement) -> list[str]:
    """Reads a poll as lines: what is said of it, then each option, with its votes where they are shown to everybody."""
    form = _POLL.first(post)
    if form is None:
        return []
    told = " ".join(_ABOUT_POLL.of(form).split("查看投票")[0].split())
    lines = [f"投票：{told}"] if told else []
    option = ""
    for row in form.iter("tr"):
        if words := " ".join(_OPTION.of(row).split()):
            lines.append(words)
            option = words
        votes = number(_VOTES.of(row))
        if option and votes is not None:  # below the option, or beside it
            lines[-1] = f"{option}（{votes} 票）"
            option = ""
    return lines


def brings_files(page: HtmlElement) -> bool:
    """Tells whether anything is attached at all: asked of a whole page it spares looking through its posts, mostly."""
    return bool(_WITH_FILES.all(page))


def attached(post: HtmlElement) -> list[str]:
    """Finds the names of the files that a post brings along, each once, with what its uploader says of it."""
    told: dict[str, list[str]] = {}
    name = ""
    for one in (one for holder in _WITH_FILES.all(post) for one in _ATTACHED.all(holder)):
        words = " ".join(one.text_content().split())
        if one.tag == "p":
            captions = told.setdefault(name, [])
            captions += [words] if words and words not in captions else []
        elif FILE.fullmatch(words):
            name = words
            told.setdefault(name, [])
    return [
        f"{name}（{'；'.join(captions)}）" if name and captions else name or "；".join(captions)
        for name, captions in told.items()
        if name or captions
    ]
