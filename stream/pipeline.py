"""How far the pipeline has come: until when whatever the crawlers saw can be found in the index, or is in quarantine.

What waits is asked of the log, never of the stages: a stage that hangs or never ran tells nothing, and its records wait
all the same.
"""

from collections.abc import Callable
from datetime import datetime

from structlog import get_logger

from stream.codec import POSTS, Codec
from stream.codec import SCORED as SCORED_POSTS
from stream.errors import DecodeError, Retryable
from stream.log.broker import INDEXING, RAW, SCORED, SCORING, Admin, Record
from stream.messages import Post, ScoredPost

log = get_logger(__name__)


class Pipeline:
    """Tells again and again how far the pipeline has come; opens the log by `open_log` at need, anew after it was away.

    Takes tens of milliseconds where the log answers; a cluster that does not is waited for up to half a minute.
    """

    def __init__(self, open_log: Callable[[], Admin]) -> None:
        self._open = open_log
        self._admin: Admin | None = None

    def complete_until(self, now: datetime) -> datetime | None:
        """Finds the time before which every observed post went all the way, at most `now`; None where nobody can tell.

        It is right to some seconds: a crawler publishes a page a moment after it saw it, and a server's index shows
        what it took within two seconds. Raises `ConfigError` where the log will never answer as it is configured.
        """
        try:
            if self._admin is None:
                self._admin = self._open()
            return complete_until(self._admin, now)
        except Retryable as error:
            log.warning("nobody can tell how far the pipeline is", reason=error.reason)
            self.close()
            return None

    def close(self) -> None:
        """Releases the log; the next question opens it again."""
        if self._admin is not None:
            self._admin.close()
            self._admin = None


def complete_until(admin: Admin, now: datetime) -> datetime:
    """Finds the time of observation of the oldest post that waits for scoring or for the index; `now` where none waits.

    Within a partition posts keep their order from one topic to the next, so that the first that waits is the oldest;
    where the two topics are not of one width, it may be younger than others by as much as scoring has to catch up.
    Raises `Retryable` where the log is away.
    """
    waiting = [_seen(record, POSTS) for record in admin.waiting(SCORING, RAW)]
    waiting += [_seen(record, SCORED_POSTS) for record in admin.waiting(INDEXING, SCORED)]
    return min([now, *waiting])


def _seen(record: Record, codec: Codec[Post] | Codec[ScoredPost]) -> datetime:
    """Reads when a post was observed: a scored one may have come into its topic hours later. Broken ones came then."""
    try:
        return min(record.at, codec.decode(record.value).observed_at)
    except DecodeError:
        return record.at
