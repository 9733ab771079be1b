"""The cases' history on its way into the topic `cases`: an outbox of its own, written with each event."""

from sqlalchemy import Engine, delete, select

from alerts.casefile.tables import AnnouncementRow
from alerts.workflow.ladder import Ladder
from alerts.workflow.limits import with_limits
from stream.codec import CASE_EVENTS
from stream.log.broker import CASES, Message, Producer
from stream.process.failpoints import failpoint
from stream.state.database import reading, transaction

AT_ONCE = 500  # events in one batch


def relay(engine: Engine, producer: Producer, ladder: Ladder) -> int:
    """Publishes what is in line, in order within a case, and takes it out of the line; returns how many.

    The limits are those that the ladder has now. A crash in between publishes an event again, with the same id.
    Raises `Retryable` while the log takes nothing.
    """
    published = 0
    while rows := _in_line(engine):
        producer.publish([Message(CASES, str(row.case_id), _as_published(row.message, ladder)) for row in rows])
        failpoint("relay.published")
        with transaction(engine) as session:
            session.execute(delete(AnnouncementRow).where(AnnouncementRow.event_id.in_([row.event_id for row in rows])))
        failpoint("relay.told")
        published += len(rows)
    return published


def _as_published(message: bytes, ladder: Ladder) -> bytes:
    return CASE_EVENTS.encode(with_limits(CASE_EVENTS.decode(message), ladder))


def _in_line(engine: Engine) -> list[AnnouncementRow]:
    with reading(engine) as session:
        return list(session.scalars(select(AnnouncementRow).order_by(AnnouncementRow.event_id).limit(AT_ONCE)))
