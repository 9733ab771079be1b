"""What went before a letter, read from the case's own record."""

from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy import Engine

from alerts.casefile.acting.steps import act
from alerts.casefile.casework import open_case
from alerts.casefile.context import CaseContext
from alerts.casefile.snapshot import CaseSnapshot
from alerts.casefile.tables import CaseRow, EventKind, read_case, record
from alerts.casefile.telling.past import NOTHING, Past, read_past
from alerts.notify.contents.notice import read_notice
from alerts.notify.tables import OutboxRow
from alerts.workflow.cases import ActRequest
from alerts.workflow.parts import Verdict
from stream.state.database import reading, transaction

MINUTE = timedelta(minutes=1)


def opened(context: CaseContext, found: CaseSnapshot, now: datetime) -> int:
    with transaction(context.engine) as session:
        return open_case(session, context, found, (), now).id


def past(engine: Engine, case_id: int, now: datetime) -> Past:
    with reading(engine) as session:
        return read_past(session, read_case(session.get_one(CaseRow, case_id)), now)


def test_the_letters_of_this_moment_are_not_past(context: CaseContext, found: CaseSnapshot, now: datetime) -> None:
    first = past(context.engine, opened(context, found, now), now)
    assert first == replace(NOTHING, peak=30, peak_at=now)


def test_the_next_letter_knows_the_counts_and_the_readers_of_the_last(
    context: CaseContext, found: CaseSnapshot, now: datetime
) -> None:
    later = past(context.engine, opened(context, found, now), now + MINUTE)
    assert (later.told, later.told_at) == (30, now)
    assert later.informed == ("zhang_min",)
    assert [one.is_letter for one in later.happened] == [True]


def test_what_people_did_is_told_with_their_notes_the_last_first(
    context: CaseContext, found: CaseSnapshot, now: datetime
) -> None:
    case_id = opened(context, found, now)
    act(context, case_id, ActRequest("acknowledge", "张敏"), now + MINUTE)
    act(context, case_id, ActRequest("judge", "张敏", "与我方有关"), now + 2 * MINUTE)
    act(context, case_id, ActRequest("report", "李强", "已报"), now + 3 * MINUTE)
    act(context, case_id, ActRequest("verify", "陈伟", "系演练", Verdict.RUMOUR), now + 4 * MINUTE)
    found_out = past(context.engine, case_id, now + 5 * MINUTE)
    assert [(one.by, one.note) for one in found_out.deeds] == [
        ("陈伟", "系演练"), ("李强", "已报"), ("张敏", "与我方有关"), ("张敏", ""),
    ]  # fmt: skip
    assert [(one.what, one.note) for one in found_out.verified] == [("核实结论（谣言）", "系演练")]
    assert found_out.previous_verdict == ""


def test_the_next_persons_letter_has_the_note_of_the_one_before(
    context: CaseContext, found: CaseSnapshot, now: datetime
) -> None:
    case_id = opened(context, found, now)
    act(context, case_id, ActRequest("judge", "张敏", "与我方有关，已电话报告"), now + MINUTE)
    with reading(context.engine) as session:
        kept = session.query(OutboxRow).filter(OutboxRow.step == "expected-report").one().notice
    letter = read_notice(kept or "")
    assert letter.deeds[0].note == "与我方有关，已电话报告"
    assert letter.headline == "事件已转入「上报」环节，请您牵头办理"


def test_a_verdict_of_before_the_case_was_opened_again_stays_in_sight(
    context: CaseContext, found: CaseSnapshot, now: datetime
) -> None:
    case_id = opened(context, found, now)
    with transaction(context.engine) as session:
        detail = {"verdict": "rumour", "stage": "responding"}
        record(session, case_id, "verify", at=now + MINUTE, by="陈伟", note="系演练", detail=detail)
    assert past(context.engine, case_id, now + 2 * MINUTE).previous_verdict == "谣言"


def test_the_peak_is_the_most_that_any_line_of_the_history_has(
    context: CaseContext, found: CaseSnapshot, now: datetime
) -> None:
    case_id = opened(context, found, now)
    with transaction(context.engine) as session:
        record(session, case_id, EventKind.ROSE, at=now + MINUTE, by="watch", detail={"negative": 79})
        record(session, case_id, EventKind.ROSE, at=now + 2 * MINUTE, by="watch", detail={"negative": 40})
    later = past(context.engine, case_id, now + 3 * MINUTE)
    assert (later.peak, later.peak_at) == (79, now + MINUTE)


def test_a_letter_that_cannot_be_read_costs_the_comparison_alone(
    context: CaseContext, found: CaseSnapshot, now: datetime
) -> None:
    case_id = opened(context, found, now)
    with transaction(context.engine) as session:
        session.query(OutboxRow).update({"notice": "{}"})
    later = past(context.engine, case_id, now + MINUTE)
    assert (later.told, later.informed) == (None, ("zhang_min",))
