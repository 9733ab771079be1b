"""Fetching what customers wrote to 微信客服: when an event tells, when the program begins, and every ten minutes.

An account is a row of `crawler_thread` under a site of its own, `listed` being the cursor up to which the log has what
was said. A row is written before its event is answered, a cursor after the log has the messages: a kill costs asking
again.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from threading import Event, Lock, Thread

from sqlalchemy import Engine
from structlog import get_logger

from crawlers.cursors import Cursors, Listed
from crawlers.health import Tally
from crawlers.push.reception.desk import Desk
from crawlers.push.reception.qyapi import ServiceApi
from crawlers.push.reception.service import STANDING, ServiceRefused, SyncedPage
from crawlers.push.reception.sources import WecomSource
from crawlers.push.reception.wecom import ServiceEvent
from stream.errors import Retryable
from stream.process.clock import Clock
from stream.process.failpoints import failpoint

# Seconds by a clock that nobody sets.
EVERY = 600.0  # all accounts are asked, whether or not an event told
TOKEN_GOOD = 600.0  # of an event; asking without one is allowed seldom
REFUSED_REST = 3600.0  # after what only a person can change
LONGEST_REST = 1800.0
_LOOK = 1.0
TOLD_FROM = 3  # failures in a row: fewer are no news
WITHOUT_SECRET = "customer service, which needs service_secret"  # among what is not understood

log = get_logger(__name__)


@dataclass(slots=True)
class _Round:
    """Where one source stands: accounts to fetch by their events' tokens, when all were asked, until when it rests."""

    api: ServiceApi
    cursors: Cursors
    told: dict[str, tuple[str, float]] = field(default_factory=dict)
    known: set[str] = field(default_factory=set)
    asked_at: float | None = None
    rests_until: float = 0.0
    failed: int = 0


class ServiceFetcher:
    """Fetches for several sources, one after the other, in a thread of its own; the callbacks only `announce`."""

    def __init__(self, sources: Mapping[str, WecomSource], desk: Desk, *, engine: Engine, clock: Clock) -> None:
        self._desk = desk
        self._clock = clock
        self._rounds = {
            name: _Round(ServiceApi(source, clock), Cursors(engine, f"service:{name}"))  # no site has a colon
            for name, source in sources.items()
            if source.service_secret.get_secret_value()
        }
        self._turn = Lock()
        self._news = Event()
        self._ending = False
        self._thread = Thread(target=self._work, name="service", daemon=True)

    def open(self) -> None:
        """Begins to fetch, where any source may."""
        if self._rounds:
            self._thread.start()

    def close(self) -> None:
        """Ends after the page in hand; what is left is fetched by the next process."""
        self._ending = True
        self._news.set()
        if self._thread.ident is not None:
            self._thread.join()
        for one in self._rounds.values():
            one.api.close()

    def announce(self, name: str, event: ServiceEvent) -> None:
        """Writes down that an account has something to fetch. Raises `Retryable` where the state does not answer."""
        one = self._rounds.get(name)
        if one is None:
            tally = Tally(pages=1)
            tally.note_unknown(WITHOUT_SECRET, event.account or "any account")
            self._desk.note(name, tally)
            return
        if event.account not in one.known:  # once a process: there is an event for each message
            one.cursors.list_threads([Listed(event.account, None)], self._clock.now())
            one.known.add(event.account)
        with self._turn:
            one.told[event.account] = event.token, self._clock.monotonic()
        self._news.set()

    def look(self) -> None:
        """Fetches what is announced, and what is due by the clock."""
        for name, one in self._rounds.items():
            now = self._clock.monotonic()
            if self._ending or now < one.rests_until:
                continue
            try:
                self._fetch_all(name, one, now)
            except ServiceRefused as refused:
                log.warning("customer service refuses", source=name, reason=refused.reason, words=refused.detail)
                self._desk.hold(name, STANDING[refused.code])
                one.rests_until = now + REFUSED_REST
            except Retryable as error:
                self._rest(name, one, error.reason, error.after, now)
            except Exception:  # of ours: the callbacks go on, and it is tried again
                log.exception("customer service not fetched", source=name)
                self._rest(name, one, "a fault of ours: the log has it", 0.0, now)

    def _work(self) -> None:
        while not self._ending:
            self.look()
            self._news.wait(_LOOK)
            self._news.clear()

    def _fetch_all(self, name: str, one: _Round, now: float) -> None:
        if one.asked_at is None or now - one.asked_at >= EVERY:
            known = one.cursors.due(self._clock.now())  # all of them: none is ever planned for later
            with self._turn:
                one.told = dict.fromkeys(known, ("", now)) | one.told
            one.asked_at = now
        while one.told and not self._ending:
            with self._turn:
                account, (token, told_at) = next(iter(one.told.items()))
            try:
                self._fetch(name, one, account, token if now - told_at < TOKEN_GOOD else "")
            except ServiceRefused as refused:
                if refused.code in STANDING:
                    raise
                log.warning("account not fetched", source=name, reason=refused.reason, words=refused.detail)
                self._desk.note(name, _failed(refused.reason, account))
            with self._turn:  # unless another event came meanwhile
                if one.told.get(account) == (token, told_at):
                    del one.told[account]
        one.failed, one.rests_until = 0, 0.0
        self._desk.hold(name, "")

    def _fetch(self, name: str, one: _Round, account: str, token: str) -> None:
        """Fetches page after page; the cursor of each is written once the log has its messages."""
        cursor = one.cursors.listed(account)[0] or ""
        while not self._ending:
            page = one.api.sync(account, cursor, token)
            failpoint("service.synced")
            self._hand_in(name, page)
            failpoint("service.kept")
            moved = bool(page.cursor) and page.cursor != cursor
            if moved:
                one.cursors.list_threads([Listed(account, page.cursor)], self._clock.now())
                cursor = page.cursor
            if page.more and not moved:
                self._desk.note(name, _failed("service_cursor_stands", account))
            if not page.more or not moved:
                return

    def _hand_in(self, name: str, page: SyncedPage) -> None:
        if page.observations:
            answer = self._desk.hand_in(name, page.observations).result()
            if isinstance(answer, Retryable):
                raise answer
            if answer is not None:
                raise Retryable("service_not_taken")
        if page.wordless:
            failures = Counter({f"without_words_{kind}": count for kind, count in page.wordless.items()})
            self._desk.note(name, Tally(pages=0 if page.observations else 1, failures=failures))

    def _rest(self, name: str, one: _Round, reason: str, after: float, now: float) -> None:
        one.failed += 1
        wait = min(max(after, 1.0) * 2 ** min(one.failed - 1, 10), LONGEST_REST)
        one.rests_until = now + wait
        log.warning("customer service waits", source=name, reason=reason, seconds=wait)
        if one.failed >= TOLD_FROM:
            self._desk.note(name, _failed(reason, ""))


def _failed(reason: str, example: str) -> Tally:
    return Tally(failures=Counter([reason]), examples={reason: example} if example else {})
