"""What stands in one post: the writer's own words, a poll's options, the names of what is attached, whom it quotes."""

import re
from urllib.parse import parse_qs, urlsplit

from lxml.html import HtmlElement  # type: ignore[import-untyped]

from crawlers.pages.discuz.answer import number
from crawlers.pages.markup import element_text
from crawlers.pages.xpath import Elements, Words

_NOT_THE_AUTHORS = Elements(
    ".//i[@class='pstatus'] | .//div[@class='quote' or @class='locked' or @class='modact' or @class='a_pr']"
    " | .//font[@class='jammer'] | .//div[@class='blockcode']/em | .//ignore_js_op | .//div[@class='showhide']/h4"
    " | .//*[contains(@class,'attach_nopermission') or contains(@class,'aimg_tip') or contains(@class,'attach_popup')]"
)
_QUOTED = Elements(".//div[@class='quote']//a[contains(@href,'pid=')]")
_SMILEYS = Elements(".//img[@smilieid]")
_STEM = re.compile(r"(\w+)\.\w+$")
_LEFT_OVER = re.compile(r"\[attach(?:img)?\]\d+\[/attach(?:img)?\]", re.IGNORECASE)
_WITH_FILES = Elements(".//ignore_js_op | .//div[contains(@class,'pattl')]")
_ATTACHED = Elements(".//a[contains(@href,'mod=attachment')] | .//*[contains(@class,'aimg_tip')]//strong")
_FILE = re.compile(r"[^/\\<>]{1,150}\.\w{1,8}")
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


def words_of(post: HtmlElement, cell: HtmlElement, *, with_poll: bool, with_files: bool = True) -> str:
    """Reads a post's text: the writer's words, then a poll's options with their votes, then the names of files.

    A poll belongs to the opening post of a thread; `with_files` is as of `brings_files`, of the whole page or the post.
    What others wrote into it (quotes, notes, jammers) is taken out of `cell`, for good.
    """
    files = attached(post) if with_files else []
    for element in _NOT_THE_AUTHORS.all(cell):
        element.drop_tree()
    name_faces(cell)
    own = _LEFT_OVER.sub("", element_text(cell))
    names = f"附件：{'、'.join(files)}" if files else ""
    return "\n".join(part for part in (own, *(poll(post) if with_poll else ()), names) if part)


def name_faces(element: HtmlElement) -> None:
    """Gives the faces that come with Discuz! the words that a reader would say for them."""
    for image in _SMILEYS.all(element):
        stem = _STEM.search(image.get("src", ""))
        if stem is not None and stem[1] in FACES and not (image.get("alt") or image.get("title")):
            image.set("alt", f"[{FACES[stem[1]]}]")


def quoted(cell: HtmlElement, tid: str) -> str | None:
    """Finds the number of the post of this thread that a post answers by quoting it, None where it quotes none."""
    for link in _QUOTED.all(cell):
        query = parse_qs(urlsplit(link.get("href", "")).query)
        pid = str(query.get("pid", [""])[0])
        if query.get("ptid", [tid]) == [tid] and pid.isdecimal():
            return pid
    return None


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
    """Finds the names of the files that a post brings along, each once."""
    holders = _WITH_FILES.all(post)
    told = (" ".join(one.text_content().split()) for holder in holders for one in _ATTACHED.all(holder))
    return list(dict.fromkeys(name for name in told if _FILE.fullmatch(name)))
