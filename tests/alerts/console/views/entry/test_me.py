"""我的账号: seats, browsers, another password."""

import pytest
from argon2 import PasswordHasher
from starlette.testclient import TestClient

from alerts.console.accounts.passwords import is_password
from alerts.console.app import build_app
from alerts.console.door import Premises
from alerts.console.doors import DOORS
from alerts.people.accounts import AccountRow
from stream.process.clock import ScriptedClock
from stream.state.database import reading, transaction
from tests.alerts.conftest import NOW
from tests.alerts.console.conftest import BASE, SignIn

SECRET, OTHER = "江边的柳树绿了又黄了", "correct horse battery"


@pytest.fixture(autouse=True)
def account(premises: Premises) -> None:
    with transaction(premises.context.engine) as session:
        kept = PasswordHasher(time_cost=1, memory_cost=64).hash(SECRET)
        session.add(AccountRow(person="zhang_min", password=kept, invited_at=None, changed_at=NOW))


def knows(premises: Premises, typed: str) -> bool:
    with reading(premises.context.engine) as session:
        return is_password(session.get_one(AccountRow, "zhang_min").password, typed)


def test_the_page_says_what_one_may_do(signed_in: SignIn) -> None:
    page = signed_in("zhang_min").get("/me").text
    assert "宣传部舆情值班" in page
    assert "所有事件：" in page
    assert "签收" in page
    assert "系统管理员" not in page
    assert "全部环节" in signed_in("wang_fang").get("/me").text
    assert "停电抢修" in signed_in("chen_wei").get("/me").text
    assert "系统管理员" in signed_in("zhao_lei").get("/me").text


def test_it_says_where_one_is_signed_in(premises: Premises, clock: ScriptedClock) -> None:
    app = build_app(premises, DOORS, clock)
    with TestClient(app, base_url=BASE, headers={"user-agent": "Phone <b>8</b>"}) as phone:
        phone.post("/signin", data={"name": "zhang_min", "password": SECRET})
        page = phone.get("/me").text
    assert "本机" in page
    assert "testclient" in page
    assert "Phone &lt;b&gt;8&lt;/b&gt;" in page


def test_another_password_signs_out_every_other_browser(signed_in: SignIn, premises: Premises) -> None:
    here, there = signed_in("zhang_min"), signed_in("zhang_min")
    answer = here.post("/me/password", at="/me", before=SECRET, password=OTHER, again=OTHER)
    assert answer.headers["location"] == "/me"
    assert "密码已修改" in here.get("/me").text
    assert there.get("/me").status_code == 303
    assert knows(premises, OTHER)


@pytest.mark.parametrize(
    ("before", "password", "again", "said"),
    [
        ("不是这个密码", OTHER, OTHER, "原密码不正确"), (SECRET, "short", "short", "至少 10 个字符"),
        (SECRET, OTHER, OTHER + "x", "两次输入的密码不一致"), (SECRET, "zhang_min1", "zhang_min1", "不能以姓名"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_said_beside_its_field(
    signed_in: SignIn, premises: Premises, before: str, password: str, again: str, said: str
) -> None:
    browser = signed_in("zhang_min")
    answer = browser.post("/me/password", at="/me", before=before, password=password, again=again)
    assert answer.status_code == 422
    assert said in answer.text
    assert "mistake" in answer.text
    assert knows(premises, SECRET)


def test_who_guesses_the_old_password_is_slowed_down(signed_in: SignIn, premises: Premises) -> None:
    browser = signed_in("zhang_min")
    fields = browser.form("/me", "/me/password") | {"before": "falsch", "password": OTHER, "again": OTHER}
    for _ in range(5):
        browser.send("/me/password", fields)
    answer = browser.send("/me/password", fields | {"before": SECRET})
    assert "尝试次数过多" in answer.text
    assert knows(premises, SECRET)


def test_one_signs_out_everywhere(signed_in: SignIn) -> None:
    here, there, other = signed_in("zhang_min"), signed_in("zhang_min"), signed_in("li_qiang")
    assert here.post("/me/everywhere", at="/me").headers["location"] == "/signin"
    assert here.get("/me").status_code == there.get("/me").status_code == 303
    assert other.get("/me").status_code == 200


def test_to_open_the_acts_does_nothing(signed_in: SignIn, premises: Premises) -> None:
    browser = signed_in("zhang_min")
    assert browser.get("/me/password").status_code == browser.get("/me/everywhere").status_code == 405
    assert browser.get("/me").status_code == 200
    assert knows(premises, SECRET)
