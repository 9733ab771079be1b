"""Who knows the password is let in; who guesses is slowed down, and learns from nothing whether there is an account."""

from dataclasses import replace
from datetime import timedelta

import pytest
from argon2 import PasswordHasher
from sqlalchemy import select

from alerts.casefile.context import CaseContext
from alerts.console.accounts.access import PER_ACCOUNT, PER_ADDRESS, WINDOW, Access, Caller
from alerts.console.accounts.entering import WRONG, NotAdmitted, prove, who_is_meant
from alerts.console.accounts.passwords import is_outdated
from alerts.console.tables import AccessRow
from alerts.people.accounts import AccountRow
from stream.state.database import reading, transaction
from tests.alerts.conftest import NOW

SECRET = "江边的柳树绿了又黄了"
CHEAP = PasswordHasher(time_cost=1, memory_cost=64)  # many are tried here
ZHANG = Caller("zhang_min", "张敏", "10.0.0.9")


@pytest.fixture
def known(context: CaseContext) -> CaseContext:
    """Zhang Min has a password."""
    with transaction(context.engine) as session:
        row = AccountRow(person="zhang_min", password=CHEAP.hash(SECRET), invited_at=None, changed_at=NOW)
        session.add(row)
    return context


def tried(
    context: CaseContext, caller: Caller = ZHANG, password: str = "不是这个密码", minutes: float = 0
) -> NotAdmitted:
    with pytest.raises(NotAdmitted) as caught:
        prove(context, caller, password, NOW + timedelta(minutes=minutes))
    return caught.value


def recorded(context: CaseContext) -> list[tuple[str, str]]:
    with reading(context.engine) as session:
        return [(row.what, row.person) for row in session.scalars(select(AccessRow).order_by(AccessRow.id))]


@pytest.mark.parametrize("typed", ["zhang_min", "张敏", "zhang.min@example.com"])
def test_a_person_is_meant_by_key_name_or_address(context: CaseContext, typed: str) -> None:
    assert who_is_meant(context, typed) == "zhang_min"
    assert who_is_meant(context, "mallory") == who_is_meant(context, "") == ""


def test_a_name_that_two_have_is_asked_for_more_exactly(context: CaseContext) -> None:
    people = context.config.people
    people["li_qiang"] = replace(people["li_qiang"], name="张敏")
    with pytest.raises(NotAdmitted, match="有 2 人叫「张敏」，请改用工号"):
        who_is_meant(context, "张敏")
    assert who_is_meant(context, "li_qiang") == "li_qiang"


def test_the_right_password_is_let_in_and_recorded(known: CaseContext) -> None:
    prove(known, ZHANG, SECRET, NOW, "Chromium")
    assert recorded(known) == [(Access.SIGNED_IN, "zhang_min")]
    with reading(known.engine) as session:
        row = session.scalars(select(AccessRow)).one()
        assert (row.detail, row.client, row.at) == ("Chromium", "10.0.0.9", NOW)


def test_a_hash_of_older_parameters_is_renewed_at_sign_in(known: CaseContext) -> None:
    prove(known, ZHANG, SECRET, NOW)
    with reading(known.engine) as session:
        kept = session.get_one(AccountRow, "zhang_min").password
    assert kept is not None
    assert not is_outdated(kept)
    prove(known, ZHANG, SECRET, NOW)


def test_a_wrong_password_an_unset_one_and_an_unknown_name_are_answered_alike(known: CaseContext) -> None:
    unset, unknown = Caller("li_qiang", "李强", "10.0.0.8"), Caller("", "mallory", "10.0.0.7")
    answers = [tried(known), tried(known, unset), tried(known, unknown)]
    assert {(one.words, one.status) for one in answers} == {(WRONG, 401)}
    assert recorded(known) == [(Access.FAILED, "zhang_min"), (Access.FAILED, "li_qiang"), (Access.FAILED, "")]


def test_after_five_failures_even_the_right_password_waits_and_is_told_until_when(known: CaseContext) -> None:
    for minute in range(PER_ACCOUNT):
        assert tried(known, minutes=minute).status == 401
    refused = tried(known, password=SECRET, minutes=5)
    assert (refused.status, refused.words) == (429, "尝试次数过多，请于 14:17:00 后再试")
    assert len(recorded(known)) == PER_ACCOUNT
    prove(known, ZHANG, SECRET, NOW + WINDOW + timedelta(seconds=1))


def test_an_unknown_name_waits_likewise_and_another_one_does_not(known: CaseContext) -> None:
    for _ in range(PER_ACCOUNT):
        tried(known, Caller("", "mallory", "10.0.0.7"))
    assert tried(known, Caller("", "mallory", "10.0.0.6")).status == 429
    assert tried(known, Caller("", "trudy", "10.0.0.7")).status == 401


def test_what_was_typed_for_a_name_is_kept_nowhere(known: CaseContext) -> None:
    tried(known, Caller("", SECRET, "10.0.0.7"))
    with reading(known.engine) as session:
        assert SECRET not in session.scalars(select(AccessRow.detail)).one()


def test_failures_before_a_success_do_not_count_for_the_account(known: CaseContext) -> None:
    for _ in range(PER_ACCOUNT - 1):
        tried(known)
    prove(known, ZHANG, SECRET, NOW)
    for _ in range(PER_ACCOUNT - 1):
        assert tried(known).status == 401
    prove(known, ZHANG, SECRET, NOW)


def test_thirty_failures_from_one_address_bar_it_for_every_account(known: CaseContext) -> None:
    with transaction(known.engine) as session:
        for number in range(PER_ADDRESS):
            row = AccessRow(at=NOW, person="", client="10.0.0.9", what=Access.FAILED, detail=str(number))
            session.add(row)
    assert tried(known, password=SECRET).status == 429
    prove(known, replace(ZHANG, client="10.0.0.1"), SECRET, NOW)
