"""The first line that the writer of a mail wrote, among all that mail programs put around it. Pure.

Programs mark what they quote in three ways: lines that begin with `>`, a rule or a header block below which all is
quoted, an element of HTML. An answer may stand above the quotation, or below it where that is marked line by line.
"""

from collections.abc import Sequence

import regex
from lxml import etree, html  # type: ignore[import-untyped]

MOST_LINES = 2_000
_QUOTED = regex.compile(r"^\s*(>|＞|&gt;|\|\s)")
_RULE = regex.compile(
    r"(?i)^\s*[-－—_*=\s]{2,}\s*(原始邮件|原邮件|回复的?(原)?邮件|转发的?邮件(信息)?|邮件原文|原始郵件|original message"
    r"|original (e-?)?mail|forwarded message|forwarded by.*)\s*[-－—_*=\s]{2,}\s*$|^\s*[_＿]{10,}\s*$"
)
_BLOCK = regex.compile(r"(?i)^\s*\**\s*(发件人|寄件者|寄件人|from)\s*\**\s*[:：]")
_BLOCK_MORE = regex.compile(
    r"(?i)^\s*\**\s*(发送时间|发送日期|寄件日期|日期|时间|收件人|主题|抄送|sent|date|to|subject|cc)\s*\**\s*[:：]"
)
_SAID = regex.compile(r"(?i)(写道|寫道|的邮件|wrote|writes|schrieb)\s*[:：]\s*$")
_SAYS = regex.compile(r"(?i)^\s*(在|于|on|at|am|le|\d{4}[-年/.]|周|星期|\S+@\S+|.{0,60}<\S+@\S+>)")
_SIGNATURE = regex.compile(r"^\s*--\s*$|^-- ")
_DEVICE = regex.compile(
    r"(?i)^\s*(发自|來自|来自)\s*(我的|QQ邮箱|网易|手机|iPhone|华为|小米|vivo|oppo|荣耀|Outlook|移动).*$"
    r"|^\s*(sent from|get outlook|获取\s*outlook|下载\s*outlook).*$|^\s*从.{0,20}(手机|邮箱)发送.*$"
)
_DROPPED = "//script | //style | //head | //title | //blockquote | //template | //*[@hidden]" + "".join(
    f" | //*[contains(concat(' ', normalize-space(@class), ' '), ' {name} ')]"
    for name in ("gmail_quote", "gmail_attr", "yahoo_quoted", "moz-cite-prefix", "ntes-mailmaster-quote", "qmbox-quote")
)
_BELOW = (
    "//*[@id='divRplyFwdMsg' or @id='appendonsend' or @id='isReplyContent' or @id='isForwardContent'"
    " or @id='x_divRplyFwdMsg' or @id='mail-editor-reference-message-container' or self::includetail]"
)
_LINES = frozenset({"p", "div", "br", "tr", "li", "h1", "h2", "h3", "h4", "pre", "table", "hr", "ul", "ol", "td"})


def first_line(words: str) -> str:
    """Finds the first line that is neither empty nor quoted nor put there by a program; "" where there is none."""
    lines = words.replace("\r\n", "\n").replace("\r", "\n").split("\n")[:MOST_LINES]
    at = 0
    while at < len(lines):
        line = lines[at].strip("\u200b\ufeff\u00a0\u3000 \t")
        if _RULE.match(line) or _SIGNATURE.match(lines[at]) or _is_block(lines, at):
            return ""
        taken = _attribution(lines, at)
        if taken and not _quoted_below(lines, at + taken):
            return ""
        if line and not taken and not _QUOTED.match(line) and not _DEVICE.match(line):
            return line
        at += taken or 1
    return ""


def text_of_html(page: str) -> str:
    """Writes a page of HTML as lines, without what it quotes as far as its elements say so; "" where it is none."""
    if not page.strip():
        return ""
    try:
        tree = html.document_fromstring(page.encode("utf-8", "replace"), parser=html.HTMLParser(encoding="utf-8"))
    except (etree.ParserError, etree.XMLSyntaxError, ValueError):
        return ""
    for element in tree.xpath(_DROPPED):
        _drop(element)
    for element in tree.xpath(_BELOW):
        _cut(element)
    return "".join(_written(tree)).replace("\u00a0", " ")


def _is_block(lines: Sequence[str], at: int) -> bool:
    """Tells whether headers of a quoted mail begin here: From and, close below it, at least one more of them."""
    return _BLOCK.match(lines[at]) is not None and any(_BLOCK_MORE.match(line) for line in lines[at + 1 : at + 5])


def _attribution(lines: Sequence[str], at: int) -> int:
    """Counts the lines, up to three, that say "on that day he wrote:" from here on; 0 where they say something else."""
    if not _SAYS.match(lines[at]):
        return 0
    for more in range(1, 4):
        if _SAID.search(" ".join(lines[at : at + more])[-200:]):
            return more
        if at + more >= len(lines) or not lines[at + more].strip():
            return 0
    return 0


def _quoted_below(lines: Sequence[str], at: int) -> bool:
    """Tells whether what was written is marked line by line: then an answer may stand below it."""
    return next((_QUOTED.match(line) is not None for line in lines[at:] if line.strip()), False)


def _drop(element: etree._Element) -> None:
    parent = element.getparent()
    if parent is None:
        return
    if element.tail:
        before = element.getprevious()
        if before is None:
            parent.text = (parent.text or "") + element.tail
        else:
            before.tail = (before.tail or "") + element.tail
    parent.remove(element)


def _cut(element: etree._Element) -> None:
    """Removes the element and all that comes after it in the page."""
    here: etree._Element | None = element
    while here is not None and (parent := here.getparent()) is not None:
        for later in list(here.itersiblings()):
            parent.remove(later)
        here.tail = None
        if here is element:
            element.text = None
            for child in list(element):
                element.remove(child)
        here = parent


def _written(tree: etree._Element) -> list[str]:
    """Lists the page's words, a line break before and after what browsers set on a line of its own. Never recursive."""
    pieces: list[str] = []
    for event, element in etree.iterwalk(tree, events=("start", "end")):
        block = element.tag in _LINES
        if event == "start":
            pieces += ["\n"] if block else []
            pieces += [" ".join(element.text.split("\n"))] if isinstance(element.tag, str) and element.text else []
        else:
            pieces += ["\n"] if block else []
            pieces += [" ".join(element.tail.split("\n"))] if element.tail else []
    return pieces
