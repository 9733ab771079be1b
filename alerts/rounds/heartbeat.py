"""The dead-man's heartbeat: a sign of life as long as looking, auditing and sending are well, and none otherwise."""

import socket
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

import requests
from structlog import get_logger

from alerts.briefs.policy import BriefKind
from alerts.briefs.tables import BulletinRow
from alerts.casefile.context import CaseContext
from alerts.incidents.policy import HeartbeatConfig, is_internal
from alerts.notify.contents.bulletin import Bulletin
from alerts.notify.outbox import CaseRef, queue
from alerts.rounds.stock import read_letters
from alerts.watch import hold_watch
from stream.process.clock import local_time
from stream.process.failpoints import failpoint
from stream.process.running import read_signs
from stream.state.database import reading, transaction
from stream.state.leases import check_lease

LATE = timedelta(minutes=3)  # a look or an audit that is older is none
PATIENCE = 10.0  # seconds for the far side of the URL

log = get_logger()


class Heartbeat:
    """Beats by file, URL and mail, as the configuration says. `audited_at` tells when the auditor passed last."""

    def __init__(
        self, context: CaseContext, config: HeartbeatConfig, holder: str, var: Path,
        audited_at: Callable[[], datetime | None],
    ) -> None:  # fmt: skip
        self._context, self._config, self._holder, self._var = context, config, holder, var
        self._audited_at = audited_at
        self._beaten_at: datetime | None = None

    def __call__(self, now: datetime) -> str | None:
        """Beats where it is time and all is well; what is not well, "" where nothing is, None where it is not time."""
        if self._beaten_at is not None and timedelta(0) <= now - self._beaten_at < self._config.every:
            return None
        wrong = self._wrong(now)
        if wrong:
            log.warning("no_heartbeat", reason=wrong)
            return wrong
        self._beaten_at = now
        if self._config.file is not None:
            self._config.file.parent.mkdir(parents=True, exist_ok=True)
            self._config.file.touch()
            failpoint("heart.beaten")
        if self._config.mail is not None:
            self._write(self._config.mail, now)
        if self._config.url is not None:
            ping(self._config.url.get_secret_value(), private=self._config.private)
        return ""

    def _wrong(self, now: datetime) -> str:
        looked, audited = read_signs(self._var, "alerts").last, self._audited_at()
        late = max(LATE, 3 * self._context.config.look_every)
        if looked is None or now - looked > late:
            return "topics are not looked at"
        if audited is None or now - audited > late:
            return "the auditor did not pass"
        with reading(self._context.engine) as session:
            waiting = read_letters(session, self._context.config.incidents.letters_wait, now).waiting
        return f"{waiting} letters wait" if waiting else ""

    def _write(self, reader: str, now: datetime) -> None:
        """Puts the day's line in line, once a day of Beijing."""
        config, day = self._context.config, local_time(now, "%F")
        lease = hold_watch(self._context, self._holder, now)
        if lease is None:
            return
        with transaction(self._context.engine) as session:
            check_lease(session, lease)
            if session.get(BulletinRow, (BriefKind.ALIVE, day)) is not None:
                return
            session.add(BulletinRow(kind=BriefKind.ALIVE, day=day, at=now))
            letter = Bulletin(
                id=f"{BriefKind.ALIVE}.{day}.{reader}@{config.host}", at=now, organisation=config.organisation,
                person=config.people[reader].name, subject=f"【运行正常】闻风 {local_time(now, '%m月%d日')}",
                headline="监测、自查与通知发送均正常。此信每天一封；哪天没有收到，请检查系统。", sections=(),
            )  # fmt: skip
            queue(session, config.routing, letter, reader, CaseRef(None, None, BriefKind.ALIVE, 0))
            failpoint("brief.written")


def ping(url: str, *, private: bool) -> bool:
    """Fetches the address; False where that failed, which is logged without the address: it may hold a token.

    Follows no redirect, and reaches into no internal network unless `private`.
    """
    parts = urlsplit(url)
    try:
        found = socket.getaddrinfo(parts.hostname, parts.port or parts.scheme, type=socket.SOCK_STREAM)
        if not private and any(is_internal(str(place[0])) for *_, place in found):
            log.warning("heartbeat_not_sent", reason="the address leads into an internal network: say private: true")
            return False
        status = requests.get(url, timeout=PATIENCE, allow_redirects=False).status_code
    except (requests.RequestException, OSError, UnicodeError) as error:
        log.warning("heartbeat_not_sent", reason=type(error).__name__)
        return False
    if status >= 300:
        log.warning("heartbeat_not_sent", reason=f"status {status}")
    return status < 300
