"""What is answered is written by one person and approved by another."""

from datetime import datetime

import pytest
from sqlalchemy import select

from alerts.casefile.acting.statements import LONGEST
from alerts.casefile.acting.steps import act
from alerts.casefile.casework import note_rekindling
from alerts.casefile.context import CaseContext
from alerts.casefile.papers import Statement, statements_of
from alerts.casefile.snapshot import CaseSnapshot
from alerts.casefile.tables import AnnouncementRow, CaseRow, EventRow
from alerts.desk.cases import read_details
from alerts.desk.register import Register
from alerts.workflow.cases import ActRequest, Case, Refused
from alerts.workflow.parts import Verdict
from stream.codec import CASE_EVENTS
from stream.state.database import reading, transaction
from tests.alerts.casefile.acting.conftest import DAY, MINUTE, WORDS, Walk, letters, standing, tasks


def statements(context: CaseContext) -> tuple[Statement, ...]:
    with reading(context.engine) as session:
        return statements_of(session, 1)


def test_a_statement_keeps_who_wrote_it_who_approved_it_and_when_it_was_used(
    context: CaseContext, walk: Walk, now: datetime
) -> None:
    assert walk("clarify").stage == "guiding"
    (one,) = statements(context)
    assert (one.revision, one.text, one.by, one.at) == (1, WORDS, "张敏", now + 5 * MINUTE)
    assert (one.approved_by, one.approved_at, one.published_at) == ("李强", now + 6 * MINUTE, now + 7 * MINUTE)
    details = read_details(Register(context.engine, context.config, context.topics), 1)
    assert [(one.kind, one.detail) for one in details.history[-3:] if one.is_act] == [
        ("draft", {"statement": 1}), ("approve", {"statement": 1}), ("clarify", {"statement": 1}),
    ]  # fmt: skip
    assert details.statements == (one,)


def test_who_wrote_it_may_not_approve_it_nor_type_the_approval_of_another(
    context: CaseContext, walk: Walk, now: datetime
) -> None:
    walk("verify")
    act(context, 1, ActRequest("draft", "li_qiang", statement=WORDS), now + 9 * MINUTE)
    assert [one.desk for one in tasks(context, 1)] == ["leaders"], "the first desk where somebody else sits"
    for request, words in (
        (ActRequest("approve", "li_qiang"), "须由另一人办理：上一环节由李强办理"),
        (ActRequest("approve", "wang_fang", typed_by="li_qiang"), "其审批不能由拟稿人代为录入"),
    ):
        with pytest.raises(Refused, match=words):
            act(context, 1, request, now + 10 * MINUTE)
    assert act(context, 1, ActRequest("approve", "wang_fang"), now + 11 * MINUTE).stage == "responding"


def test_whoever_approves_is_written_to_that_a_statement_waits(context: CaseContext, walk: Walk) -> None:
    walk("draft")
    assert letters(context)[-1] == ("statement-approve", "li_qiang")


def test_what_is_sent_back_says_why_and_is_written_anew(context: CaseContext, walk: Walk, now: datetime) -> None:
    walk("draft")
    act(context, 1, ActRequest("send_back", "li_qiang", "先说事实"), now + 9 * MINUTE)
    assert standing(context, 1).stage == "wording"
    act(context, 1, ActRequest("draft", "zhang_min", statement="  事实如下。 "), now + 10 * MINUTE)
    first, second = statements(context)
    assert (first.sent_back_by, first.sent_back_why, first.approved_at) == ("李强", "先说事实", None)
    assert (second.revision, second.text, second.sent_back_at) == (2, "事实如下。", None)


def test_words_are_needed_and_only_for_a_draft(context: CaseContext, walk: Walk, now: datetime) -> None:
    walk("verify")
    for words, complaint in (("  ", "请给出口径文本"), ("长" * (LONGEST + 1), "过长")):
        with pytest.raises(Refused, match=complaint):
            act(context, 1, ActRequest("draft", "zhang_min", statement=words), now + 9 * MINUTE)
    act(context, 1, ActRequest("draft", "zhang_min", statement=WORDS), now + 9 * MINUTE)
    with pytest.raises(Refused, match="只有拟定口径"):
        act(context, 1, ActRequest("approve", "li_qiang", statement="另一段"), now + 10 * MINUTE)


def test_a_corrected_verdict_makes_the_approved_words_void(context: CaseContext, walk: Walk, now: datetime) -> None:
    walk("approve")
    act(context, 1, ActRequest("verify", "chen_wei", "另有事实", Verdict.PARTLY_TRUE), now + 9 * MINUTE)
    (one,) = statements(context)
    assert (one.void_at, standing(context, 1).stage) == (now + 9 * MINUTE, "wording")
    with pytest.raises(Refused, match="不能办理「公开回应」"):
        act(context, 1, ActRequest("respond", "li_qiang", "官网"), now + 10 * MINUTE)


def test_words_may_be_replaced_before_they_are_used_and_are_approved_again(
    context: CaseContext, walk: Walk, now: datetime
) -> None:
    walk("approve")
    act(context, 1, ActRequest("draft", "zhang_min", statement="更正。"), now + 9 * MINUTE)
    assert standing(context, 1).stage == "approving"
    assert [one.void_at is not None for one in statements(context)] == [True, False]


def test_a_new_wave_is_answered_with_words_approved_anew(
    context: CaseContext, walk: Walk, found: CaseSnapshot, now: datetime
) -> None:
    walk("guide")
    with transaction(context.engine) as session:
        again = note_rekindling(session, context, standing(context, 1), found, quoted=(), now=now + DAY)
    assert again.stage == "wording"
    assert [one.void_at for one in statements(context)] == [now + DAY]


def test_a_case_of_a_version_before_answers_after_words_were_approved(
    context: CaseContext, walk: Walk, now: datetime
) -> None:
    """It stands at the answer without a statement: the answer is refused and says what to do."""
    walk("verify")
    with transaction(context.engine) as session:
        session.get_one(CaseRow, 1).stage = "responding"
    with pytest.raises(Refused, match=r"没有经另一人审批的口径.*draft"):
        act(context, 1, ActRequest("clarify", "li_qiang", "官网"), now + 9 * MINUTE)
    act(context, 1, ActRequest("draft", "zhang_min", statement=WORDS), now + 10 * MINUTE)
    act(context, 1, ActRequest("approve", "li_qiang"), now + 11 * MINUTE)
    assert act(context, 1, ActRequest("clarify", "li_qiang", "官网"), now + 12 * MINUTE).stage == "guiding"


def test_a_first_word_counts_before_the_verdict_and_needs_no_statement(
    context: CaseContext, walk: Walk, case: Case, now: datetime
) -> None:
    walk("report")
    act(context, 1, ActRequest("first_word", "li_qiang", "已关注，正在核实"), now + 9 * MINUTE)
    assert standing(context, 1).stage == "verifying"
    with reading(context.engine) as session:
        told = [CASE_EVENTS.decode(row.message) for row in session.scalars(select(AnnouncementRow))]
        assert session.scalar(select(EventRow.note).where(EventRow.kind == "first_word")) == "已关注，正在核实"
    assert max(one.number for one in told) == next(one.number for one in told if one.first_word_at)
    assert {one.first_word_at for one in told} == {None, now + 9 * MINUTE}
