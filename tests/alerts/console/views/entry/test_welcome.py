"""The first password, from the link; and who may send somebody such a link."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from alerts.console.accounts.inviting import invite
from alerts.console.door import Premises
from alerts.notify.tables import OutboxRow
from alerts.people.accounts import AccountRow
from stream.process.clock import ScriptedClock
from stream.state.database import reading
from tests.alerts.conftest import NOW
from tests.alerts.console.conftest import Browser, SignIn

SECRET = "江边的柳树绿了又黄了"
SENT = "/accounts/zhang_min/invite"


@pytest.fixture
def link(premises: Premises) -> str:
    """The path of a link to set Zhang Min's password, issued a minute ago."""
    sent = invite(premises.context, premises.console, "zhang_min", NOW - timedelta(minutes=1), by="", client="")
    return sent.address.removeprefix(premises.console.base)


def has_any(premises: Premises) -> bool:
    with reading(premises.context.engine) as session:
        return session.scalars(select(AccountRow.password)).one() is not None


def test_the_link_sets_the_password_and_signs_in(anybody: Browser, link: str, premises: Premises) -> None:
    page = anybody.get(link)
    assert page.status_code == 200
    assert "张敏，您好" in page.text
    assert not has_any(premises)
    answer = anybody.post(link, password=SECRET, again=SECRET)
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    assert "张敏" in anybody.get("/").text
    assert anybody.get(link).status_code == 410
    assert (
        anybody.send(link, {"password": "correct horse battery", "again": "correct horse battery"}).status_code == 410
    )


@pytest.mark.parametrize(
    ("typed", "again", "said"),
    [("short", "short", "至少 10 个字符"), (SECRET, "另外一句很长的话", "不一致"),
     ("zhangmin2026", "zhangmin2026", "不能以姓名")],
)  # fmt: skip
def test_what_cannot_be_is_said_beside_the_field(
    anybody: Browser, link: str, premises: Premises, typed: str, again: str, said: str
) -> None:
    answer = anybody.post(link, password=typed, again=again)
    assert answer.status_code == 422
    assert 'id="password-mistake"' in answer.text
    assert said in answer.text
    assert not has_any(premises)


def test_a_scanner_that_opens_it_changes_nothing(anybody: Browser, link: str, premises: Premises) -> None:
    for _ in range(3):
        assert anybody.client.get(link).status_code == 200
        assert anybody.client.head(link).status_code == 200
    assert not has_any(premises)


def test_a_link_that_is_none_says_where_to_turn(anybody: Browser) -> None:
    answer = anybody.get("/welcome/abc")
    assert answer.status_code == 404
    assert "联系管理员" in answer.text
    assert anybody.send("/welcome/abc", {"password": SECRET, "again": SECRET}).status_code == 404


def test_an_old_link_says_so(anybody: Browser, link: str, clock: ScriptedClock) -> None:
    clock.sleep(8 * 24 * 3600)
    assert "已过期" in anybody.get(link).text


def test_an_administrator_sends_somebody_a_link(signed_in: SignIn, premises: Premises) -> None:
    browser = signed_in("zhao_lei")
    token = browser.form("/", "/signout")["form_token"]
    answer = browser.send(SENT, {"form_token": token})
    assert answer.headers["location"] == "/system"
    with reading(premises.context.engine) as session:
        assert list(session.scalars(select(OutboxRow.recipient))) == ["zhang.min@example.com"]
    assert browser.send("/accounts/mallory/invite", {"form_token": token}).status_code == 404


def test_nobody_else_does(signed_in: SignIn, premises: Premises) -> None:
    browser = signed_in("li_qiang")
    token = browser.form("/", "/signout")["form_token"]
    assert browser.send(SENT, {"form_token": token}).status_code == 403
    assert browser.get(SENT).status_code == 405
    with reading(premises.context.engine) as session:
        assert session.scalars(select(OutboxRow)).all() == []
