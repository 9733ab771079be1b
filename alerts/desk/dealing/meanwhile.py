"""What became of a case since somebody looked at it: whether what they decide is still about the same. Pure."""

from collections.abc import Sequence

from alerts.casefile.tables import EventKind
from alerts.desk.cases import HistoryEntry
from alerts.workflow.cases import Case, Refused

#: What of the program's lines bears upon what a person decides; letters that went out do not.
NEWS = frozenset(
    {EventKind.ROSE, EventKind.NEWS, EventKind.REKINDLED, EventKind.JOINED, EventKind.ESCALATED, EventKind.RECOVERED}
)


class Overtaken(Refused):
    """Raised when a case was changed between the look at it and the act on it; nothing of the act was done."""


def changed_since(history: Sequence[HistoryEntry], seen: int) -> tuple[HistoryEntry, ...]:
    """Lists what people did, and what else bears upon a decision, since the history had `seen` lines."""
    return tuple(one for one in history if one.number > seen and (one.is_act or one.kind in NEWS))


def expect(revision: int, after: Case) -> None:
    """Raises `Overtaken` where an act, which counts the revision up by one, was done to another one than `revision`.

    To be called within the act's transaction.
    """
    if after.revision != revision + 1:
        raise Overtaken("其间已有人办理，请看过后再提交")


def last_deed(history: Sequence[HistoryEntry]) -> HistoryEntry | None:
    """Finds what a person did last and said something with: what whoever is next builds on."""
    return next((one for one in reversed(history) if one.is_act and (one.note or one.verdict)), None)
