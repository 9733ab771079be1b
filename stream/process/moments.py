"""Times as the engines keep them: whole milliseconds since 1970, the finest that the wire carries."""

from datetime import UTC, datetime, timedelta
from functools import lru_cache

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MILLISECOND = timedelta(milliseconds=1)


def to_ms(moment: datetime) -> int:
    """Counts the whole milliseconds since 1970, rounded down as on the wire."""
    return (moment - EPOCH) // MILLISECOND


def to_ms_up(moment: datetime) -> int:
    """Rounds up to the first whole millisecond that is not before `moment`: both ends of half-open ranges."""
    return -((EPOCH - moment) // MILLISECOND)


@lru_cache(maxsize=1024)
def from_ms(ms: int) -> datetime:
    """Reads the time that `to_ms` wrote. Remembered: all records of one `publish` have the same."""
    return EPOCH + timedelta(milliseconds=ms)
