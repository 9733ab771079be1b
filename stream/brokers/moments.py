"""Times as logs keep them: whole milliseconds since 1970."""

from datetime import UTC, datetime, timedelta


def to_ms(moment: datetime) -> int:
    """Milliseconds since 1970."""
    return round(moment.timestamp() * 1000)


def from_ms(ms: int) -> datetime:
    """The time that `to_ms` wrote."""
    return datetime.fromtimestamp(ms // 1000, UTC) + timedelta(milliseconds=ms % 1000)
