"""A letter as plain text for a chat: title lines in 【】, the demand right below the headline, cut to a limit."""

from collections.abc import Sequence

from structlog import get_logger

from alerts.notify.contents.letter import Letter
from alerts.notify.render.blocks import Block, blocks, fitted
from alerts.notify.render.brief import brief

log = get_logger()


def text(letter: Letter, limit: int) -> str:
    """Writes the letter in at most `limit` characters; what goes first where room is short is said in blocks.py."""
    try:
        return fitted(blocks(letter), limit, _written)
    except Exception:  # whatever a letter holds: people must still be told
        log.exception("text_not_rendered", letter=letter.id)
        return brief(letter)[:limit]


def _written(told: Sequence[Block]) -> str:
    return "\n\n".join(_block(block) for block in told)


def _block(block: Block) -> str:
    title = [f"【{block.title}】"] if block.title else []
    if block.code:
        pairs = zip(block.lines, block.code, strict=True)
        return "\n".join([*title, *(f"{name}：{line}" for name, line in pairs)])
    return "\n".join([*title, *block.lines])
