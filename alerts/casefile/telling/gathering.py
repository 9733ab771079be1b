"""What the index has of a case as letters of it are made: read once for each change, and outside of its transaction."""

from dataclasses import replace
from datetime import datetime

from alerts.casefile.context import CaseContext
from alerts.casefile.snapshot import CaseSnapshot, read_quotes
from alerts.casefile.telling.standing import Gathered
from alerts.casefile.troubles.found import Found
from alerts.casefile.wave.dossier import gather
from alerts.workflow.cases import Case
from alerts.workflow.rules import WORKFLOW


def gathered(context: CaseContext, snapshot: CaseSnapshot, case: Case | None, now: datetime) -> Gathered:
    """Gathers what letters tell of the wave; quotes alone, or none, while the index is away.

    `case` None: it is only to be opened over the snapshot.
    """
    found = gather(
        context.reader, snapshot, case or _first(snapshot, now), context.topics, context.source_names, now
    )  # fmt: skip
    if found is not None and found.quotes:
        return found
    quotes = read_quotes(context.reader, snapshot.posts, now)
    return quotes if found is None else replace(found, quotes=quotes)


def gathered_for(context: CaseContext, found: Found, case: Case, now: datetime) -> Gathered:
    """Gathers the same for a case of either kind; of an incident there is nothing in the index."""
    return gathered(context, found, case, now) if isinstance(found, CaseSnapshot) else ()


def _first(snapshot: CaseSnapshot, now: datetime) -> Case:
    signal = snapshot.signal
    return Case(
        id=0, topic=signal.topic, stage=WORKFLOW.start, grade=snapshot.grading.grade, opened_at=now,
        since=signal.since, notified=signal.effective, peak=signal.effective, last_spike_at=signal.window_end or now,
    )  # fmt: skip
