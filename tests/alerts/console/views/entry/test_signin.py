"""Signing in: to where one was going and nowhere else, with what was typed before the session ended."""

from collections.abc import Iterator

import pytest
from argon2 import PasswordHasher
from sqlalchemy import select
from starlette.testclient import TestClient

from alerts.console.accounts.sessions import begin_session, read_session
from alerts.console.app import build_app, cookie_name
from alerts.console.door import Door, Moved, Premises, Visit
from alerts.console.doors import DOORS
from alerts.console.tables import AccessRow
from alerts.console.views.entry.signin import own_path
from alerts.people.accounts import AccountRow
from stream.process.clock import ScriptedClock
from stream.state.database import reading, transaction
from tests.alerts.conftest import NOW
from tests.alerts.console.conftest import BASE, Browser

SECRET = "江边的柳树绿了又黄了"
HOSTILE = "</textarea><script>alert(1)</script>\u202e=cmd"
sent: list[dict[str, list[str]]] = []


def take(visit: Visit) -> Moved:
    sent.append({name: [str(one) for one in visit.form.getlist(name)] for name in visit.form})
    return Moved("/")


@pytest.fixture
def anybody(premises: Premises, clock: ScriptedClock) -> Iterator[Browser]:
    """A browser in which nobody has signed in; Zhang Min has a password. There is one more act, which takes a form."""
    sent.clear()
    with transaction(premises.context.engine) as session:
        kept = PasswordHasher(time_cost=1, memory_cost=64).hash(SECRET)
        session.add(AccountRow(person="zhang_min", password=kept, invited_at=None, changed_at=NOW))
    app = build_app(premises, (*DOORS, Door(path="/taken/{number}", act=take)), clock)
    with TestClient(app, base_url=BASE, follow_redirects=False) as client:
        yield Browser(client)


def test_a_name_and_a_password_lead_in(anybody: Browser, premises: Premises) -> None:
    answer = anybody.post("/signin", name="张敏", password=SECRET)
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    assert "HttpOnly" in answer.headers["set-cookie"]
    assert "张敏" in anybody.get("/").text
    anybody.post("/signout", at="/")
    with reading(premises.context.engine) as session:
        assert list(session.scalars(select(AccessRow.what).order_by(AccessRow.id))) == ["signed_in", "signed_out"]


def test_a_wrong_password_says_so_and_keeps_the_name(anybody: Browser) -> None:
    answer = anybody.post("/signin", name="张敏", password="不是这个密码")
    assert answer.status_code == 401
    assert "姓名或密码不正确" in answer.text
    assert 'value="张敏"' in answer.text
    assert "不是这个密码" not in answer.text
    assert "set-cookie" not in answer.headers
    assert anybody.get("/").status_code == 303


def test_a_hostile_name_is_shown_as_words(anybody: Browser) -> None:
    answer = anybody.post("/signin", name='"><script>alert(1)</script>', password="x")
    assert "<script>alert" not in answer.text


def test_who_was_on_the_way_somewhere_gets_there(anybody: Browser) -> None:
    to = anybody.get("/me?a=1").headers["location"]
    answer = anybody.post("/signin", at=to, name="zhang_min", password=SECRET)
    assert answer.headers["location"] == "/me?a=1"


@pytest.mark.parametrize(
    "then",
    ["//evil.example", "https://evil.example", "/\\evil.example", "\\\\evil", "/\t/evil.example",
     "/\r\nSet-Cookie: a=b",
     "javascript:alert(1)", "evil.example", "", "/ /evil"],
)  # fmt: skip
def test_nobody_is_led_out_of_the_house(then: str) -> None:
    assert own_path(then) == "/"


@pytest.mark.parametrize("then", ["/", "/case/1", "/search?q=%E5%81%9C%E7%94%B5&n=2", "/case/1/act"])
def test_pages_of_ours_are_led_to(then: str) -> None:
    assert own_path(then) == then


def test_an_open_redirect_is_none(anybody: Browser) -> None:
    answer = anybody.post("/signin", name="zhang_min", password=SECRET, then="//evil.example/x")
    assert answer.headers["location"] == "/"


def test_a_session_begins_anew_at_sign_in(anybody: Browser, premises: Premises) -> None:
    old = begin_session(premises.context.engine, "li_qiang", NOW)
    anybody.client.cookies.set(cookie_name(premises.console), old)
    answer = anybody.send("/signin", {"name": "zhang_min", "password": SECRET, "then": "/"})
    assert old not in answer.headers["set-cookie"]
    assert read_session(premises.context.engine, old, NOW) is None


def test_a_session_that_ends_while_typing_loses_no_text(anybody: Browser) -> None:
    typed = {"note": "已电话联系站长\n" + HOSTILE, "verdict": "rumour", "long": "长" * 20_000, "form_token": "old"}
    refused = anybody.send("/taken/7", typed)
    assert refused.status_code == 401
    assert "您填写的内容还在" in refused.text
    fields = {"name": "zhang_min", "password": "falsch", "then": "/taken/7", "resend": "1"}
    fields |= {f"kept-{name}": value for name, value in typed.items() if name != "form_token"}
    again = anybody.send("/signin", fields)
    assert again.status_code == 401
    assert 'name="kept-verdict" value="rumour"' in again.text
    assert 'name="resend"' in again.text
    shown = anybody.send("/signin", fields | {"password": SECRET})
    assert shown.status_code == 200
    assert "继续提交" in shown.text
    assert 'action="/taken/7"' in shown.text
    assert "已电话联系站长" in shown.text
    assert "<script>alert" not in shown.text
    assert 'type="hidden" name="verdict" value="rumour"' in shown.text
    token = shown.text.split('name="form_token" value="')[1].split('"')[0]
    assert anybody.send("/taken/7", typed | {"form_token": token}).headers["location"] == "/"
    (found,) = sent
    assert found["note"][0].replace("\r\n", "\n") == typed["note"]


def test_an_act_without_a_field_is_asked_for_again_as_well(anybody: Browser) -> None:
    refused = anybody.send("/taken/7", {"form_token": "old"})
    assert 'name="resend"' in refused.text
    shown = anybody.send("/signin", {"name": "zhang_min", "password": SECRET, "then": "/taken/7", "resend": "1"})
    assert "继续提交" in shown.text
    assert 'action="/taken/7"' in shown.text


def test_a_proxy_that_is_believed_tells_whom_a_failure_is_counted_for(anybody: Browser, premises: Premises) -> None:
    with TestClient(anybody.client.app, base_url=BASE, client=("127.0.0.1", 5000)) as near:
        near.post("/signin", data={"name": "x", "password": "y"}, headers={"x-forwarded-for": "6.6.6.6, 10.0.0.5"})
        near.post("/signin", data={"name": "x", "password": "y"}, headers={"x-forwarded-for": "nonsense"})
    anybody.client.post("/signin", data={"name": "x", "password": "y"}, headers={"x-forwarded-for": "10.0.0.6"})
    with reading(premises.context.engine) as session:
        clients = list(session.scalars(select(AccessRow.client).order_by(AccessRow.id)))
    assert clients == ["10.0.0.5", "127.0.0.1", "testclient"]
