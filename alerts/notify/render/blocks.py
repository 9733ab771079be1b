"""A notice as titled blocks of lines, for media without a layout of their own, and how they fit into a limit."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from alerts.notify.notice import Demand, Figures, Notice
from alerts.notify.phrases import local, usual
from alerts.notify.quotes import Quote

ELLIPSIS = "…"


class Part(StrEnum):
    """What a block tells. The order is that of the notice; `GIVEN_UP_FIRST` is another."""

    HEADLINE = "headline"
    DEMAND = "demand"
    COMMANDS = "commands"
    FIGURES = "figures"
    REASONS = "reasons"
    GRADING = "grading"
    QUOTES = "quotes"
    SOURCES = "sources"
    NUMBERS = "numbers"
    FOOTER = "footer"


#: Where room is short, blocks go in this order; headline and demand stay whatever the limit.
GIVEN_UP_FIRST = (
    Part.NUMBERS,
    Part.SOURCES,
    Part.GRADING,
    Part.QUOTES,
    Part.REASONS,
    Part.FOOTER,
    Part.FIGURES,
    Part.COMMANDS,
)


@dataclass(frozen=True, slots=True)
class Block:
    """Lines under a title, which may be empty. Lines of `code` are to be copied as they stand."""

    part: Part
    title: str
    lines: tuple[str, ...]
    code: tuple[str, ...] = ()


def blocks(notice: Notice) -> tuple[Block, ...]:
    """Splits the whole notice into blocks in reading order, without those that would be empty."""
    head = f"[舆情·{notice.grade}] 事件 {notice.case}　话题「{notice.topic}」"
    told = (
        Block(Part.HEADLINE, "", (head, notice.headline, f"环节：{notice.stage}。{notice.truth}")),
        Block(Part.DEMAND, "请您办理", _demand(notice.demand)),
        Block(
            Part.COMMANDS,
            "办理方式（在系统主机上执行）",
            tuple(command.name for command in notice.demand.commands),
            tuple(command.line for command in notice.demand.commands),
        ),
        Block(Part.FIGURES, "情况", (*_figures(notice.figures), *filter(None, (notice.danger,)))),
        Block(Part.REASONS, "判定依据", notice.reasons),
        Block(Part.GRADING, "等级依据", notice.grading),
        Block(Part.QUOTES, "外部内容摘录（网民原话，已作遮蔽，不代表事实）", _quotes(notice)),
        Block(Part.SOURCES, "信息源", tuple(_source(notice))),
        Block(Part.NUMBERS, "数据", notice.numbers),
        Block(Part.FOOTER, "", (f"{notice.organisation} · 闻风自动通知 · 生成于 {local(notice.at)}",)),
    )
    return tuple(block for block in told if block.lines)


def fitted(whole: Sequence[Block], limit: int, write: Callable[[Sequence[Block]], str]) -> str:
    """Writes, by `write`, as many blocks as `limit` characters hold; what still is too long is cut at its end."""
    kept = list(whole)
    for part in (None, *GIVEN_UP_FIRST):
        kept = [block for block in kept if block.part is not part]
        words = write(kept)
        if len(words) <= limit:
            return words
    return words[: max(0, limit - len(ELLIPSIS))] + ELLIPSIS[:limit]


def _demand(demand: Demand) -> tuple[str, ...]:
    asked = f"{demand.person}（{demand.desk}）：{demand.step}，时限 {local(demand.due_at)}（北京时间）"
    return (asked, f"逾期无人办理，将转请：{demand.next_desk}") if demand.next_desk else (asked,)


def _figures(found: Figures) -> tuple[str, ...]:
    return (
        f"自 {local(found.since)} 起异常；截至 {local(found.at)}" if found.rising else f"截至 {local(found.at)}",
        f"{found.window}负面 {found.negative} 条，常态 {usual(found.expected)} 条；{found.authors} 个不同的人",
        f"同期总帖 {found.total} 条，负面占 {found.share:.0%}（平时 {found.usual_share:.0%}）",
    )


def _quotes(notice: Notice) -> tuple[str, ...]:
    if notice.withheld:
        return ("（本通知不附帖文摘录）",)
    return tuple(_quote(one) for one in notice.quotes)


def _quote(one: Quote) -> str:
    words = one.text if one.text is not None else "（原帖删除已超过 24 小时，不再引述）"
    return f"{words} —— {one.site}，{local(one.at)}，{one.url}"


def _source(notice: Notice) -> list[str]:
    return [
        f"{line.source}：{f'最近应答 {local(line.last_success)}' if line.last_success else '尚未应答'}"
        + ("（已超时）" if line.overdue else "")
        for line in notice.sources
    ]
