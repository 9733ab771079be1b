"""When an article or a status is looked at again, for edits and deletions that no list shows."""

from datetime import datetime, timedelta

#: Younger than -> looked at again after. A list shows news at once; this is for what changes behind it.
SCHEDULE: tuple[tuple[timedelta, timedelta], ...] = (
    (timedelta(days=2), timedelta(hours=12)),
    (timedelta(days=7), timedelta(days=1)),
    (timedelta(days=30), timedelta(days=7)),
)
SOON, LATER = timedelta(hours=1), timedelta(days=1)  # after a page that did not come, after one nobody understood


def look_again(published_at: datetime | None, now: datetime) -> datetime | None:
    """Tells when to read what was published then once more; None for never. Unknown age counts as two days."""
    age = now - published_at if published_at is not None else timedelta(days=2)
    return next((now + pause for limit, pause in SCHEDULE if age < limit), None)
