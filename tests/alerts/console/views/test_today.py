"""今日: what is mine stands first with its act, an empty page proves itself, and a part that is away is said."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from sqlalchemy import delete, select, update

from alerts.casefile.tables import CaseRow, EventRow
from alerts.console.door import Premises
from alerts.desk.cases import act_on_case
from alerts.notify.tables import OutboxRow
from alerts.workflow.cases import ActRequest
from stream.errors import Retryable
from stream.messages import ScoredPost
from stream.process.clock import ScriptedClock
from stream.state.database import reading, transaction
from stream.state.source_health import SourceHealth
from tests.alerts.conftest import NOW
from tests.alerts.console.conftest import SignIn

HOUR = timedelta(hours=1)


def stage(premises: Premises, case_id: int) -> tuple[str, str | None, int]:
    with reading(premises.context.engine) as session:
        row = session.get_one(CaseRow, case_id)
        events = session.scalars(select(EventRow).where(EventRow.case_id == case_id)).all()
        return row.stage, row.acknowledged_by, len(events)


def group(page: str, name: str) -> str:
    """The part of the page under a heading; "" where there is none."""
    _, found, rest = page.partition(f"<h2>{name}")
    return rest.partition("<h2>")[0] if found else ""


def test_an_empty_page_proves_that_silence_is_calm(signed_in: SignIn, quiet_weeks: None) -> None:
    page = signed_in("zhang_min").get("/").text
    assert "来源正常，最近采集" in page
    assert ">14:02</time>" in page
    assert "没有等您办理的事项。" in page
    assert "目前没有未结事件。" in page
    assert "平静" in group(page, "话题")


def test_an_empty_page_names_what_is_blind(signed_in: SignIn, premises: Premises, now: datetime) -> None:
    with transaction(premises.context.engine) as session:
        session.execute(
            update(SourceHealth).values(state="failed", reason="HTTP 503", fresh_until=now - HOUR)
        )  # fmt: skip
    page = signed_in("zhang_min").get("/").text
    assert "没有消息不等于没有事" in page
    assert "话题「停电抢修」的信息源全部读取不到" in page
    assert "来源正常" not in page
    with transaction(premises.context.engine) as session:
        session.execute(delete(SourceHealth))
    assert "还没有任何来源采集成功" in signed_in("zhang_min").get("/").text


def test_my_turn_stands_with_its_claim_clock_next_desk_and_button(signed_in: SignIn, opened: int) -> None:
    page = signed_in("zhang_min").get("/").text
    mine = group(page, "轮到我")
    for words in ("较大", "还剩 1 小时", "听说好几个小区停电三天没人管", "宣传部舆情值班", "逾期转宣传部负责人"):
        assert words in mine
    assert f'action="/today/{opened}"' in mine
    assert f'href="/case/{opened}"' in mine
    assert "近 24 小时负面 33 条，单小时最多 30 条" in mine
    assert "异常上升" in group(page, "话题")


def test_others_see_whose_turn_it_is_and_no_button(signed_in: SignIn, opened: int) -> None:
    page = signed_in("sun_li").get("/").text
    others = group(page, "别人在办")
    assert "听说好几个小区停电三天没人管" in others
    assert "<form" not in others
    assert "没有等您办理的事项。" in group(page, "轮到我")


def test_a_limit_that_is_over_says_so(signed_in: SignIn, opened: int, clock: ScriptedClock) -> None:
    clock.sleep(3600 + 180)
    assert "已超时 3 分钟" in group(signed_in("zhang_min").get("/").text, "轮到我")


def test_the_button_on_the_row_acknowledges_once_and_tells_the_second(
    signed_in: SignIn, premises: Premises, opened: int
) -> None:
    browser = signed_in("zhang_min")
    form = browser.form("/", f"/today/{opened}")
    answer = browser.send(f"/today/{opened}", form)
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    page = browser.get("/").text
    assert f"事件 {opened}：已签收" in page
    assert f'去办理：初筛研判<span class="unseen">（事件 {opened}）' in page
    stood = stage(premises, opened)
    assert stood[:2] == ("screening", "张敏")
    assert browser.send(f"/today/{opened}", form).status_code == 303
    assert "张敏已于 14:02 签收" in browser.get("/").text
    assert stage(premises, opened) == stood


def test_what_was_signed_for_and_not_begun_stands_by_itself(signed_in: SignIn, premises: Premises, opened: int) -> None:
    act_on_case(premises.context, opened, ActRequest("acknowledge", "zhang_min"), NOW)
    signed = group(signed_in("li_qiang").get("/").text, "已签收未办")
    assert "张敏已签收" in signed
    assert "听说好几个小区停电三天没人管" in signed


def test_an_act_of_another_role_is_refused_in_words(signed_in: SignIn, premises: Premises, opened: int) -> None:
    form = signed_in("zhang_min").form("/", f"/today/{opened}")
    browser = signed_in("sun_li")
    token = browser.form("/", "/signout")["form_token"]
    answer = browser.send(f"/today/{opened}", form | {"form_token": token})
    assert answer.status_code == 409
    assert "孙丽不在可办理「签收」的岗位" in answer.text
    assert stage(premises, opened)[1] is None


@pytest.mark.parametrize("action", ["judge_false_alarm", "", "<script>"])
def test_no_other_step_is_done_from_here(signed_in: SignIn, premises: Premises, opened: int, action: str) -> None:
    browser = signed_in("zhang_min")
    answer = browser.send(f"/today/{opened}", browser.form("/", f"/today/{opened}") | {"action": action})
    assert (answer.status_code, "本页只能签收" in answer.text) == (409, True)
    assert stage(premises, opened)[0] == "screening"


@pytest.mark.parametrize("number", ["x", "0", "99999", "9" * 40, "１"])
def test_a_case_that_is_not_there_is_no_error_of_ours(signed_in: SignIn, opened: int, number: str) -> None:
    browser = signed_in("zhang_min")
    form = browser.form("/", f"/today/{opened}")
    assert browser.send(f"/today/{number}", form).status_code in (404, 409)


def test_to_look_changes_nothing(signed_in: SignIn, premises: Premises, opened: int) -> None:
    before = stage(premises, opened)
    browser = signed_in("zhang_min")
    for path in ("/", "/today/rows", "/wall", "/wall/rows"):
        assert browser.get(path).status_code == 200
    assert browser.get(f"/today/{opened}").status_code == 405
    assert stage(premises, opened) == before


def test_the_refresh_has_the_rows_of_the_page_and_no_page_round_them(signed_in: SignIn, opened: int) -> None:
    browser = signed_in("zhang_min")
    page, rows = browser.get("/").text, browser.get("/today/rows").text
    assert 'data-refresh="/today/rows"' in page
    assert "<html" not in rows
    assert rows.strip() in page


def test_a_case_closed_in_the_wave_says_that_its_topic_rises(
    signed_in: SignIn, premises: Premises, opened: int
) -> None:
    act_on_case(premises.context, opened, ActRequest("judge_false_alarm", "zhang_min", "演练"), NOW)
    risen = group(signed_in("zhang_min").get("/").text, "已结但仍在涨")
    assert "已结，话题再度上升" in risen
    assert f'href="/case/{opened}"' in risen
    assert "<form" not in risen


HOSTILE = "<script>alert(1)</script>\u202e=cmd|'/c calc'!A1 <b style=color:red>停电" + "长" * 100_000


def test_what_strangers_wrote_is_shown_as_text_and_short(
    signed_in: SignIn, premises: Premises, quiet_weeks: None, rumour: Callable[..., list[ScoredPost]], watcher: object
) -> None:
    rumour(30, text=HOSTILE)
    watcher.look(NOW)  # type: ignore[attr-defined]
    with transaction(premises.context.engine) as session:
        session.execute(update(OutboxRow).values(notice=None))
    page = signed_in("zhang_min").get("/").text
    assert "&lt;script&gt;alert(1)" in page
    for raw in ("<script>alert", "\u202e", "<b style"):
        assert raw not in page
    assert len(page.encode()) < 30_000


class Away:
    """An index that does not answer."""

    def __getattr__(self, name: str) -> Callable[..., object]:
        def ask(*args: object, **named: object) -> object:
            raise Retryable("index: no answer")

        return ask


class TestWithoutTheIndex:
    @pytest.fixture
    def premises(self, premises: Premises, opened: int) -> Premises:
        return replace(premises, context=replace(premises.context, reader=Away()))  # type: ignore[arg-type]

    def test_cases_are_listed_and_the_missing_part_is_said(self, signed_in: SignIn, opened: int) -> None:
        page = signed_in("zhang_min").get("/").text
        assert f'action="/today/{opened}"' in page
        assert "话题走势暂时读不到（index: no answer）" in page
