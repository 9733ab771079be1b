"""The signed link: opened by anybody it does nothing; with the letter's digits it signs once, for its person alone."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from alerts.casefile.acting.steps import act
from alerts.casefile.context import CaseContext
from alerts.casefile.tables import EventRow
from alerts.config import AlertsConfig
from alerts.console.accounts.signing import WrongDigits, read_signing, sign
from alerts.console.door import Missing
from alerts.console.tables import AccessRow, SpentLinkRow
from alerts.desk.cases import read_details
from alerts.desk.register import Register
from alerts.notify.console import ConsoleConfig
from alerts.notify.contents.notice import Notice, read_notice
from alerts.notify.tables import OutboxRow
from alerts.watch import Watcher
from alerts.workflow.cases import ActRequest, Refused
from stream.messages import ScoredPost
from stream.state.database import reading
from tests.alerts.conftest import NOW

MINUTE = timedelta(minutes=1)


@pytest.fixture
def config(config: AlertsConfig) -> AlertsConfig:
    return replace(config, console=ConsoleConfig(address="https://yuqing.example.com"))


@pytest.fixture
def letter(context: CaseContext, quiet_weeks: None, rumour: Callable[..., list[ScoredPost]]) -> Notice:
    """The first letter of case 1, to Zhang Min."""
    rumour(30)
    Watcher(context, [], "w").look(NOW)
    return letters(context)[0]


def letters(context: CaseContext) -> list[Notice]:
    with reading(context.engine) as session:
        kept = session.scalars(select(OutboxRow.notice).order_by(OutboxRow.id)).all()
    return [read_notice(one) for one in kept if one]


def token(letter: Notice) -> str:
    return letter.signing.rpartition("/a/")[2]


def other_digits(letter: Notice) -> str:
    return f"{(int(letter.digits) + 1) % 10_000:04d}"


def signed(context: CaseContext, letter: Notice, digits: str = "", minutes: int = 1) -> None:
    sign(context, token(letter), digits or letter.digits, "10.0.0.9", NOW + minutes * MINUTE)


def count(context: CaseContext, table: type) -> int:
    with reading(context.engine) as session:
        return session.scalar(select(func.count()).select_from(table)) or 0


def test_the_link_says_what_the_letter_said_and_changes_nothing(context: CaseContext, letter: Notice) -> None:
    before = count(context, EventRow)
    for _ in range(3):
        found = read_signing(context, token(letter), NOW)
    assert (found.person, found.topic, found.act, found.why, found.done) == ("张敏", "停电抢修", "签收", "", "")
    assert found.headline == letter.headline
    assert found.due_at == letter.demand.due_at
    assert (count(context, EventRow), count(context, SpentLinkRow), count(context, AccessRow)) == (before, 0, 0)


def test_the_digits_sign_for_the_case_as_its_person_proven(context: CaseContext, letter: Notice) -> None:
    signed(context, letter)
    details = read_details(Register(context.engine, context.config, context.topics), 1)
    entry = next(one for one in details.history if one.is_act)
    assert (entry.kind, entry.by, entry.claimed, entry.typed_by) == ("acknowledge", "张敏", False, None)
    assert details.case.acknowledged_at == NOW + MINUTE
    assert count(context, SpentLinkRow) == 1


def test_a_second_use_says_who_signed_when(context: CaseContext, letter: Notice) -> None:
    signed(context, letter)
    with pytest.raises(Refused, match="张敏已于 14:03 签收"):
        signed(context, letter, minutes=5)
    found = read_signing(context, token(letter), NOW + 5 * MINUTE)
    assert (found.done, found.why) == ("张敏已于 14:03 签收", "")


def test_who_was_slower_than_somebody_else_is_told(context: CaseContext, letter: Notice) -> None:
    act(context, 1, ActRequest("acknowledge", "li_qiang", claimed=False), NOW + MINUTE)
    with pytest.raises(Refused, match="李强已于 14:03 签收"):
        signed(context, letter, minutes=2)
    assert count(context, SpentLinkRow) == 0


def test_five_wrong_tries_spend_the_link_and_sign_nothing(context: CaseContext, letter: Notice) -> None:
    for left in (4, 3, 2, 1):
        with pytest.raises(WrongDigits, match=f"还可输入 {left} 次"):
            signed(context, letter, other_digits(letter))
    with pytest.raises(Refused, match="已停用"):
        signed(context, letter, other_digits(letter))
    with pytest.raises(Refused, match="已停用"):
        signed(context, letter)
    assert "已停用" in read_signing(context, token(letter), NOW).why
    assert read_signing(context, token(letter), NOW).case.acknowledged_at is None


@pytest.mark.parametrize("digits", ["", "１２３４", "12345", "abcd", "0" * 9])
def test_only_the_four_digits_are_the_four_digits(context: CaseContext, letter: Notice, digits: str) -> None:
    with pytest.raises(WrongDigits):
        sign(context, token(letter), digits, "", NOW)


def test_it_ends_a_day_after_the_limit(context: CaseContext, letter: Notice) -> None:
    ends = letter.demand.due_at + timedelta(days=1)
    assert read_signing(context, token(letter), ends - MINUTE).why == ""
    assert "过期" in read_signing(context, token(letter), ends).why
    with pytest.raises(Refused, match="过期"):
        sign(context, token(letter), letter.digits, "", ends)


def test_an_altered_link_is_none(context: CaseContext, letter: Notice) -> None:
    good = token(letter)
    for wrong in ("", good[:-1], good[1:] + good[0], good.upper(), "<script>"):
        with pytest.raises(Missing):
            read_signing(context, wrong, NOW)


def test_who_left_the_desk_is_refused_in_words_and_who_left_the_house_is_unknown(
    context: CaseContext, letter: Notice
) -> None:
    desks = context.config.desks
    desks["publicity"] = replace(desks["publicity"], people=("sun_li",))
    with pytest.raises(Refused, match="张敏不在可办理「签收」的岗位"):
        signed(context, letter)
    assert count(context, SpentLinkRow) == 0
    context.config.people.pop("zhang_min")
    with pytest.raises(Missing):
        read_signing(context, token(letter), NOW)


def test_who_was_asked_first_may_still_sign_after_the_next_desk_was_called(
    context: CaseContext, letter: Notice
) -> None:
    late = letter.demand.due_at + MINUTE
    Watcher(context, [], "w").escalate(late)
    (next_one,) = [one for one in letters(context) if one.occasion == "escalated"]
    assert (next_one.demand.person, next_one.digits != "") == ("李强", True)
    sign(context, token(letter), letter.digits, "", late + MINUTE)
    assert read_signing(context, token(next_one), late + MINUTE).done.startswith("张敏已于")


def test_after_the_case_began_anew_an_old_link_signs_nothing(context: CaseContext, letter: Notice) -> None:
    signed(context, letter)
    act(context, 1, ActRequest("judge_false_alarm", "zhang_min", "演练"), NOW + 2 * MINUTE)
    act(context, 1, ActRequest("reopen", "li_qiang", "再次出现"), NOW + 3 * MINUTE)
    found = read_signing(context, token(letter), NOW + 4 * MINUTE)
    assert "已使用过" in found.why
    again = next(one for one in letters(context) if one.demand.person == "张敏" and one.at == NOW + 3 * MINUTE)
    assert token(again) != token(letter)
    sign(context, token(again), again.digits, "", NOW + 5 * MINUTE)


def test_a_link_that_was_never_used_is_not_for_the_case_begun_anew(context: CaseContext, letter: Notice) -> None:
    act(context, 1, ActRequest("acknowledge", "li_qiang"), NOW + MINUTE)
    act(context, 1, ActRequest("judge_false_alarm", "li_qiang", "演练"), NOW + 2 * MINUTE)
    act(context, 1, ActRequest("reopen", "li_qiang", "再次出现"), NOW + 3 * MINUTE)
    assert "不再需要" in read_signing(context, token(letter), NOW + 4 * MINUTE).why
    with pytest.raises(Refused, match="不再需要"):
        signed(context, letter, minutes=4)
