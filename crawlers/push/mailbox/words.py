"""What the writer of a mail wrote, without what programs put around it: quotations, signatures, devices. Pure.

Who forwards something without a word of their own means what is forwarded: then the quotation is the text, without the
lines that say whose it is.
"""

from lxml import etree, html  # type: ignore[import-untyped]

from crawlers.pages.markup import element_text, with_whole_characters
from crawlers.push.mailbox.quotations import (
    MARKED,
    attribution_lines,
    header_lines,
    is_header,
    is_rule,
    quotation_begins,
    says_who_wrote,
)
from crawlers.push.mailbox.signatures import is_signature, without_devices

MOST_LINES = 5_000
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
    lines = _lines(text)
    own: list[str] = []
    run: list[str] = []  # of the writer's lines, as far as the next quotation
    at = 0
    while at < len(lines) and not (is_signature(lines, at) or quotation_begins(lines, at)):
        if quoted := attribution_lines(lines, at) or int(bool(MARKED.match(lines[at]))):
            own += without_devices(run)
            run = []
        else:
            run.append(lines[at])
        at += quoted or 1
    words = "\n".join(own + without_devices(run)).strip()
    return words or _forwarded(lines)


def words_of_html(page: str) -> str:
    """Extracts what the writer of a page wrote; where that is nothing, what is quoted in it."""
    written = with_whole_characters(page).encode("utf-8", "replace")
    try:
        tree = html.document_fromstring(written, parser=html.HTMLParser(encoding="utf-8"))
    except (etree.ParserError, etree.XMLSyntaxError, ValueError):
        return ""
    whole = element_text(tree)
    for element in tree.xpath(_QUOTING):
        if element.getparent() is not None:
            element.drop_tree()
    return own_words(element_text(tree)) or _forwarded(_lines(whole))


def _lines(text: str) -> list[str]:
    return text.replace("\r\n", "\n").replace("\r", "\n").split("\n")[:MOST_LINES]


def _forwarded(lines: list[str]) -> str:
    """Takes the programs' lines out of what is quoted; a header's form alone makes one only where a mail begins."""
    plain = [MARKED.sub("", line) for line in lines]
    kept: list[str] = []
    at, begins = 0, True
    while at < len(plain) and not (kept and is_signature(plain, at)):
        line = plain[at]
        passed = header_lines(plain, at) or attribution_lines(plain, at) or int(quotation_begins(plain, at))
        if not passed and begins:
            passed = int(is_header(line) or says_who_wrote(line) or is_rule(line))
        if not passed and (kept or line.strip()):
            kept.append(line)
        begins = bool(passed) or (begins and not line.strip())
        at += passed or 1
    return "\n".join(without_devices(kept)).strip()
