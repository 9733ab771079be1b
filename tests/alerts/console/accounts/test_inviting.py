"""A link to set a password: the same one as long as it serves, mailed once, used once, useless after any password."""

from dataclasses import replace
from datetime import timedelta
from email import message_from_bytes, policy

import pytest
from sqlalchemy import select, update

from alerts.casefile.context import CaseContext
from alerts.config import AlertsConfig
from alerts.console.accounts.inviting import Invitation, accept, change_password, invite, read_invited
from alerts.console.accounts.passwords import is_password
from alerts.console.accounts.sessions import begin_session, read_session
from alerts.console.door import Missing
from alerts.console.tables import AccessRow
from alerts.notify.codes import installation_key
from alerts.notify.console import ConsoleConfig
from alerts.notify.links import WelcomeLink, welcome_token
from alerts.notify.tables import OutboxRow
from alerts.people.accounts import AccountRow, has_password
from alerts.workflow.cases import Refused
from stream.state.database import reading, transaction
from tests.alerts.conftest import NOW

CONSOLE = ConsoleConfig(address="https://yuqing.example.com")
SECRET, OTHER = "江边的柳树绿了又黄了", "correct horse battery"
DAY = timedelta(days=1)


@pytest.fixture
def config(config: AlertsConfig) -> AlertsConfig:
    return replace(config, console=CONSOLE)


def invited(context: CaseContext, days: float = 0, person: str = "zhang_min") -> Invitation:
    return invite(context, CONSOLE, person, NOW + days * DAY, by="zhao_lei", client="10.0.0.9")


def token(invitation: Invitation) -> str:
    return invitation.address.rpartition("/")[2]


def test_an_invitation_is_a_link_and_one_mail(context: CaseContext) -> None:
    sent = invited(context)
    assert sent.address.startswith("https://yuqing.example.com/welcome/")
    assert sent.mailed_to == ("zhang.min@example.com",)
    with reading(context.engine) as session:
        (row,) = session.scalars(select(OutboxRow)).all()
        access = session.scalars(select(AccessRow)).one()
    message = message_from_bytes(row.message, policy=policy.default)
    assert (message["To"], row.cleared, row.step) == ("张敏 <zhang.min@example.com>", True, "invitation")
    assert "请设置登录密码" in message["Subject"]
    for part in message.iter_parts():
        assert sent.address in part.get_content()
    assert (access.what, access.person, access.detail) == ("invited", "zhang_min", "zhao_lei")


def test_asked_again_soon_it_is_the_same_and_later_another_one(context: CaseContext) -> None:
    first, again, later = invited(context), invited(context, 3), invited(context, 4)
    assert first == again
    assert later.address != first.address
    with reading(context.engine) as session:
        assert len(session.scalars(select(OutboxRow.message_id)).all()) == 2
    assert read_invited(context, token(first), NOW + 4 * DAY).why == ""


def test_nobody_is_invited_who_is_unknown_or_comes_by_a_proxy(context: CaseContext) -> None:
    with pytest.raises(Refused, match="没有「mallory」"):
        invited(context, person="mallory")
    with pytest.raises(Refused, match="统一认证"):
        invite(context, replace(CONSOLE, header="X-Remote-User"), "zhang_min", NOW, by="", client="")


def test_without_an_address_the_link_is_told_and_nothing_mailed(context: CaseContext) -> None:
    sent = invite(context, ConsoleConfig(), "zhang_min", NOW, by="", client="")
    assert sent.address.startswith("http://127.0.0.1:8420/welcome/")
    assert sent.mailed_to == ()


def test_the_link_sets_the_password_once(context: CaseContext) -> None:
    link = token(invited(context))
    old = begin_session(context.engine, "zhang_min", NOW)
    assert read_invited(context, link, NOW).person == "zhang_min"
    assert accept(context, link, SECRET, "10.0.0.9", NOW + DAY) == "zhang_min"
    with reading(context.engine) as session:
        row = session.get_one(AccountRow, "zhang_min")
        assert is_password(row.password, SECRET)
        assert row.changed_at == NOW + DAY
        assert has_password(session, "zhang_min")
    assert read_session(context.engine, old, NOW + DAY) is None
    assert "已使用过" in read_invited(context, link, NOW + DAY).why
    with pytest.raises(Refused, match="已使用过"):
        accept(context, link, OTHER, "10.0.0.9", NOW + DAY)


def test_every_link_of_before_is_useless_once_there_is_a_password_and_a_new_one_is_not(context: CaseContext) -> None:
    first = token(invited(context))
    with transaction(context.engine) as session:
        of_a_letter = welcome_token(installation_key(session), WelcomeLink("zhang_min", NOW - timedelta(hours=6)))
    accept(context, of_a_letter, SECRET, "10.0.0.9", NOW + timedelta(hours=1))
    assert "已使用过" in read_invited(context, first, NOW + DAY).why
    again = token(invited(context, 1))
    assert again != first
    accept(context, again, OTHER, "10.0.0.9", NOW + DAY + timedelta(hours=1))


def test_a_link_ends_after_a_week_and_an_altered_one_is_none(context: CaseContext) -> None:
    link = token(invited(context))
    assert read_invited(context, link, NOW + 7 * DAY).why == ""
    assert "已过期" in read_invited(context, link, NOW + 7.1 * DAY).why
    for wrong in (link[:-1], link[:-1] + ("a" if link[-1] != "a" else "b"), "", "x" * 500):
        with pytest.raises(Missing):
            read_invited(context, wrong, NOW)
    context.config.people.pop("zhang_min")
    with pytest.raises(Missing):
        read_invited(context, link, NOW)


def test_before_any_letter_had_a_link_none_is_believed(context: CaseContext) -> None:
    with pytest.raises(Missing):
        read_invited(context, "a" * 48, NOW)


def test_another_password_ends_every_session_but_this_one(context: CaseContext) -> None:
    here, there = (begin_session(context.engine, "zhang_min", NOW) for _ in range(2))
    other = begin_session(context.engine, "li_qiang", NOW)
    change_password(context, "zhang_min", OTHER, client="10.0.0.9", now=NOW, session_token=here)
    assert read_session(context.engine, here, NOW) is not None
    assert read_session(context.engine, there, NOW) is None
    assert read_session(context.engine, other, NOW) is not None


def test_a_password_taken_away_in_the_state_is_asked_for_again(context: CaseContext) -> None:
    accept(context, token(invited(context)), SECRET, "", NOW + timedelta(minutes=1))
    with transaction(context.engine) as session:
        session.execute(update(AccountRow).values(password=None))
        assert not has_password(session, "zhang_min")
    accept(context, token(invited(context, 1)), OTHER, "", NOW + DAY)
