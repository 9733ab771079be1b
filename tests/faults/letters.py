"""Who had to be told, and was: by a letter of its own, in a digest, or by a newer letter; and who answered, once."""

from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import timedelta
from email import message_from_bytes
from email.policy import default

from alerts.notify.answers import STEP as ANSWER
from alerts.notify.tables import DIGEST, OVER, OutboxRow, RowState
from alerts.replies.tables import ANSWERED
from tests.faults.evidence import Evidence

IN_FLIGHT = timedelta(seconds=30)  # an act is dated when it begins to wait for its case: a letter may come in between


def letters_are_sent(evidence: Evidence) -> Iterator[str]:
    """I7: whoever had to be written to was, by one letter each, and got it; a copy more for each killed sender.

    What was not sent by itself is told in a digest that was, or by a newer letter, or its task is over.
    """
    yield from _mails_are_letters(evidence)
    rows = {row.message_id: row for row in evidence.letters}
    tasks = {task.id: task for task in evidence.tasks}
    for row in evidence.letters:
        if row.state == RowState.WITHDRAWN:
            yield from _instead(row, rows, evidence)
        task = tasks.get(row.task_id or 0)
        if task is None or task.ended_at is None:
            if row.instead == OVER:
                yield f"{row.message_id} was taken back, and its task is not over"
        elif row.queued_at > task.ended_at + IN_FLIGHT:
            yield f"{row.message_id} was written after its task had ended"
        elif row.state == RowState.SENT and row.tried_at is not None and row.tried_at > task.ended_at + IN_FLIGHT:
            yield f"{row.message_id} was sent after its task had ended"
    yield from _everybody_was_written_to(evidence)
    yield from _answers_are_dealt_with(evidence)


def _mails_are_letters(evidence: Evidence) -> Iterator[str]:
    took = Counter(mail.message_id for mail in evidence.mails)
    rows = {row.message_id: row for row in evidence.letters}
    for mail in evidence.mails:
        row = rows.get(mail.message_id)
        if row is None:
            yield f"{mail.message_id} was sent and is in no outbox"
        elif mail.recipient != row.recipient or _lines(mail.content) not in (_lines(row.message), _lines(row.plain)):
            yield f"{mail.message_id} reached {mail.recipient} otherwise than it was written"
    for row in evidence.letters:
        if row.state in ("queued", "claimed"):
            yield f"{row.message_id} is still {row.state}: {row.answer}"
        elif row.state == "failed":
            yield f"{row.message_id} has failed, and no server refused any: {row.answer}"
        elif row.state == "sent" and not took[row.message_id]:
            yield f"{row.message_id} counts as sent and was never taken"
        elif row.state == "withdrawn" and took[row.message_id] and row.attempts == 0:
            yield f"{row.message_id} was taken back and sent"
    if (copies := took.total() - len(took)) > evidence.mail_kills:
        yield f"{copies} second copies after {evidence.mail_kills} kills: {[one for one in took if took[one] > 1]}"


def _instead(row: OutboxRow, rows: Mapping[str, OutboxRow], evidence: Evidence) -> Iterator[str]:
    """What stands for a letter that was taken back, from one to the next until one was sent or nothing is owed."""
    seen, at = {row.message_id}, row
    while at.state == RowState.WITHDRAWN and at.instead != OVER:
        after = rows.get(at.instead or "")
        if after is None or after.message_id in seen:
            yield f"{row.message_id} was taken back, and {at.instead} does not stand for it"
            return
        seen.add(after.message_id)
        if after.recipient != at.recipient:
            yield f"{at.message_id} to {at.recipient} was told to {after.recipient} instead"
        elif after.message_id.startswith(DIGEST):
            if at.case_id is not None and f"事件 {at.case_id}「" not in _words(after):
                yield f"{at.message_id} is told in {after.message_id}, which does not name case {at.case_id}"
        elif (after.case_id, after.id > at.id) != (at.case_id, True):
            yield f"{at.message_id} was taken back for {after.message_id}, which is no newer one of its case"
        at = after


def _everybody_was_written_to(evidence: Evidence) -> Iterator[str]:
    acted = {(event.case_id, event.at): evidence.people.get(event.by) for event in evidence.events}
    for task in evidence.tasks:
        written = {row.recipient for row in evidence.letters if row.task_id == task.id}
        excused = {acted.get((task.case_id, task.began_at))}
        yield from (
            f"nobody wrote to {one} of {task.step} in case {task.case_id}"
            for one in set(evidence.desks.get(task.desk, ())) - written - excused
        )


def _answers_are_dealt_with(evidence: Evidence) -> Iterator[str]:
    """Each mail that came back was read once, and its writer told once what became of it."""
    read = Counter(row.message_id for row in evidence.replies)
    yield from (f"the answer {name} was read {read[name]} times" for name in evidence.answers if read[name] != 1)
    wanted = Counter(row.case_id for row in evidence.replies if row.outcome in ANSWERED)
    told = Counter(row.case_id for row in evidence.letters if row.step == ANSWER)
    yield from (
        f"of case {case}, {wanted[case]} answers were dealt with and {told[case]} were told so"
        for case in wanted | told
        if wanted[case] != told[case]
    )


def _words(row: OutboxRow) -> str:
    body = message_from_bytes(row.message, policy=default).get_body(("plain",))
    return "" if body is None else body.get_content()


def _lines(message: bytes) -> list[bytes]:
    """A message without the difference between the ends of lines."""
    return message.rstrip().splitlines()
