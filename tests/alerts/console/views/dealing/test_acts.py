"""Acts and orders from a case's page: done once, by whom they are for, and never over what somebody else did."""

from collections.abc import Callable

import pytest
from sqlalchemy import select

from alerts.casefile.acting.orders import supervise
from alerts.casefile.acting.steps import act
from alerts.casefile.casework import open_case
from alerts.casefile.context import CaseContext
from alerts.casefile.papers import CopyRow, statements_of
from alerts.casefile.tables import CaseRow, EventRow
from alerts.console.views.dealing.acts import LONGEST_NOTE, in_plain_words
from alerts.desk.cases import HistoryEntry, read_details
from alerts.desk.register import Register
from alerts.workflow.cases import ActRequest, Order
from alerts.workflow.parts import Verdict
from stream.messages import ScoredPost
from stream.process.clock import ScriptedClock
from stream.state.database import reading, transaction
from tests.alerts.conftest import NOW
from tests.alerts.console.conftest import Browser, SignIn
from tests.alerts.console.views.dealing.casepages import MINUTE, WORDS, sent, steps
from tests.alerts.desk.dealing.conftest import snapshot_of

HOSTILE = '<script>alert(1)</script>"\u202e =HYPERLINK(1)'
TO_VERIFY = (("acknowledge", "zhang_min"), ("judge", "zhang_min", "属实"), ("report", "li_qiang", "已报"))


def walk(context: CaseContext, *told: tuple[str, ...], verdict: Verdict | None = None) -> None:
    for one in steps(*told):
        act(context, 1, one, NOW)
    if verdict is not None:
        act(context, 1, ActRequest("verify", "chen_wei", "查明", verdict), NOW)


def history(context: CaseContext, case: int = 1) -> list[HistoryEntry]:
    found = read_details(Register(context.engine, context.config, context.topics), case)
    return [one for one in found.history if one.is_act]


def row(context: CaseContext, case: int = 1) -> CaseRow:
    with reading(context.engine) as session:
        return session.get_one(CaseRow, case)


def test_acknowledging_is_one_tap_and_is_proven(signed_in: SignIn, context: CaseContext, opened: int) -> None:
    browser = signed_in("zhang_min")
    answer = browser.post(f"/case/{opened}/act", at=f"/case/{opened}", action="acknowledge")
    assert (answer.status_code, answer.headers["location"]) == (303, f"/case/{opened}")
    assert "已签收，现处于「初筛研判」" in browser.get(f"/case/{opened}").text
    (told,) = history(context)
    assert (told.kind, told.by, told.claimed) == ("acknowledge", "张敏", False)


def test_the_second_who_acknowledges_is_told_who_was_first_and_nothing_is_done_twice(
    signed_in: SignIn, context: CaseContext, opened: int
) -> None:
    first, second = signed_in("zhang_min"), signed_in("li_qiang")
    fields = {**second.form("/case/1", "/act"), "action": "acknowledge"}
    sent(first, "act", "acknowledge")
    assert second.send("/case/1/act", fields).status_code == 303
    assert "张敏已于 14:02 签收" in second.get("/case/1").text
    assert len(history(context)) == 1


def test_a_template_alone_is_a_note_and_goes_before_what_was_typed(
    signed_in: SignIn, context: CaseContext, opened: int
) -> None:
    browser = signed_in("zhang_min")
    answer = sent(browser, "act", "judge", template="属实舆情，予以上报", note="已电话联系站长")
    assert answer.status_code == 303
    assert [one.note for one in history(context)] == ["属实舆情，予以上报；已电话联系站长"]
    assert row(context).stage == "reporting"


def test_a_note_that_is_missing_or_too_long_is_asked_for_beside_its_field_and_what_was_typed_is_kept(
    signed_in: SignIn, context: CaseContext, opened: int
) -> None:
    browser = signed_in("zhang_min")
    answer = sent(browser, "act", "judge")
    assert answer.status_code == 422
    assert 'id="judge-note-mistake" role="alert">请选择或填写办理意见' in answer.text
    assert 'aria-describedby="judge-note-mistake"' in answer.text
    long = sent(browser, "act", "judge", note="长" * (LONGEST_NOTE + 1))
    assert long.status_code == 422
    assert f"办理意见最多 {LONGEST_NOTE} 字" in long.text
    assert "长" * LONGEST_NOTE in long.text
    assert history(context) == []


def test_another_desk_s_act_is_refused_in_words_and_the_text_is_kept(
    signed_in: SignIn, context: CaseContext, opened: int
) -> None:
    walk(context, *TO_VERIFY)
    answer = sent(signed_in("sun_li"), "act", "verify", seen="9", verdict="rumour", note="我来核实")
    assert answer.status_code == 409
    assert "孙丽不在可办理「核实」的岗位" in answer.text
    assert "我来核实" in answer.text
    assert row(context).stage == "verifying"


def test_a_verdict_is_asked_for_and_kept(signed_in: SignIn, context: CaseContext, opened: int) -> None:
    walk(context, *TO_VERIFY)
    browser = signed_in("chen_wei")
    for verdict in ("", "nonsense"):
        answer = sent(browser, "act", "verify", note="站内无异常", verdict=verdict)
        assert answer.status_code == 422
        assert "请选择核实结论" in answer.text
        assert "站内无异常</textarea>" in answer.text
    assert sent(browser, "act", "verify", note="站内无异常", verdict="rumour").status_code == 303
    assert row(context).verdict == "rumour"


def test_a_statement_is_written_approved_by_another_and_published(
    signed_in: SignIn, context: CaseContext, opened: int
) -> None:
    walk(context, *TO_VERIFY, verdict=Verdict.RUMOUR)
    writer, head = signed_in("zhang_min"), signed_in("li_qiang")
    assert "请填写口径文本" in sent(writer, "act", "draft").text
    assert "口径最多 20000 字" in sent(writer, "act", "draft", statement="长" * 20_001).text
    assert sent(writer, "act", "draft", statement=WORDS).status_code == 303
    assert sent(head, "act", "send_back", template="请补充事实依据").status_code == 303
    page = writer.get("/case/1").text
    assert f"{WORDS}</textarea>" in page, "what was sent back is there to be mended"
    assert sent(writer, "act", "draft", statement=WORDS + "无人员伤亡。").status_code == 303
    assert sent(writer, "act", "approve").status_code == 409
    assert sent(head, "act", "approve").status_code == 303
    assert sent(head, "act", "clarify", template="已在官网、公众号发布").status_code == 303
    with reading(context.engine) as session:
        first, second = statements_of(session, 1)
    assert (first.sent_back_by, second.approved_by) == ("李强", "李强")
    assert second.published_at == NOW


def test_somebody_was_quicker_both_versions_are_shown_and_nothing_is_overwritten(
    signed_in: SignIn, context: CaseContext, opened: int
) -> None:
    walk(context, *TO_VERIFY, verdict=Verdict.RUMOUR)
    slow, quick = signed_in("zhang_min"), signed_in("li_qiang")
    seen = str(len(read_details(Register(context.engine, context.config, context.topics), 1).history))
    assert sent(quick, "act", "draft", statement="李强的口径").status_code == 303
    answer = sent(slow, "act", "draft", seen=seen, statement="张敏的口径")
    assert answer.status_code == 409
    assert "您填写期间，事件有新情况，尚未提交" in answer.text
    assert "李强：拟定口径" in answer.text
    assert "李强的口径" in answer.text
    assert "张敏的口径" in answer.text
    with reading(context.engine) as session:
        assert [one.text for one in statements_of(session, 1)] == ["李强的口径"]


def test_a_form_that_was_overtaken_can_be_sent_again_after_a_look(
    signed_in: SignIn, context: CaseContext, opened: int
) -> None:
    browser = signed_in("zhang_min")
    walk(context, ("acknowledge", "li_qiang"))
    stale = sent(browser, "act", "judge", seen="1", note="属实")
    assert stale.status_code == 409
    assert "李强：签收" in stale.text
    assert 'name="seen" value="2"' in stale.text
    assert sent(browser, "act", "judge", seen="2", note="属实").status_code == 303


@pytest.mark.parametrize("seen", ["", "x", "-1", "99999999999999999999"])
def test_a_form_that_does_not_say_what_it_saw_is_shown_the_case_first(
    signed_in: SignIn, context: CaseContext, opened: int, seen: str
) -> None:
    walk(context, ("acknowledge", "zhang_min"))
    assert sent(signed_in("zhang_min"), "act", "judge", seen=seen, note="属实").status_code == 409


def test_closing_asks_once_more_while_the_topic_rises_and_only_then(
    signed_in: SignIn, context: CaseContext, opened: int, rumour: Callable[..., list[ScoredPost]], clock: ScriptedClock
) -> None:
    walk(context, *TO_VERIFY, verdict=Verdict.NOT_OURS)
    rumour(40, NOW + 20 * MINUTE, first=100)
    clock.sleep(21 * 60)
    browser = signed_in("zhang_min")
    assert 'name="confirm"' not in browser.get("/case/1").text
    asked = sent(browser, "act", "close", note="诉求已办结")
    assert asked.status_code == 409
    assert "话题仍在上升：当前负面" in asked.text
    assert "--confirm" not in asked.text
    assert 'name="confirm" value="1"' in asked.text
    assert "诉求已办结</textarea>" in asked.text
    assert row(context).ended_at is None
    assert sent(browser, "act", "close", note="诉求已办结", confirm="1").status_code == 303
    assert history(context)[-1].detail["confirmed"] is True


def test_a_plan_names_a_desk_and_a_day_to_come(signed_in: SignIn, context: CaseContext, opened: int) -> None:
    walk(context, *TO_VERIFY, verdict=Verdict.TRUE)
    for one in steps(("draft", "zhang_min"), ("approve", "li_qiang"), ("respond", "li_qiang", "官网")):
        told = ActRequest("draft", "zhang_min", statement=WORDS) if one.action == "draft" else one
        act(context, 1, told, NOW)
    browser = signed_in("chen_wei")
    wrong = sent(browser, "act", "plan_remedy", note="更换设备", until="2026-09-01")
    assert "请选择责任岗位" in wrong.text
    assert "请填写今后的日期" in wrong.text
    assert 'value="2026-09-01"' in wrong.text
    answer = sent(browser, "act", "plan_remedy", note="更换设备", owner="safety", until="2026-09-30")
    assert answer.status_code == 303
    assert "安全监察部" in browser.get("/case/1").text
    assert sent(signed_in("wu_tao"), "act", "remedied", template="已整改到位，现场照片存档").status_code == 303


def test_hostile_words_in_every_field_are_words(signed_in: SignIn, context: CaseContext, opened: int) -> None:
    browser = signed_in("zhang_min")
    names = ("note", "template", "verdict", "statement", "owner", "until", "confirm")
    answer = sent(browser, "act", "judge", **dict.fromkeys(names, HOSTILE))
    page = browser.get("/case/1").text if answer.status_code == 303 else answer.text
    assert "<script>alert" not in page
    refused = sent(browser, "order", "regrade", grade=HOSTILE, desk=HOSTILE, into=HOSTILE, note=HOSTILE)
    assert refused.status_code == 422
    assert "<script>alert" not in refused.text


@pytest.mark.parametrize("kind", ["act", "order"])
def test_what_nobody_can_do_is_not_there(signed_in: SignIn, opened: int, kind: str) -> None:
    assert sent(signed_in("zhang_min"), kind, "delete_everything").status_code == 404


@pytest.mark.parametrize("kind", ["act", "order"])
def test_who_may_not_see_the_case_does_nothing_to_it(
    signed_in: SignIn, context: CaseContext, guest: str, opened: int, kind: str
) -> None:
    browser = signed_in(guest)
    page = browser.form("/case/1", "/signout")
    with transaction(context.engine) as session:
        for copy in session.scalars(select(CopyRow)):
            session.delete(copy)
    fields = {"form_token": page["form_token"], "seen": "9", "action": "acknowledge", "order": "supervise", "note": "x"}
    assert browser.send(f"/case/{opened}/{kind}", fields).status_code == 404


def test_who_has_a_copy_alone_acts_on_nothing(signed_in: SignIn, context: CaseContext, guest: str, opened: int) -> None:
    browser = signed_in(guest)
    token = browser.form("/case/1", "/signout")["form_token"]
    answer = browser.send("/case/1/act", {"form_token": token, "seen": "9", "action": "acknowledge"})
    assert answer.status_code == 409
    assert "何来不在可办理「签收」的岗位" in answer.text
    assert [one.kind for one in history(context)] == ["copy"]


class TestOrders:
    def test_a_step_is_handed_to_another_desk(self, signed_in: SignIn, context: CaseContext, opened: int) -> None:
        browser = signed_in("zhang_min")
        assert "请选择岗位" in sent(browser, "order", "assign", note="属贵岗位职责").text
        assert sent(browser, "order", "assign", desk="dispatch", note="属贵岗位职责").status_code == 303
        page = browser.get("/case/1").text
        assert "已办理：转办" in page
        assert "轮到：调度抢修中心（陈伟）" in page

    def test_people_are_given_copies(self, signed_in: SignIn, context: CaseContext, opened: int) -> None:
        browser = signed_in("zhang_min")
        assert "请选择抄送给谁" in sent(browser, "order", "copy", template="请知悉").text
        answer = sent(browser, "order", "copy", template="请知悉", people=["wang_fang", "wu_tao"])
        assert answer.status_code == 303
        assert "抄送：王芳、吴涛" in browser.get("/case/1").text

    def test_a_leader_supervises_and_nobody_else(self, signed_in: SignIn, context: CaseContext, opened: int) -> None:
        refused = sent(signed_in("zhang_min"), "order", "supervise", note="抓紧")
        assert refused.status_code == 409
        assert "不在可办理「督办」的岗位" in refused.text
        assert "未提交的内容" in refused.text
        leader = signed_in("wang_fang")
        assert sent(leader, "order", "supervise", template="影响较大，请抓紧办理").status_code == 303
        assert " · 督办" in leader.get("/case/1").text

    def test_a_grade_is_set_by_hand(self, signed_in: SignIn, context: CaseContext, opened: int) -> None:
        browser = signed_in("zhang_min")
        assert "请选择等级" in sent(browser, "order", "regrade", note="影响扩大").text
        assert sent(browser, "order", "regrade", note="影响扩大", grade="orange").status_code == 303
        assert row(context).grade == "orange"
        assert "等级由张敏认定" in browser.get("/case/1").text

    def test_a_case_goes_into_another_one_which_is_shown_then(
        self, signed_in: SignIn, context: CaseContext, opened: int
    ) -> None:
        with transaction(context.engine) as session:
            other = open_case(session, context, snapshot_of("elsewhere", NOW), (), NOW)
        browser = signed_in("zhang_min")
        assert f'<option value="{other.id}">事件{other.id}' in browser.get("/case/1").text
        assert "请选择并入哪个事件" in sent(browser, "order", "merge", note="同一事件").text
        answer = sent(browser, "order", "merge", note="同一事件", into=str(other.id))
        assert answer.headers["location"] == f"/case/{other.id}"
        assert "本事件已并入" in browser.get("/case/1").text
        assert '<a href="/case/1">事件1</a>' in browser.get(f"/case/{other.id}").text

    def test_posts_become_a_case_of_their_own(self, signed_in: SignIn, context: CaseContext, opened: int) -> None:
        browser = signed_in("zhang_min")
        assert "请选择拆分哪些帖文" in sent(browser, "order", "split", note="另一事件").text
        found = read_details(Register(context.engine, context.config, context.topics), 1).snapshot
        assert found is not None
        answer = sent(browser, "order", "split", note="另一事件", posts=[found.posts[0]])
        assert answer.headers["location"] == "/case/2"
        assert '由<a href="/case/1">事件1</a>拆分' in browser.get("/case/2").text

    def test_an_order_on_a_case_that_moved_on_is_not_given(
        self, signed_in: SignIn, context: CaseContext, opened: int
    ) -> None:
        supervise(context, 1, Order("wang_fang", "影响较大", claimed=False), NOW)
        answer = sent(signed_in("zhang_min"), "order", "regrade", seen="1", grade="red", note="影响扩大")
        assert answer.status_code == 409
        assert "王芳：督办" in answer.text
        assert "影响扩大</textarea>" in answer.text
        assert row(context).grade == "yellow"

    def test_a_refused_order_says_why_and_keeps_its_reason(
        self, signed_in: SignIn, context: CaseContext, opened: int
    ) -> None:
        answer = sent(signed_in("zhang_min"), "order", "assign", desk="publicity", note="请办理")
        assert answer.status_code == 409
        assert "「签收」已在宣传部舆情值班" in answer.text
        assert "请办理</textarea>" in answer.text


@pytest.mark.parametrize(
    ("told", "plain"),
    [
        ("事件 1 已结（误报），如需继续办理请先重新启动 reopen", "事件 1 已结（误报），如需继续办理请先重新启动"),
        ("不能办理「核实结论」；可以：签收 acknowledge、上报 report", "不能办理「核实结论」；可以：签收、上报"),
        ("安排整改要给出责任岗位 --owner 和完成期限 --until", "安排整改要给出责任岗位 和完成期限"),
        ("张敏不在可办理「核实」的岗位", "张敏不在可办理「核实」的岗位"),
    ],
)
def test_a_refusal_names_no_command(told: str, plain: str) -> None:
    assert in_plain_words(told) == plain


def test_nothing_is_done_by_opening_an_act_s_address(signed_in: SignIn, context: CaseContext, opened: int) -> None:
    browser: Browser = signed_in("zhang_min")
    for path in ("act?action=acknowledge", "order?order=supervise"):
        assert browser.get(f"/case/{opened}/{path}").status_code == 405
    assert history(context) == []
    with reading(context.engine) as session:
        assert len(list(session.scalars(select(EventRow)))) == 1
