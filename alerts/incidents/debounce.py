"""When a trouble becomes an incident that people are told of, and when it is over. Pure.

It opens once it holds for as long as its kind says, and closes once it is gone for a while. Whatever flaps, or was
closed by a person while it lasts, is told of again after a day at the earliest.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from alerts.incidents.policy import IncidentsConfig
from alerts.incidents.troubles import Trouble

AGAIN = timedelta(days=1)  # one letter a day at most for one thing


@dataclass(frozen=True, slots=True, kw_only=True)
class Remembered:
    """What is kept of a trouble between two looks: since when it is there, or gone, and when people were last told.

    `is_open`: its incident is open.
    """

    first_seen_at: datetime
    gone_at: datetime | None = None
    told_at: datetime | None = None
    is_open: bool = False


class Move(StrEnum):
    """What is to be done about a trouble now."""

    NOTE = "note"  # it is new, or back: remember since when
    KEEP = "keep"  # as it was
    OPEN = "open"
    FADE = "fade"  # it is gone; let it be so for a while
    RECOVER = "recover"
    FORGET = "forget"


def moves(
    kept: Mapping[str, Remembered], present: Iterable[Trouble], config: IncidentsConfig, now: datetime
) -> dict[str, Move]:
    """Decides for each trouble that is there or is remembered, by its key."""
    there = {one.key: one for one in present}
    decided = {key: _there(kept.get(key), one, config, now) for key, one in there.items()}
    return decided | {key: _gone(one, config, now) for key, one in kept.items() if key not in there}


def _there(before: Remembered | None, trouble: Trouble, config: IncidentsConfig, now: datetime) -> Move:
    after = config.rule(trouble.kind).after
    if before is None or (before.gone_at is not None and not before.is_open):
        return Move.NOTE if after or trouble.covered or _told_lately(before, now) else Move.OPEN
    if before.is_open:
        return Move.NOTE if before.gone_at is not None else Move.KEEP
    holds = now - before.first_seen_at >= after
    return Move.OPEN if holds and not trouble.covered and not _told_lately(before, now) else Move.KEEP


def _gone(before: Remembered, config: IncidentsConfig, now: datetime) -> Move:
    if before.gone_at is None:
        return Move.FADE
    if before.is_open:
        return Move.RECOVER if now - before.gone_at >= config.well_after else Move.KEEP
    return Move.KEEP if _told_lately(before, now) else Move.FORGET


def _told_lately(before: Remembered | None, now: datetime) -> bool:
    return before is not None and before.told_at is not None and now - before.told_at < AGAIN
