"""How the mailbox stands, as operators read it."""

from datetime import UTC, datetime, timedelta

from alerts.cli.inbox import SILENT_AFTER, inbox_complaint, inbox_lines
from alerts.replies.tables import InboxStanding

NOW = datetime(2026, 9, 21, 6, 2, tzinfo=UTC)
SECOND = timedelta(seconds=1)


def standing(*, read: datetime | None = NOW, failing: datetime | None = None, **counts: int) -> InboxStanding:
    return InboxStanding(read_at=read, failing_since=failing, reason="refused" if failing else "", counts=counts)


def test_a_mailbox_that_is_read_says_when_and_what_came() -> None:
    assert list(inbox_lines(standing(stranger=3, acted=2))) == [
        "inbox: read 9月21日14:02", "replies of the last 90 days: acted 2, stranger 3"
    ]  # fmt: skip
    assert list(inbox_lines(standing(read=None))) == ["inbox: never read", "replies of the last 90 days: none"]


def test_a_mailbox_that_is_away_says_since_when_and_why() -> None:
    (line, _) = inbox_lines(standing(failing=NOW))
    assert line == "inbox: read 9月21日14:02, away since 9月21日14:02: refused"


def test_a_mailbox_that_is_away_for_long_is_a_complaint() -> None:
    assert inbox_complaint(standing(), NOW) is None
    assert inbox_complaint(standing(failing=NOW), NOW + SILENT_AFTER - SECOND) is None
    told = inbox_complaint(standing(failing=NOW), NOW + SILENT_AFTER)
    assert told == "inbox: not read since 9月21日14:02: refused"
