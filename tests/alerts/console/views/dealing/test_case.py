"""The page of a case: what is asked of whoever looks stands at its top, and nothing in it is a stranger's markup."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import delete, func, select

from alerts.casefile.acting.steps import act
from alerts.casefile.casework import open_case
from alerts.casefile.context import CaseContext
from alerts.casefile.papers import CopyRow
from alerts.casefile.tables import EventRow
from alerts.casefile.troubles.casework import open_incident
from alerts.console.tables import ViewingRow
from alerts.detection.grades import Grade
from alerts.incidents.kinds import Kind
from alerts.incidents.troubles import Trouble
from alerts.watch import Watcher
from alerts.workflow.cases import ActRequest
from alerts.workflow.parts import Verdict
from stream.index.sqlite.posts import SqliteIndexWriter
from stream.messages import ScoredPost
from stream.process.clock import ScriptedClock
from stream.state.database import reading, transaction
from tests.alerts.conftest import NOW, Write
from tests.alerts.console.conftest import Browser, SignIn
from tests.alerts.console.views.dealing.casepages import MINUTE, WORDS, steps
from tests.alerts.desk.dealing.conftest import snapshot_of

CLAIM = "听说好几个小区停电三天没人管"


def walk(context: CaseContext, *told: tuple[str, ...]) -> None:
    for one in steps(*told):
        act(context, 1, one, NOW)


def before(page: str, first: str, second: str) -> bool:
    return 0 <= page.find(first) < page.find(second)


def test_the_first_screen_says_the_claim_the_clock_whose_turn_and_what_is_asked(signed_in: SignIn, opened: int) -> None:
    page = signed_in("zhang_min").get(f"/case/{opened}").text
    assert f"网传：<bdi>{CLAIM}</bdi>" in page
    assert "还剩 1 小时" in page
    assert "<strong>轮到您</strong>：宣传部舆情值班（张敏），签收" in page
    assert "逾期转宣传部负责人" in page
    assert "首发：" in page
    assert "/out?post=" in page.split('id="act"')[0]
    assert '<button class="primary wide">签收</button>' in page
    assert before(page, "网传：", 'id="act"')
    assert before(page, 'id="act"', "<h2>走势</h2>")
    assert 'style="' not in page
    assert len(page.encode()) < 100_000


def test_another_desk_s_people_see_whose_it_is_and_no_form_for_it(
    signed_in: SignIn, context: CaseContext, opened: int
) -> None:
    walk(context, ("acknowledge", "zhang_min"), ("judge", "zhang_min", "已联系站长"), ("report", "li_qiang", "已报"))
    page = signed_in("zhang_min").get("/case/1").text
    assert "核实结论：由调度抢修中心办理" in page
    assert 'value="verify"' not in page
    assert "前序办理：" in page
    assert "李强 上报：已报" in page
    other = signed_in("chen_wei").get("/case/1").text
    assert "<strong>轮到您</strong>：调度抢修中心（陈伟）" in other
    assert 'value="verify"' in other
    assert 'name="verdict" value="rumour"' in other


def test_who_sits_at_no_desk_sees_what_is_copied_to_them_and_may_do_nothing(
    signed_in: SignIn, guest: str, opened: int
) -> None:
    browser = signed_in(guest)
    page = browser.get(f"/case/{opened}").text
    assert CLAIM in page
    assert 'name="action"' not in page
    assert browser.get(f"/case/{opened + 1}").status_code == 404


@pytest.mark.parametrize("path", ["/case/7", "/case/x", "/case/99999999999999999999", "/case/7/standing"])
def test_a_case_that_is_not_there_is_not_found(signed_in: SignIn, path: str) -> None:
    answer = signed_in("zhang_min").get(path)
    assert answer.status_code == 404
    assert "全部事件" in answer.text


def test_who_may_not_see_a_case_is_not_told_that_it_is_there(
    signed_in: SignIn, context: CaseContext, guest: str, opened: int
) -> None:
    with transaction(context.engine) as session:
        session.execute(delete(CopyRow))
    answer = signed_in(guest).get(f"/case/{opened}")
    assert answer.status_code == 404
    assert CLAIM not in answer.text


def test_looking_changes_nothing_of_the_case(signed_in: SignIn, context: CaseContext, opened: int) -> None:
    def lines() -> int | None:
        with reading(context.engine) as session:
            return session.scalar(select(func.count()).select_from(EventRow))

    had, browser = lines(), signed_in("zhang_min")
    for path in ("", "/standing?seen=0", "/record"):
        assert browser.get(f"/case/{opened}{path}").status_code == 200
    assert lines() == had


def test_who_else_looks_is_told_for_two_minutes(
    signed_in: SignIn, context: CaseContext, opened: int, clock: ScriptedClock
) -> None:
    signed_in("li_qiang").get(f"/case/{opened}")
    mine = signed_in("zhang_min")
    assert "李强 正在查看" in mine.get(f"/case/{opened}").text
    assert "张敏 正在查看" not in mine.get(f"/case/{opened}").text
    clock.sleep(121)
    assert "正在查看" not in mine.get(f"/case/{opened}/standing").text
    with reading(context.engine) as session:
        assert list(session.scalars(select(ViewingRow.person))) == ["zhang_min"]


def test_an_open_page_hears_that_the_case_moved_on(signed_in: SignIn, context: CaseContext, opened: int) -> None:
    browser = signed_in("zhang_min")
    assert "事件有更新" not in browser.get(f"/case/{opened}/standing?seen=1").text
    walk(context, ("acknowledge", "li_qiang"))
    part = browser.get(f"/case/{opened}/standing?seen=1").text
    assert "事件有更新" in part
    assert "李强 签收" in part
    assert "<html" not in part


def test_the_whole_record_is_a_page_of_its_own(signed_in: SignIn, context: CaseContext, opened: int) -> None:
    walk(context, ("acknowledge", "zhang_min"), *[("judge", "zhang_min", "已联系"), ("report", "li_qiang", "已报")])
    browser = signed_in("zhang_min")
    page = browser.get(f"/case/{opened}/record").text
    assert before(page, "<strong>上报</strong> 李强", "<strong>立案</strong> 系统")
    older = browser.get(f"/case/{opened}/record?before=2").text
    assert "<strong>立案</strong> 系统" in older
    assert "上报" not in older


def test_statements_come_with_who_wrote_and_who_approved_them(
    signed_in: SignIn, context: CaseContext, opened: int
) -> None:
    walk(context, ("acknowledge", "zhang_min"), ("judge", "zhang_min", "属实"), ("report", "li_qiang", "已报"))
    act(context, 1, ActRequest("verify", "chen_wei", "雷击跳闸", Verdict.RUMOUR), NOW)
    act(context, 1, ActRequest("draft", "zhang_min", statement=WORDS), NOW)
    writer = signed_in("zhang_min").get("/case/1").text
    assert WORDS in writer
    assert "第 1 稿 · 待审批" in writer
    assert "口径审批通过：由宣传部负责人办理" in writer
    head = signed_in("li_qiang")
    assert 'value="approve"' in head.get("/case/1").text
    act(context, 1, ActRequest("approve", "li_qiang"), NOW)
    assert "李强 审批通过" in head.get("/case/1").text


def test_what_is_known_what_is_open_the_report_and_the_grade_are_told(signed_in: SignIn, opened: int) -> None:
    page = signed_in("zhang_min").get(f"/case/{opened}").text
    assert "<li>暂无经核实的情况</li>" in page
    assert "<li>所述情况是否属实</li>" in page
    assert "关于涉停电抢修信息的情况报告（较大）" in page
    assert 'data-copy="express"' in page
    assert "不同发言者数 30 ≥ 10，达到「较大」标准" in page
    assert "30 条，30 人；首条" in page
    assert "<svg" in page
    assert '<td class="num">100%</td>' in page


def test_an_incident_says_what_since_when_and_what_to_do_and_has_no_wave(
    signed_in: SignIn, context: CaseContext
) -> None:
    trouble = Trouble(
        kind=Kind.FAILED, thing="bbs", since=NOW - timedelta(hours=2), what="信息源「bbs」连续读取失败。",
        todo="请检查网站。", grade=Grade.YELLOW,
    )  # fmt: skip
    with transaction(context.engine) as session:
        open_incident(session, context, trouble, NOW)
    page = signed_in("zhang_min").get("/case/1").text
    assert '<h1 class="claim">信息源「bbs」连续读取失败。</h1>' in page
    assert "请检查网站。" in page
    assert "签收故障" in page
    assert "<h2>走势</h2>" not in page
    assert "待核实" not in page


def test_a_case_that_was_closed_while_its_topic_rises_says_so(
    signed_in: SignIn, context: CaseContext, opened: int, rumour: Callable[..., list[ScoredPost]], clock: ScriptedClock
) -> None:
    walk(context, ("judge_false_alarm", "zhang_min", "误报"))
    rumour(40, NOW + 20 * MINUTE, first=100)
    clock.sleep(21 * 60)
    page = signed_in("zhang_min").get(f"/case/{opened}").text
    assert "本事件已结，但话题仍在上升：当前负面" in page
    assert 'value="reopen"' in page


def test_what_came_after_a_case_is_one_tap_away(signed_in: SignIn, context: CaseContext, opened: int) -> None:
    walk(context, ("judge_false_alarm", "zhang_min", "误报"))
    with transaction(context.engine) as session:
        after = open_case(session, context, snapshot_of("outage", NOW), (), NOW)
    assert f'该话题已另行立案：<a href="/case/{after.id}">' in signed_in("zhang_min").get(f"/case/{opened}").text


def test_without_the_index_the_rest_is_shown_and_said_to_be_the_rest(away: Browser, opened: int) -> None:
    answer = away.get(f"/case/{opened}")
    assert answer.status_code == 200
    assert "帖文情况暂时读不到" in answer.text
    assert "走势图暂时读不到" in answer.text
    assert '<h1 class="claim">涉停电抢修信息</h1>' in answer.text
    assert '<button class="primary wide">签收</button>' in answer.text


HOSTILE = "<script>alert(1)</script><style>*{display:none}</style>\u202egnp.exe =HYPERLINK(1) 停电"


def test_what_a_stranger_wrote_is_words_and_nothing_else(
    signed_in: SignIn, watcher: Watcher, quiet_weeks: None, index: SqliteIndexWriter, write: Write
) -> None:
    posts = [
        write(n, HOSTILE + "长" * 20_000, at=NOW - (30 - n) * MINUTE, title=HOSTILE, board=HOSTILE) for n in range(30)
    ]
    index.put(posts)
    watcher.look(NOW)
    page = signed_in("zhang_min").get("/case/1").text
    assert "<script>alert" not in page
    assert "<style>" not in page
    assert "\u202e" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert len(page.encode()) < 100_000


def test_what_staff_wrote_is_words_as_well_and_cut_where_it_is_long(
    signed_in: SignIn, context: CaseContext, opened: int
) -> None:
    walk(context, ("acknowledge", "zhang_min"), ("judge", "zhang_min", HOSTILE + "长" * 100_000))
    page = signed_in("zhang_min").get(f"/case/{opened}").text
    assert "<script>alert" not in page
    assert len(page.encode()) < 100_000


def test_who_had_a_letter_is_named(signed_in: SignIn, context: CaseContext, opened: int, clock: ScriptedClock) -> None:
    walk(context, ("acknowledge", "zhang_min"), ("judge", "zhang_min", "属实"))
    clock.sleep(60)
    page = signed_in("zhang_min").get(f"/case/{opened}").text
    assert "知悉人：李强" in page, "the letter to 张敏 was taken back"
    assert "通知 2 封，其中 0 封已送达服务器" in page
    assert "下一环节通知「上报」" in page
