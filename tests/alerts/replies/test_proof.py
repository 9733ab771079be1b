"""An answer is taken for one only where letter, code and address agree; all else is ignored for its own reason."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.replies.parse import Reply
from alerts.replies.proof import MOST_USES, VALID_FOR, SentLetter, prove
from alerts.replies.tables import ReplyOutcome
from tests.alerts.replies.mailing import CODE, LETTER

NOW = datetime(2026, 9, 21, 6, 2, tzinfo=UTC)
SENT = SentLetter(
    message_id=LETTER, recipient="Zhang.Min@example.com", person="zhang_min", case_id=1,
    at=NOW - timedelta(hours=1), uses=0,
)  # fmt: skip
REPLY = Reply(
    message_id="<a@b>", sender="zhang.min@example.com", references=(LETTER,), codes=frozenset({CODE}), line="收到",
    automatic=False,
)  # fmt: skip


def test_the_recipient_who_answers_the_letter_is_believed() -> None:
    assert prove(REPLY, [SENT], NOW) is SENT


def test_a_code_that_is_printed_nowhere_is_still_carried_by_the_message_id() -> None:
    assert prove(replace(REPLY, codes=frozenset()), [SENT], NOW) is SENT


@pytest.mark.parametrize(
    ("reply", "sent", "outcome"),
    [
        (replace(REPLY, automatic=True), SENT, ReplyOutcome.AUTOMATIC),
        (replace(REPLY, sender="li.qiang@example.com"), SENT, ReplyOutcome.NOT_RECIPIENT),
        (replace(REPLY, codes=frozenset({"22222222"})), SENT, ReplyOutcome.WRONG_CODE),
        (replace(REPLY, codes=frozenset({CODE, "22222222"})), SENT, ReplyOutcome.WRONG_CODE),
        (REPLY, replace(SENT, message_id="<1.opened-acknowledge.ab.0@h>"), ReplyOutcome.WRONG_CODE),
        (REPLY, replace(SENT, person=None), ReplyOutcome.STRANGER),
        (REPLY, replace(SENT, uses=MOST_USES), ReplyOutcome.SPENT),
        (REPLY, replace(SENT, at=NOW - VALID_FOR - timedelta(seconds=1)), ReplyOutcome.SPENT),
    ],
)
def test_what_does_not_agree_is_ignored_for_its_own_reason(
    reply: Reply, sent: SentLetter, outcome: ReplyOutcome
) -> None:
    assert prove(reply, [sent], NOW) is outcome


def test_a_mail_that_answers_no_letter_is_a_strangers() -> None:
    assert prove(REPLY, [], NOW) is ReplyOutcome.STRANGER


def test_of_two_letters_in_a_thread_the_newest_to_this_person_is_answered() -> None:
    newer = replace(SENT, message_id="<1.warned-acknowledge.ab.0.22222222@h>")
    other = replace(SENT, recipient="li.qiang@example.com", message_id="<1.x.cd.0.33333333@h>")
    assert prove(replace(REPLY, codes=frozenset({"22222222", CODE})), [other, newer, SENT], NOW) is newer


@given(
    st.booleans(), st.sampled_from(["zhang.min@example.com", "x@example.com"]), st.sampled_from([CODE, "22222222"]),
    st.integers(0, 20), st.integers(0, 30), st.sampled_from([LETTER, "<1.opened@h>"]),
)  # fmt: skip
def test_nothing_is_believed_that_lacks_one_of_the_three(
    automatic: bool, sender: str, code: str, uses: int, days: int, message_id: str
) -> None:
    reply = replace(REPLY, automatic=automatic, sender=sender, codes=frozenset({code}))
    sent = replace(SENT, uses=uses, at=NOW - timedelta(days=days), message_id=message_id)
    good = not automatic and sender == REPLY.sender and code == CODE and message_id == LETTER
    believed = good and uses < MOST_USES and timedelta(days=days) <= VALID_FOR
    assert (prove(reply, [sent], NOW) is sent) == believed
