"""Pages as their site sent them, kept beside the posts made of them: for a case to claim, within a day."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from structlog import get_logger

from crawlers.edge import identify
from stream.errors import Retryable
from stream.responses.capture import Capture
from stream.responses.store import ResponseStore

#: Of an answer's headers: what says which page of when it was. No cookies, nothing about us.
HEADERS = ("Content-Type", "Content-Language", "Date", "ETag", "Last-Modified", "Server")

log = get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class FetchedPage:
    """An answer of a site, unpacked, and the ids that the site gives all the posts that it shows."""

    url: str
    status: int
    headers: Mapping[str, str]
    body: bytes
    at: datetime
    shown: tuple[str, ...]


class Capturing:
    """Keeps the pages of one source. What fails here is told once, and stops no crawl."""

    def __init__(
        self, store: ResponseStore, *, source: str, site: str, gone: Callable[[Collection[str]], frozenset[str]]
    ) -> None:
        """Keeps pages in `store`; `gone` finds the posts that were erased: a page that shows one is not kept."""
        self._store = store
        self._source = source
        self._site = site
        self._gone = gone
        self._last: FetchedPage | None = None
        self._failed = False

    def begin(self, now: datetime) -> None:
        """Removes what is past its day."""
        try:
            self._store.expire(now)
        except OSError as error:
            self._tell(error)

    def keep(self, page: FetchedPage, standing: Mapping[str, str]) -> None:
        """Keeps a page, once however often it is asked for in a row.

        `standing` are the ids, by those of the site, of posts on it of which it is known that they were not erased.
        """
        if page is self._last:
            return
        others = {one: identify(self._site, one) for one in page.shown if one not in standing}
        posts = tuple(standing.get(one) or others[one] for one in page.shown)
        try:
            if not (others and self._gone(others.values())):
                self._store.write(
                    Capture(
                        source=self._source, url=page.url, status=page.status, headers=page.headers, body=page.body,
                        at=page.at, posts=posts,
                    )
                )  # fmt: skip
            self._last = page
        except (OSError, Retryable) as error:
            self._tell(error)

    def _tell(self, error: Exception) -> None:
        if not self._failed:
            self._failed = True
            log.warning("pages not kept, the crawl goes on", source=self._source, error=str(error))
