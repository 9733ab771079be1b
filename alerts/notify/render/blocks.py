"""A letter as titled blocks of lines, in the order of reading of every medium, and how they fit into a limit."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from alerts.notify.contents.bulletin import Bulletin
from alerts.notify.contents.letter import Letter
from alerts.notify.contents.notice import Notice, Occasion
from alerts.notify.contents.phrases import local
from alerts.notify.render import passages
from alerts.notify.render.subject import subject_line

ELLIPSIS = "…"


class Part(StrEnum):
    """What a block tells. The order is that of the letter; `GIVEN_UP_FIRST` is another."""

    HEADLINE = "headline"
    DEMAND = "demand"
    COMMANDS = "commands"
    STATEMENT = "statement"
    ANSWERED = "answered"
    FIGURES = "figures"
    TREND = "trend"
    FIRST = "first"
    KNOWN = "known"
    UNKNOWN = "unknown"
    DEEDS = "deeds"
    SAID = "said"
    SPREAD = "spread"
    QUOTES = "quotes"
    REASONS = "reasons"
    GRADING = "grading"
    EXPRESS = "express"
    INFORMED = "informed"
    SOURCES = "sources"
    NUMBERS = "numbers"
    SECTION = "section"
    FOOTER = "footer"


#: Where room is short, blocks go in this order; headline and demand stay whatever the limit.
GIVEN_UP_FIRST = (
    Part.NUMBERS,
    Part.SOURCES,
    Part.GRADING,
    Part.EXPRESS,
    Part.SPREAD,
    Part.TREND,
    Part.QUOTES,
    Part.REASONS,
    Part.INFORMED,
    Part.SAID,
    Part.FOOTER,
    Part.DEEDS,
    Part.UNKNOWN,
    Part.KNOWN,
    Part.ANSWERED,
    Part.STATEMENT,
    Part.FIRST,
    Part.FIGURES,
    Part.COMMANDS,
)
#: What an e-mail shows before the figures, and in sections below them.
LEADING = frozenset({Part.STATEMENT, Part.ANSWERED})
#: What stands above the sections of an e-mail, which has a layout of its own for it.
FIRST_SCREEN = frozenset({Part.HEADLINE, Part.DEMAND, Part.COMMANDS, Part.FIGURES, Part.TREND, Part.FOOTER})


@dataclass(frozen=True, slots=True)
class Block:
    """Lines under a title, which may be empty. Lines of `code` are to be copied as they stand."""

    part: Part
    title: str
    lines: tuple[str, ...]
    code: tuple[str, ...] = ()


def blocks(letter: Letter) -> tuple[Block, ...]:
    """Splits the whole letter into blocks in reading order, without those that would be empty."""
    told = _bulletin(letter) if isinstance(letter, Bulletin) else _notice(letter)
    return tuple(block for block in told if block.lines)


def _bulletin(bulletin: Bulletin) -> tuple[Block, ...]:
    signed = f"{passages.INTERNAL}。{bulletin.organisation} · 系统自动生成于{local(bulletin.at)}"
    return (
        Block(Part.HEADLINE, "", (bulletin.subject, bulletin.headline)),
        *(Block(Part.SECTION, section.title, section.lines) for section in bulletin.sections),
        Block(Part.FOOTER, "", (signed,)),
    )


def _notice(notice: Notice) -> tuple[Block, ...]:
    now = notice.situation
    head = (subject_line(notice), notice.headline, passages.claimed(notice), passages.truth(notice))
    demand = (passages.asked(notice), passages.overdue(notice.demand))
    return (
        Block(Part.HEADLINE, "", _told(*head, f"环节：{notice.stage}")),
        Block(Part.DEMAND, "抄送知悉" if notice.copy else "请您办理", _told(*demand)),
        *_ways(notice),
        Block(Part.STATEMENT, "口径", _told(notice.statement)),
        Block(Part.ANSWERED, "辟谣库比对", passages.library(notice)),
        Block(Part.FIGURES, "最新情况" if now else "情况", passages.counted(notice)),
        Block(Part.TREND, "走势（负面信息）", passages.trend(now)),
        Block(Part.FIRST, "首发", passages.first(now)),
        Block(Part.KNOWN, "已核实", notice.known),
        Block(Part.UNKNOWN, "待明确" if notice.verdict else "待核实、待明确", notice.unknown),
        Block(Part.DEEDS, "前序办理", passages.deeds(notice)),
        Block(Part.SAID, "主要说法（网传，以条数为序）", passages.said(now)),
        Block(Part.SPREAD, "传播范围（按出现先后）", passages.spread(now)),
        Block(Part.QUOTES, passages.QUOTED, passages.quotes(notice)),
        Block(Part.REASONS, "情况" if notice.occasion is Occasion.TROUBLE else "判定依据", notice.reasons),
        Block(Part.GRADING, "等级依据", notice.grading),
        Block(Part.EXPRESS, passages.DRAFT, notice.express),
        Block(Part.INFORMED, "知悉范围", passages.informed(notice)),
        Block(Part.SOURCES, "信息源", passages.sources(notice)),
        Block(Part.NUMBERS, "统计数据（供分析人员）", notice.numbers),
        Block(Part.FOOTER, "", (passages.signed(notice),)),
    )


def _ways(notice: Notice) -> tuple[Block, ...]:
    """Says how it is done: by a page, by an answer, or where neither does it by the command line."""
    if not passages.needs_commands(notice):
        return (Block(Part.COMMANDS, "办理方式", passages.answers(notice)),)
    commands = notice.demand.commands
    names, lines = tuple(one.name for one in commands), tuple(one.line for one in commands)
    by_mail = Block(Part.COMMANDS, "邮件转办", passages.answers(notice))
    typed = Block(Part.COMMANDS, "办理方式（在系统主机上执行）", names, lines)
    return (typed, by_mail)


def _told(*lines: str) -> tuple[str, ...]:
    return tuple(filter(None, lines))


def fitted(whole: Sequence[Block], limit: int, write: Callable[[Sequence[Block]], str]) -> str:
    """Writes, by `write`, as many blocks as `limit` characters hold; what still is too long is cut at its end."""
    kept = list(whole)
    for part in (None, *GIVEN_UP_FIRST):
        kept = [block for block in kept if block.part is not part]
        words = write(kept)
        if len(words) <= limit:
            return words
    return words[: max(0, limit - len(ELLIPSIS))] + ELLIPSIS[:limit]
