"""Times as logs keep them: whole milliseconds since 1970."""

from datetime import UTC, datetime, timedelta
from functools import lru_cache

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def to_ms(moment: datetime) -> int:
    """Milliseconds since 1970."""
    return round(moment.timestamp() * 1000)


@lru_cache(maxsize=1024)
def from_ms(ms: int) -> datetime:
    """The time that `to_ms` wrote. Remembered: all records of one `publish` have the same."""
    return _EPOCH + timedelta(milliseconds=ms)
