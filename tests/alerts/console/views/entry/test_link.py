"""From the letter to 签收 without a login: four digits and one button."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from sqlalchemy import func, select

from alerts.casefile.context import CaseContext
from alerts.casefile.tables import EventRow
from alerts.config import AlertsConfig
from alerts.console.tables import SpentLinkRow
from alerts.notify.console import ConsoleConfig
from alerts.notify.contents.notice import Notice, read_notice
from alerts.notify.tables import OutboxRow
from alerts.watch import Watcher
from stream.messages import ScoredPost
from stream.state.database import reading
from tests.alerts.conftest import NOW
from tests.alerts.console.conftest import BASE, Browser

HOSTILE = "<script>alert(1)</script>\u202e停电三天=HYPERLINK(1)"


@pytest.fixture
def config(config: AlertsConfig, console: ConsoleConfig) -> AlertsConfig:
    return replace(config, console=console)


@pytest.fixture
def letter(context: CaseContext, quiet_weeks: None, rumour: Callable[..., list[ScoredPost]]) -> Notice:
    """The first letter of case 1; what the posts say is hostile."""
    rumour(30, text=HOSTILE)
    Watcher(context, [], "w").look(NOW)
    with reading(context.engine) as session:
        kept = session.scalars(select(OutboxRow.notice)).first()
    assert kept is not None
    return read_notice(kept)


def path(letter: Notice) -> str:
    return letter.signing.removeprefix(BASE)


def written(context: CaseContext) -> tuple[int, int]:
    with reading(context.engine) as session:
        events = session.scalar(select(func.count()).select_from(EventRow)) or 0
        return events, session.scalar(select(func.count()).select_from(SpentLinkRow)) or 0


def test_the_page_says_what_it_is_about_and_asks_for_the_digits(anybody: Browser, letter: Notice) -> None:
    page = anybody.get(path(letter))
    assert page.status_code == 200
    assert "停电抢修" in page.text
    assert "张敏，请输入来信中的“回执四位码”" in page.text
    assert 'inputmode="numeric"' in page.text
    assert "签收时限 15:02" in page.text or "签收时限" in page.text
    assert letter.digits not in page.text
    assert "<script>alert" not in page.text
    assert "\u202e" not in page.text
    assert len(page.content) < 10_000


def test_a_scanner_that_opens_it_changes_nothing(anybody: Browser, letter: Notice, context: CaseContext) -> None:
    before = written(context)
    for _ in range(3):
        assert anybody.client.get(path(letter)).status_code == 200
        assert anybody.client.head(path(letter)).status_code == 200
    assert written(context) == before


def test_a_scanner_that_sends_the_form_signs_nothing(anybody: Browser, letter: Notice, context: CaseContext) -> None:
    before = written(context)
    assert anybody.post(path(letter)).status_code == 422
    assert written(context) == before


def test_the_digits_sign_and_the_page_says_so_and_leads_on(anybody: Browser, letter: Notice) -> None:
    answer = anybody.post(path(letter), digits=f" {letter.digits[:2]} {letter.digits[2:]} ")
    assert (answer.status_code, answer.headers["location"]) == (303, path(letter))
    page = anybody.get(path(letter)).text
    assert "已签收" in page
    assert "张敏已于 14:02 签收" in page
    assert 'href="/case/1"' in page
    assert 'name="digits"' not in page


def test_wrong_digits_are_told_beside_the_field(anybody: Browser, letter: Notice) -> None:
    wrong = f"{(int(letter.digits) + 7) % 10_000:04d}"
    answer = anybody.post(path(letter), digits=wrong)
    assert answer.status_code == 422
    assert "四位码不正确" in answer.text
    assert "还可输入 4 次" in answer.text
    assert 'aria-describedby="digits-mistake"' in answer.text


def test_a_form_of_another_site_does_not_sign(anybody: Browser, letter: Notice, context: CaseContext) -> None:
    before = written(context)
    answer = anybody.send(path(letter), {"digits": letter.digits}, origin="https://evil.example")
    assert answer.status_code == 403
    assert written(context) == before


def test_sent_twice_it_is_done_once(anybody: Browser, letter: Notice) -> None:
    assert anybody.send(path(letter), {"digits": letter.digits}).status_code == 303
    again = anybody.send(path(letter), {"digits": letter.digits})
    assert again.status_code == 422
    assert "张敏已于 14:02 签收" in again.text


def test_who_is_no_more_of_the_desk_is_refused_in_words(anybody: Browser, letter: Notice, context: CaseContext) -> None:
    desks = context.config.desks
    desks["publicity"] = replace(desks["publicity"], people=("sun_li",))
    answer = anybody.send(path(letter), {"digits": letter.digits})
    assert answer.status_code == 422
    assert "张敏不在可办理「签收」的岗位" in answer.text


def test_a_link_that_is_none_says_where_to_turn(anybody: Browser, letter: Notice) -> None:
    answer = anybody.get(path(letter)[:-1] + "1")
    assert answer.status_code == 404
    assert "从来信中重新打开" in answer.text
    assert anybody.send("/a/x", {"digits": "1234"}).status_code == 404
