"""What the audit finds is said in words of those who see to it."""

from datetime import datetime, timedelta

import pytest

from alerts.casefile.guards.failures import Failure, FailureKind
from alerts.desk.audit import (
    ChangedHistory,
    Complaint,
    Failing,
    LostAnswers,
    OverdueTask,
    StuckLetter,
    UnownedStep,
    UnreachableDesk,
)
from alerts.desk.letters import LetterStatus
from alerts.desk.overview.complaints import PARTS, complaint_words
from alerts.desk.register import Register
from alerts.notify.tables import RowState
from alerts.workflow.ladder import Task
from tests.alerts.conftest import NOW

TASK = Task(
    case_id=7, step="judge", turn=0, level=0, desk="publicity", began_at=NOW, due_at=NOW, warn_at=NOW
)  # fmt: skip


def letter(state: RowState, answer: str = "", case_id: int | None = 7) -> LetterStatus:
    return LetterStatus(
        id=3, case_id=case_id, step="opened-acknowledge", recipient="zhang.min@example.com", channel="smtp", place=0,
        state=state, attempts=2, queued_at=NOW, next_at=NOW + timedelta(minutes=5), sent_at=None, answer=answer, lost=4,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("complaint", "words"),
    [
        (OverdueTask(TASK), "事件 7「初筛研判」9月21日14:02 已到期，未能转请下一岗位"),
        (UnownedStep(7, "verify"), "事件 7「核实」无人承办"),
        (UnownedStep(7, "of_before"), "事件 7「of_before」无人承办"),
        (
            StuckLetter(letter(RowState.FAILED, "550 no such\u202euser")),
            "通知 3（事件 7）（收件 zhang.min@example.com）被拒收：550 no suchuser",
        ),
        (StuckLetter(letter(RowState.QUEUED, case_id=None)), "通知 3（收件 zhang.min@example.com）迟迟未发出"),
        (UnreachableDesk(TASK), "事件 7「初筛研判」的责任岗位「宣传部舆情值班」没有可用的联系方式，请补充"),
        (ChangedHistory(7, 2), "事件 7 的处置记录自第 2 条起与校验不符，可能被人改动，请保留现场"),
    ],
    ids=lambda one: type(one).__name__ if not isinstance(one, str) else "",
)
def test_every_complaint_has_its_words(register: Register, complaint: Complaint, words: str) -> None:
    assert complaint_words(complaint, register) == words


def test_a_letter_without_an_answer_has_likely_arrived(register: Register) -> None:
    words = complaint_words(LostAnswers(letter(RowState.QUEUED)), register)
    assert "已投递 4 次" in words
    assert words.endswith("下次重试 9月21日14:07")


def test_what_fails_by_itself_is_named_by_its_part(register: Register, now: datetime) -> None:
    failing = Failing(Failure(FailureKind.TOPIC, "outage", now, now, "ValueError: x"))
    assert complaint_words(failing, register) == (
        "话题监测（outage）自 9月21日14:02 起反复出错，其余不受影响：ValueError: x"
    )
    assert set(PARTS) == set(FailureKind)
