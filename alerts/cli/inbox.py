"""How the mailbox of answers stands, in lines for operators."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from alerts.notify.contents.phrases import local
from alerts.replies.tables import InboxStanding

SILENT_AFTER = timedelta(minutes=15)  # as long as the first channel is waited for by default


def inbox_lines(standing: InboxStanding) -> Iterator[str]:
    """Says when the mailbox was last read, since when it cannot be, and what became of the mails that came."""
    read = f"read {local(standing.read_at)}" if standing.read_at else "never read"
    if standing.failing_since is not None:
        read += f", away since {local(standing.failing_since)}: {standing.reason}"
    yield f"inbox: {read}"
    counts = ", ".join(f"{outcome} {count}" for outcome, count in sorted(standing.counts.items()))
    yield f"replies of the last 90 days: {counts or 'none'}"


def inbox_complaint(standing: InboxStanding, now: datetime) -> str | None:
    """Says that answers to letters are not read; None while they are, or not yet for long."""
    since = standing.failing_since
    if since is None or now - since < SILENT_AFTER:
        return None
    return f"inbox: not read since {local(since)}: {standing.reason}"
