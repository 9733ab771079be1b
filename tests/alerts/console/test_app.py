"""Nobody comes in unknown, nothing is done without a form of ours, and every answer has its headers."""

from collections.abc import Iterator
from ipaddress import IPv4Address

import pytest
from starlette.testclient import TestClient

from alerts.console.accounts.sessions import form_token
from alerts.console.app import build_app
from alerts.console.door import Answer, Call, Door, Missing, Moved, OpenDoor, Premises, Shown, Visit
from alerts.console.doors import DOORS
from alerts.notify.console import ConsoleConfig
from alerts.workflow.cases import Refused
from stream.errors import Retryable
from stream.process.clock import ScriptedClock
from tests.alerts.console.conftest import BASE, Browser, SignIn


def concrete(path: str) -> str:
    """A path with something in the place of each of its names."""
    return path.replace("{number}", "1").replace("{token}", "x")


SHOWN = [door for door in DOORS if isinstance(door, Door) and door.show]
ACTED = [door for door in DOORS if isinstance(door, Door) and door.act]


@pytest.mark.parametrize("door", SHOWN, ids=lambda door: door.path)
def test_whoever_has_not_signed_in_is_sent_to_do_so(anybody: Browser, door: Door) -> None:
    answer = anybody.get(concrete(door.path))
    assert answer.status_code == 303
    assert answer.headers["location"].startswith("/signin?then=")


@pytest.mark.parametrize("door", ACTED, ids=lambda door: door.path)
def test_nobody_who_has_not_signed_in_acts_and_what_was_typed_is_kept(anybody: Browser, door: Door) -> None:
    answer = anybody.send(concrete(door.path), {"note": "已电话联系站长", "form_token": "x"})
    assert answer.status_code == 401
    assert "您填写的内容还在" in answer.text
    assert 'name="kept-note" value="已电话联系站长"' in answer.text


@pytest.mark.parametrize("door", ACTED, ids=lambda door: door.path)
def test_no_act_is_done_without_the_token_of_a_form(signed_in: SignIn, door: Door) -> None:
    browser = signed_in("zhao_lei")
    assert browser.send(concrete(door.path), {}).status_code == 400
    assert browser.send(concrete(door.path), {"form_token": "0" * 64}).status_code == 400


@pytest.mark.parametrize("door", [one for one in ACTED if one.show is None], ids=lambda door: door.path)
def test_to_open_an_act_s_address_does_nothing_and_says_so(signed_in: SignIn, door: Door) -> None:
    answer = signed_in("zhao_lei").get(concrete(door.path))
    assert answer.status_code == 405
    assert "不会办理任何事项" in answer.text


@pytest.mark.parametrize(
    "door", [one for one in DOORS if one.who.value == "administrators"], ids=lambda door: door.path
)
def test_what_is_for_administrators_is_refused_to_others(signed_in: SignIn, door: Door) -> None:
    browser = signed_in("zhang_min")
    answer = browser.get(concrete(door.path)) if door.show else browser.send(concrete(door.path), {})
    assert answer.status_code == 403


def test_a_page_that_is_not_there_says_where_to_look(signed_in: SignIn) -> None:
    answer = signed_in("zhang_min").get("/cases/of/old")
    assert answer.status_code == 404
    assert "全部事件" in answer.text


def test_every_answer_has_its_headers(signed_in: SignIn) -> None:
    found = signed_in("zhang_min").get("/").headers
    assert "script-src 'self'" in found["content-security-policy"]
    assert "unsafe" not in found["content-security-policy"]
    assert (found["cache-control"], found["x-content-type-options"]) == ("no-store", "nosniff")
    assert (found["referrer-policy"], found["x-frame-options"]) == ("same-origin", "DENY")


def test_files_of_ours_are_kept_by_browsers_and_known_by_their_contents(signed_in: SignIn) -> None:
    browser = signed_in("zhang_min")
    page = browser.get("/").text
    path = page.split('rel="stylesheet" href="')[1].split('"')[0]
    answer = browser.get(path)
    assert answer.status_code == 200
    assert "immutable" in answer.headers["cache-control"]


@pytest.mark.parametrize(
    "headers",
    [{"origin": "https://evil.example"}, {"sec-fetch-site": "cross-site"}, {"origin": "null"}],
    ids=["origin", "fetch site", "null"],
)
def test_a_form_of_another_site_is_refused(signed_in: SignIn, headers: dict[str, str]) -> None:
    browser = signed_in("zhang_min")
    assert browser.send("/signout", browser.form("/", "/signout"), **headers).status_code == 403
    assert browser.get("/").status_code == 200


def test_another_host_s_name_is_answered_by_nobody(anybody: Browser) -> None:
    assert anybody.get("/signin", host="rebound.example").status_code == 421


def test_a_body_without_an_end_is_cut_off(signed_in: SignIn) -> None:
    browser = signed_in("zhang_min")
    assert browser.send("/signout", {"note": "长" * 500_000}).status_code == 413


def test_a_session_ends_after_a_shift_without_a_visit_and_after_a_week(signed_in: SignIn, clock: ScriptedClock) -> None:
    browser = signed_in("zhang_min")
    for _ in range(13):
        clock.sleep(11 * 3600)
        assert browser.get("/").status_code == 200
    clock.sleep(13 * 3600)
    assert browser.get("/").status_code == 303
    browser = signed_in("zhang_min")
    for _ in range(15):
        clock.sleep(11 * 3600)
        browser.get("/")
    clock.sleep(11 * 3600)
    assert browser.get("/").status_code == 303


def test_signing_out_ends_the_session_for_whoever_has_its_cookie(signed_in: SignIn) -> None:
    browser = signed_in("zhang_min")
    assert browser.post("/signout", at="/").headers["location"] == "/signin"
    assert browser.get("/").status_code == 303


def test_who_left_the_configuration_is_signed_out(signed_in: SignIn, premises: Premises) -> None:
    browser = signed_in("zhang_min")
    premises.context.config.people.pop("zhang_min")
    assert browser.get("/").status_code == 303


def refusing(visit: Visit) -> Answer:
    raise Refused("事件 1 已结")


def missing(visit: Visit) -> Answer:
    raise Missing("没有事件 7")


def waiting(visit: Visit) -> Answer:
    raise Retryable("database is locked")


def failing(visit: Visit) -> Answer:
    raise ZeroDivisionError("secret of the inside")


def moving(visit: Visit) -> Answer:
    return Moved("/shown", "已签收")


def shown(visit: Visit) -> Answer:
    return Shown("trouble.html", {"status": 404, "why": "", "code": ""})


def open_to_all(call: Call) -> Answer:
    return Shown("signin.html", {"then": "", "kept": (), "why": "", "name": ""})


MADE = (
    *(Door(path=f"/{one.__name__}", show=one) for one in (refusing, missing, waiting, failing, moving, shown)),
    OpenDoor(path="/signin", show=open_to_all),
)


@pytest.fixture
def tried(premises: Premises, clock: ScriptedClock, signed_in: SignIn) -> Iterator[Browser]:
    cookies = signed_in("zhang_min").client.cookies
    with TestClient(build_app(premises, MADE, clock), base_url=BASE, follow_redirects=False) as client:
        client.cookies = cookies
        yield Browser(client)


@pytest.mark.parametrize(
    ("path", "status", "words"),
    [
        ("/refusing", 409, "事件 1 已结"), ("/missing", 404, "没有事件 7"), ("/waiting", 503, "database is locked"),
        ("/failing", 500, "编号"),
    ],
)  # fmt: skip
def test_what_goes_wrong_is_a_sentence_on_a_page(tried: Browser, path: str, status: int, words: str) -> None:
    answer = tried.get(path)
    assert answer.status_code == status
    assert words in answer.text
    assert "secret of the inside" not in answer.text


def test_what_an_act_came_to_is_told_once(tried: Browser) -> None:
    assert tried.get("/moving").headers["location"] == "/shown"
    assert "已签收" in tried.get("/shown").text
    assert "已签收" not in tried.get("/shown").text


class TestBehindAProxy:
    @pytest.fixture
    def console(self) -> ConsoleConfig:
        return ConsoleConfig(
            address="https://intra.example.com/wenfeng", header="X-Remote-User",
            proxies=(IPv4Address("127.0.0.1"),), administrators=(),
        )  # fmt: skip

    def visit(self, premises: Premises, clock: ScriptedClock, client: str, **headers: str) -> str:
        app = build_app(premises, DOORS, clock)
        with TestClient(
            app, base_url="https://intra.example.com", follow_redirects=False, client=(client, 5000)
        ) as test_client:
            answer = test_client.get("/wenfeng/", headers=headers)
        return answer.text if answer.status_code == 200 else answer.headers["location"]

    def test_who_the_proxy_names_is_in(self, premises: Premises, clock: ScriptedClock) -> None:
        page = self.visit(premises, clock, "127.0.0.1", **{"X-Remote-User": "zhang_min"})
        assert "张敏" in page
        assert 'href="/wenfeng/cases"' in page

    def test_whom_the_proxy_names_acts_by_forms_that_nobody_else_could_make(
        self, premises: Premises, clock: ScriptedClock
    ) -> None:
        app = build_app(premises, DOORS, clock)
        base = "https://intra.example.com"
        with TestClient(app, base_url=base, follow_redirects=False, client=("127.0.0.1", 5000)) as client:
            browser = Browser(client)
            client.headers["X-Remote-User"] = "zhang_min"
            fields = browser.form("/wenfeng/", "/signout")
            assert browser.send("/wenfeng/signout", {"form_token": form_token("zhang_min")}).status_code == 400
            assert browser.send("/wenfeng/signout", fields).status_code == 303

    def test_nobody_else_s_word_is_believed(self, premises: Premises, clock: ScriptedClock) -> None:
        to = self.visit(premises, clock, "10.0.0.9", **{"X-Remote-User": "zhang_min"})
        assert to == "/wenfeng/signin?then=%2F"

    def test_a_stranger_s_name_lets_nobody_in(self, premises: Premises, clock: ScriptedClock) -> None:
        assert self.visit(premises, clock, "127.0.0.1", **{"X-Remote-User": "mallory"}).startswith("/wenfeng/signin")

    def test_a_session_s_cookie_is_sent_over_tls_alone(self, premises: Premises) -> None:
        from starlette.responses import Response

        from alerts.console.app import with_cookie

        told = with_cookie(Response(), premises.console, "t").headers["set-cookie"]
        assert told == "__Host-wenfeng=t; HttpOnly; Path=/; SameSite=lax; Secure"
