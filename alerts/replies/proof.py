"""Whether a mail is the answer to a letter of ours by the one it was sent to. Pure.

Three things together say so: it answers that letter by its Message-ID, which carries a code that nobody can guess; no
other code is printed in it; and it comes from the address that the letter went to. A From alone can be forged by
anybody, and a code alone be passed on.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from alerts.notify.codes import carried_code
from alerts.replies.parse import Reply
from alerts.replies.tables import ReplyOutcome

VALID_FOR = timedelta(days=14)  # a case that is not closed by then has had newer letters
MOST_USES = 8  # answers to one letter; two programs that answer each other stop there


@dataclass(frozen=True, slots=True, kw_only=True)
class SentLetter:
    """A letter of ours. `person` is the key of who it was for, None where that address is nobody's any more.

    `incident`: its case is one.
    """

    message_id: str
    recipient: str
    person: str | None
    case_id: int
    at: datetime
    uses: int
    incident: bool = False

    @property
    def code(self) -> str:
        """Its code, "" where it has none."""
        return carried_code(self.message_id) or ""


def prove(reply: Reply, letters: Iterable[SentLetter], now: datetime) -> SentLetter | ReplyOutcome:
    """Finds the letter that the mail answers, or says why nobody is to hear of it.

    `letters` are those whose Message-ID the mail refers to, the newest first.
    """
    if reply.automatic:
        return ReplyOutcome.AUTOMATIC
    known = list(letters)
    if not known:
        return ReplyOutcome.STRANGER
    letter = next((one for one in known if one.recipient.lower() == reply.sender), None)
    if letter is None:
        return ReplyOutcome.NOT_RECIPIENT
    if not letter.code or not reply.codes <= {one.code for one in known}:
        return ReplyOutcome.WRONG_CODE
    if letter.person is None:
        return ReplyOutcome.STRANGER
    if letter.uses >= MOST_USES or now - letter.at > VALID_FOR:
        return ReplyOutcome.SPENT
    return letter
