"""A letter as Markdown that every chat robot's dialect reads: bold, quotes, code, one link; cut to a limit.

Robots differ in what they take for a backslash, so no character of a word is escaped: those with a meaning in Markdown
are written in their full-width form, which has none.
"""

from collections.abc import Sequence

from structlog import get_logger

from alerts.notify.contents.letter import Letter
from alerts.notify.contents.notice import Notice
from alerts.notify.render.blocks import Block, Part, blocks, fitted
from alerts.notify.render.brief import brief

_ACTIVE = "\\`*_{}[]<>()#+|~!@"
_INERT = str.maketrans({character: chr(ord(character) + 0xFEE0) for character in _ACTIVE} | {"\n": " ", "\r": " "})

log = get_logger()


def inert(words: str) -> str:
    """Puts the words on one line, with nothing left in them that is Markdown, a mention or a tag."""
    return words.translate(_INERT)


def markdown(letter: Letter, limit: int) -> str:
    """Writes the letter in at most `limit` characters, with a link to the dashboard if there is one and room for it."""
    dashboard = letter.dashboard if isinstance(letter, Notice) else ""
    link = f"[在 Kibana 中查看走势与原文]({dashboard})" if dashboard else ""
    try:
        words = fitted(blocks(letter), limit, _written)
    except Exception:  # whatever a letter holds: people must still be told
        log.exception("markdown_not_rendered", letter=letter.id)
        return "\n".join(inert(line) for line in brief(letter).splitlines())[:limit]
    linked = f"{words}\n\n{link}" if link else words
    return linked if len(linked) <= limit else words


def _written(told: Sequence[Block]) -> str:
    return "\n\n".join(_block(block) for block in told)


def _block(block: Block) -> str:
    if block.part is Part.HEADLINE:
        first, second, *rest = map(inert, block.lines)
        return "\n".join([f"**{first}**", f"**{second}**", *rest])
    lines = [f"**{inert(block.title)}**"] if block.title else []
    if block.code:
        for name, line in zip(block.lines, block.code, strict=True):
            lines.append(f"{inert(name)}：`{line.replace('`', '｀')}`")
        return "\n".join(lines)
    mark = "> " if block.part in (Part.QUOTES, Part.DEMAND) else ""
    return "\n".join([*lines, *(mark + inert(line) for line in block.lines)])
