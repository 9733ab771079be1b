"""Reading a mailbox: each mail to the log, then marked read. Killed between, it is read again and known again."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

from sqlalchemy import Engine
from structlog import get_logger

from crawlers.cursors import Cursors
from crawlers.health import Tally, recorded
from crawlers.intake import Intake, Origin
from crawlers.push.mailbox.imap import MailFolder, open_folder
from crawlers.push.mailbox.mails import ReadMail, read_mail
from crawlers.push.mailbox.source import MAILBOX, MAILBOX_VERSION, MailboxSource
from stream.errors import Rejected
from stream.log.broker import Producer
from stream.process.clock import Clock
from stream.process.failpoints import failpoint

MOST_MAILS = 500  # a look; the others at the next one
UNREADABLE = "unreadable_mail"
WORDS_NOT_READ = "words_not_read"  # of a mail whose words are in a form of their own; its subject went in

log = get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class MailboxSummary:
    """What became of the mails of one look: sent, known before, skipped by reason."""

    read: int = 0
    sent: int = 0
    skipped: Mapping[str, int] = field(default_factory=dict)


def take_mailbox(
    name: str, source: MailboxSource, *, producer: Producer, engine: Engine, voice_key: bytes, clock: Clock
) -> MailboxSummary:
    """Publishes every mail that is not marked read, and marks it.

    Raises `MailboxAway` and, of the log or the state, `Retryable`; what is not marked is read at the next look.
    """
    tally = Tally()
    origin = Origin(
        source=name,
        site=source.site,
        voice_key=voice_key,
        parser=MAILBOX,
        version=MAILBOX_VERSION,
        keep_voice=not source.internal,
    )
    intake = Intake(origin, producer=producer, cursors=Cursors(engine, source.site), clock=clock, tally=tally)
    skipped: Counter[str] = Counter()
    read = 0
    with (
        recorded(engine, name, source.site, tally, clock=clock, fresh_until=source.fresh_until, due_at=source.due_at),
        open_folder(source) as folder,
    ):
        tally.pages = 1
        for uid, raw in folder.unread(MOST_MAILS):
            read += 1
            mail = _read(raw, source, voice_key)
            if mail.unread:
                tally.failures[WORDS_NOT_READ] += 1
                tally.examples.setdefault(WORDS_NOT_READ, f"{mail.unread}: look into the mailbox")
            if reason := _take(folder, uid, mail, intake):
                skipped[reason] += 1
                if reason == UNREADABLE:
                    tally.failures[reason] += 1
    log.info("mailbox read", source=name, read=read, skipped=dict(skipped))
    return MailboxSummary(read=read, sent=tally.new + tally.changed, skipped=dict(skipped))


def _read(raw: bytes, source: MailboxSource, secret: bytes) -> ReadMail:
    try:
        return read_mail(raw, kind=source.kind, secret=secret)
    except Rejected as error:
        log.warning("mail not understood", reason=error.reason, detail=error.detail)
        return ReadMail(None, UNREADABLE)


def _take(folder: MailFolder, uid: str, mail: ReadMail, intake: Intake) -> str:
    """Brings one mail into the log and marks it; returns why it was skipped, "" where it was not."""
    if mail.observation is not None:
        intake.take("", [mail.observation])
        failpoint("mailbox.taken")
    folder.mark_read(uid)
    return mail.skipped
