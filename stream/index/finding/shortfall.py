"""Why a search found nothing: how often each of its parts occurs by itself."""

from dataclasses import dataclass, replace

from stream.index.port import Counted, Finder, Query
from stream.index.query import Part, Role, understood

ENOUGH = 1_000  # posts; where a part is found this often it is not what is missing


@dataclass(frozen=True, slots=True)
class PartCount:
    """In how many posts a part occurs, wanted or forbidden, under the other conditions of the query."""

    part: Part
    found: Counted


@dataclass(frozen=True, slots=True)
class Shortfall:
    """What each condition of a query finds alone.

    `filtered` is the number of posts under its conditions whatever they say, `anywhere` that of its words under no
    other condition.
    """

    parts: tuple[PartCount, ...]
    filtered: Counted
    anywhere: Counted

    @property
    def missing(self) -> tuple[Part, ...]:
        """The wanted parts that no post has."""
        wanted = (one for one in self.parts if one.part.role is not Role.FORBIDDEN)
        return tuple(one.part for one in wanted if one.found == Counted(0, exact=True))


def shortfall(finder: Finder, query: Query, most: int = ENOUGH) -> Shortfall:
    """Counts each part of a query that found nothing; no further than `most`. Raises as `Finder.search` does."""
    parts = understood(query.words)
    counts = [finder.count_up_to(replace(query, words=part.alone), most) for part in parts]
    return Shortfall(
        tuple(PartCount(part, count) for part, count in zip(parts, counts, strict=True)),
        filtered=finder.count_up_to(replace(query, words=""), most),
        anywhere=finder.count_up_to(Query(words=query.words), most),
    )


def told(count: Counted) -> str:
    """Writes a number of posts as staff read it."""
    if count.exact:
        return f"{count.number:,} 条"
    return f"{count.number:,} 条以上" if count.number else "条数没有数完"


def explain(why: Shortfall) -> list[str]:
    """Says in sentences which part found nothing; [] where nothing is known but that there are no posts."""
    if not why.filtered.number and why.filtered.exact:
        lines = ["筛选条件下没有任何帖子：请放宽时间、来源等条件"]
    else:
        lines = [_line(one) for one in why.parts]
        wanted = [one for one in why.parts if one.part.role is not Role.FORBIDDEN]
        if why.parts and not why.missing:
            together = "没有一条同时满足" if len(wanted) > 1 else "含有这些词的帖子都被排除了"
            lines.append(f"每一部分单独都有，{together}" if wanted else "所有帖子都被排除了")
    if why.anywhere.number and why.parts:
        lines.append(f"去掉筛选条件有 {told(why.anywhere)}")
    return lines


def _line(one: PartCount) -> str:
    named = "".join(f"“{text}”" for text in one.part.texts)
    if one.part.role is Role.FORBIDDEN:
        return f"{named} {told(one.found)}，已排除"
    both = "都没有" if len(one.part.texts) > 1 else "一条也没有"
    return f"{named} {told(one.found)}" if one.found.number or not one.found.exact else f"{named} {both}"
