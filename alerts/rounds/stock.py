"""What is known of sources, stages, letters, disks and histories, read where it lies, for troubles to be found in."""

import shutil
from collections.abc import Callable, Mapping
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from alerts.casefile.context import CaseContext
from alerts.desk.audit import changed_histories
from alerts.incidents.facts import (
    DiskFact,
    Facts,
    LettersFact,
    QuarantineFact,
    StageFact,
    WatchedFact,
)
from alerts.notify.tables import PENDING, OutboxRow, RowState
from stream.config import StreamConfig
from stream.engines import open_log_admin, whole_topic
from stream.errors import Retryable
from stream.log.broker import QUARANTINE, Partition, UnknownTopic
from stream.log.quarantine import listed
from stream.process.running import STAGES, judge, read_signs
from stream.state.database import reading
from stream.state.source_health import SourceHealth
from stream.state.source_standing import fact_of

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
HISTORIES_EVERY = HOUR  # all of them are read for it

Ends = Mapping[Partition, tuple[int, int]]


class QuarantineCount:
    """Counts what waits in quarantine; reads it only when something came or went since."""

    def __init__(self, config: StreamConfig) -> None:
        self._config = config
        self._ends: Ends | None = None
        self._waiting: list[datetime] = []

    def __call__(self, now: datetime) -> QuarantineFact | None:
        """Counts at `now`; None where the log is away or has no quarantine yet."""
        try:
            with closing(open_log_admin(self._config)) as admin:
                ends = admin.ends(QUARANTINE)
            if ends != self._ends:
                with whole_topic(self._config, QUARANTINE) as (consumer, _):
                    kept = listed(consumer, ends)
                self._waiting = [entry.at for entry in kept if entry.replayed_at is None]
                self._ends = ends
        except (Retryable, UnknownTopic):
            return None
        return QuarantineFact(len(self._waiting), sum(now - at < HOUR for at in self._waiting))


class Stock:
    """Takes stock, again and again. `configured` names the sources that crawlers.yml has switched on."""

    def __init__(
        self,
        context: CaseContext,
        var: Path,
        complete_until: Callable[[datetime], datetime | None],
        quarantine: Callable[[datetime], QuarantineFact | None],
        configured: tuple[str, ...] = (),
    ) -> None:
        self._context, self._var, self._configured = context, var, configured
        self._complete_until, self._quarantine = complete_until, quarantine
        self._changed: tuple[int, ...] = ()
        self._read_at: datetime | None = None

    def take(self, now: datetime) -> Facts:
        """Reads everything as it is at `now`."""
        topics = self._context.topics.watched
        with reading(self._context.engine) as session:
            sources, letters = tuple(map(fact_of, _current(session))), read_letters(session, self._wait, now)
            if self._read_at is None or abs(now - self._read_at) >= HISTORIES_EVERY:
                self._changed = tuple(one.case_id for one in changed_histories(session))
                self._read_at = now
        usage = shutil.disk_usage(self._var) if self._var.exists() else None
        return Facts(
            sources=sources,
            configured=self._configured,
            topics={key: WatchedFact(topic.name, tuple(topic.sources)) for key, topic in topics.items()},
            stages=tuple(self._stage(name, now) for name in STAGES),
            complete_until=self._complete_until(now),
            quarantine=self._quarantine(now),
            letters=letters,
            disks=(DiskFact(str(self._var), usage.free, usage.total),) if usage else (),
            changed=self._changed,
        )

    @property
    def _wait(self) -> timedelta:
        return self._context.config.incidents.letters_wait

    def _stage(self, name: str, now: datetime) -> StageFact:
        signs = read_signs(self._var, name)
        return StageFact(name, judge(signs, now), signs.last)


def read_letters(session: Session, wait: timedelta, now: datetime) -> LettersFact:
    """Counts letters that wait for longer than `wait` by every channel, and those of a day that all refused."""
    sent = select(OutboxRow.message_id).where(OutboxRow.state == RowState.SENT)
    waiting = select(func.count(OutboxRow.message_id.distinct()), func.min(OutboxRow.queued_at)).where(
        OutboxRow.state.in_(PENDING), OutboxRow.queued_at <= now - wait, OutboxRow.message_id.not_in(sent)
    )
    number, oldest = session.execute(waiting).one()
    others = select(OutboxRow.message_id).where(OutboxRow.state != RowState.FAILED)
    refused = select(func.count(OutboxRow.message_id.distinct())).where(
        OutboxRow.state == RowState.FAILED, OutboxRow.queued_at > now - DAY, OutboxRow.message_id.not_in(others)
    )
    return LettersFact(number, oldest, session.scalar(refused) or 0)


def _current(session: Session) -> list[SourceHealth]:
    return list(
        session.scalars(select(SourceHealth).where(SourceHealth.retired_at.is_(None)).order_by(SourceHealth.source))
    )
