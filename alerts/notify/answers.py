"""What people's answers to letters are answered with: a short mail in plain text, in line with the letters."""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime

from sqlalchemy.orm import Session

from alerts.notify.channel import Medium
from alerts.notify.contents.phrases import ANSWERING
from alerts.notify.contents.quotes import clean
from alerts.notify.render.headers import WIRE
from alerts.notify.routing import Routing
from alerts.notify.tables import OutboxRow

STEP = "answer"  # of an outbox row, where a letter has the step it is about


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerMail:
    """What is told to whom. `to_mail` is the Message-ID of what is answered, `letter` that of our letter before it."""

    at: datetime
    case_id: int
    organisation: str
    recipient: str
    subject: str
    words: str
    code: str
    to_mail: str
    letter: str


def answer_id(to_mail: str, case_id: int, host: str) -> str:
    """Names the answer to a mail: the same for the same mail for ever, so that it is answered once."""
    return f"<{case_id}.{STEP}.{hashlib.sha256(to_mail.encode()).hexdigest()[:16]}@{host}>"


def queue_answer(session: Session, routing: Routing, answer: AnswerMail) -> None:
    """Puts the answer in line for every channel that takes mail, within the caller's transaction."""
    name = answer_id(answer.to_mail, answer.case_id, routing.letterhead.host)
    content = write_answer(routing, answer)
    for place, route in enumerate(routing.mail_routes(answer.recipient)):
        session.add(
            OutboxRow(
                case_id=answer.case_id, task_id=None, step=STEP, revision=0, person=None, channel=route.channel,
                medium=Medium.MAIL, place=place, recipient=answer.recipient, message_id=name, notice=None,
                message=content, plain=content, queued_at=answer.at, next_at=answer.at + place * routing.wait,
            )
        )  # fmt: skip
    session.flush()


def write_answer(routing: Routing, answer: AnswerMail) -> bytes:
    """Writes the mail; RFC 3834: it says that a program wrote it, so that no other program answers it."""
    message, head = EmailMessage(policy=WIRE), routing.letterhead
    message["From"] = Address(clean(answer.organisation), addr_spec=head.sender)
    message["To"] = Address(addr_spec=answer.recipient)
    if routing.reply_to:
        message["Reply-To"] = Address(addr_spec=routing.reply_to)
    message["Subject"] = clean(answer.subject, 120)
    message["Date"] = format_datetime(answer.at)
    message["Message-ID"] = answer_id(answer.to_mail, answer.case_id, head.host)
    message["In-Reply-To"] = answer.to_mail
    message["References"] = f"{answer.letter} {answer.to_mail}"
    message["Auto-Submitted"] = "auto-replied"
    message["X-Auto-Response-Suppress"] = "All"
    words = f"{answer.words}\n\n{ANSWERING}【回执码 {answer.code}】\n\n{answer.organisation} · 闻风自动回复\n"
    message.set_content(words.encode("utf-8", "replace").decode())
    return message.as_bytes()
