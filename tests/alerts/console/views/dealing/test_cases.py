"""The list of cases."""

import pytest

from alerts.casefile.acting.steps import act
from alerts.casefile.casework import open_case
from alerts.casefile.context import CaseContext
from alerts.desk.dealing.seeing import PAGE
from alerts.workflow.cases import ActRequest
from stream.state.database import transaction
from tests.alerts.conftest import NOW
from tests.alerts.console.conftest import SignIn
from tests.alerts.desk.dealing.conftest import snapshot_of


def test_every_case_stands_in_the_list_with_its_stage_and_limit(
    signed_in: SignIn, context: CaseContext, opened: int
) -> None:
    browser = signed_in("zhang_min")
    page = browser.get("/cases").text
    assert f'<a href="/case/{opened}">事件{opened}「停电抢修」</a>' in page
    assert "还剩 1 小时" in page
    act(context, opened, ActRequest("judge_false_alarm", "zhang_min", "误报"), NOW)
    assert "9月21日14:02</time> 办结" in browser.get("/cases").text
    assert "没有符合条件的事件" in browser.get("/cases?open=1").text


@pytest.mark.parametrize(
    ("asked", "there"),
    [
        ("grade=yellow", True), ("grade=red", False), ("topic=outage", True), ("topic=x", False),
        ("stage=screening", True), ("stage=archived", False), ("before=x", True), ("before=1", False),
        ("before=99999999999999999999", True), ("grade=%3Cscript%3E&topic=", True),
    ],
)  # fmt: skip
def test_the_list_is_narrowed_in_words_and_nonsense_narrows_nothing(
    signed_in: SignIn, opened: int, asked: str, there: bool
) -> None:
    answer = signed_in("zhang_min").get(f"/cases?{asked}")
    assert answer.status_code == 200
    assert (f'href="/case/{opened}"' in answer.text) is there
    assert "<script>" not in answer.text.replace("<script src", "")


def test_a_long_list_goes_on_behind_a_button(signed_in: SignIn, context: CaseContext) -> None:
    for _ in range(PAGE + 1):
        with transaction(context.engine) as session:
            case = open_case(session, context, snapshot_of("outage", NOW), (), NOW)
        act(context, case.id, ActRequest("judge_false_alarm", "zhang_min", "误报"), NOW)
    browser = signed_in("zhang_min")
    page = browser.get("/cases?grade=yellow").text
    assert page.count("<li><span") == PAGE
    assert 'href="/cases?grade=yellow&amp;before=2"' in page
    rest = browser.get("/cases?grade=yellow&before=2").text
    assert 'href="/case/1"' in rest
    assert "更早的事件" not in rest
    assert len(page.encode()) < 100_000


def test_who_sits_at_no_desk_lists_what_is_copied_to_them(signed_in: SignIn, guest: str, opened: int) -> None:
    assert f'href="/case/{opened}"' in signed_in(guest).get("/cases").text
