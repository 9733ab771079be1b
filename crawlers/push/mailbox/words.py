"""What the writer of a mail wrote, without what programs put around it: quotations, signatures, devices. Pure.

Who forwards something without a word of their own means what is forwarded: then the quotation is the text, without the
lines that say whose it is.
"""

import regex
from lxml import etree, html  # type: ignore[import-untyped]

from crawlers.pages.markup import element_text

MOST_LINES = 5_000
_MARKED = regex.compile(r"^\s*(?:(?:>|＞)\s?)+")
_RULE = regex.compile(
    r"(?i)^\s*[-－—_*=]{2,}\s*(原始邮件|原邮件|原始郵件|回复的?(原)?邮件|转发的?邮件(信息)?|邮件原文|original message"
    r"|original (e-?)?mail|forwarded message|forwarded by.*)\s*[-－—_*=]{2,}\s*$|^\s*[_＿]{10,}\s*$"
)
_HEADER = regex.compile(
    r"(?i)^\s*\**\s*(发件人|寄件者|寄件人|发送时间|发送日期|寄件日期|日期|时间|收件人|收件者|主题|主旨|抄送|副本"
    r"|from|sent|date|to|subject|cc)\s*\**\s*[:：]"
)
_FROM = regex.compile(r"(?i)^\s*\**\s*(发件人|寄件者|寄件人|from)\s*\**\s*[:：]")
_SAID = regex.compile(r"(?i)^.{0,300}(写道|寫道|wrote|writes|schrieb)\s*[:：]\s*$")
_SIGNATURE = regex.compile(r"^\s*--\s*$")
_DEVICE = regex.compile(
    r"(?i)^\s*(发自|來自|来自)\s*(我的|QQ邮箱|网易|手机|iPhone|华为|小米|vivo|oppo|荣耀|Outlook|移动).*$"
    r"|^\s*(sent from|get outlook|获取\s*outlook|下载\s*outlook).*$|^\s*从.{0,20}(手机|邮箱)发送.*$"
)
# Outlook's marks stand before what it quotes, whose own elements say nothing of it.
_BEFORE_QUOTED = "//*[@id='divRplyFwdMsg' or @id='appendonsend']"
_QUOTING = (
    f"//blockquote | //*[@id='isReplyContent'] | {_BEFORE_QUOTED} | {_BEFORE_QUOTED}/following-sibling::*"
    + "".join(
        f" | //*[contains(concat(' ', normalize-space(@class), ' '), ' {name} ')]"
        for name in (
            "gmail_quote",
            "gmail_attr",
            "yahoo_quoted",
            "moz-cite-prefix",
            "ntes-mailmaster-quote",
            "qmbox-quote",
        )
    )
)


def own_words(text: str) -> str:
    """Cuts a plain text down to what its writer wrote; what is only forwarded is kept whole."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")[:MOST_LINES]
    own: list[str] = []
    for at, line in enumerate(lines):
        if _SIGNATURE.match(line) or _RULE.match(line) or _is_block(lines, at):
            break
        if _MARKED.match(line) or _DEVICE.match(line) or _attributes(lines, at):
            continue
        own.append(line)
    words = "\n".join(own).strip()
    return words or _forwarded(lines)


def words_of_html(page: str) -> str:
    """Extracts what the writer of a page wrote; where that is nothing, what is quoted in it."""
    try:
        tree = html.document_fromstring(page.encode("utf-8", "replace"), parser=html.HTMLParser(encoding="utf-8"))
    except (etree.ParserError, etree.XMLSyntaxError, ValueError):
        return ""
    whole = element_text(tree)
    for element in tree.xpath(_QUOTING):
        if element.getparent() is not None:
            element.drop_tree()
    return own_words(element_text(tree)) or own_words(whole)


def _is_block(lines: list[str], at: int) -> bool:
    """Tells whether headers of a quoted mail begin here: whose it is, and close below it another header."""
    return _FROM.match(lines[at]) is not None and any(_HEADER.match(line) for line in lines[at + 1 : at + 5])


def _attributes(lines: list[str], at: int) -> bool:
    """Tells whether the line says that somebody wrote what is quoted below it."""
    below = next((line for line in lines[at + 1 :] if line.strip()), "")
    return _SAID.match(lines[at]) is not None and (not below or _MARKED.match(below) is not None)


def _forwarded(lines: list[str]) -> str:
    kept = [
        _MARKED.sub("", line)
        for line in lines
        if not (_RULE.match(line) or _DEVICE.match(line) or _HEADER.match(_MARKED.sub("", line)) or _SAID.match(line))
    ]
    while kept and not kept[0].strip():
        del kept[0]
    signed = next((at for at, line in enumerate(kept) if _SIGNATURE.match(line) and at), len(kept))
    return "\n".join(kept[:signed]).strip()
