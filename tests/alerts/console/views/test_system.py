"""系统: everybody sees how the parts are; administrators send again what waits, and it is written down."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select, update

from alerts.casefile.troubles.casework import open_incident
from alerts.console.door import Premises
from alerts.console.tables import AccessRow
from alerts.desk.overview.programs import list_quarantined
from alerts.detection.grades import Grade
from alerts.incidents.kinds import Kind
from alerts.incidents.policy import HeartbeatConfig
from alerts.incidents.tables import TroubleRow
from alerts.incidents.troubles import Trouble
from alerts.notify.tables import OutboxRow
from stream.engines import apply_topics, open_producer
from stream.errors import Rejected
from stream.log.broker import Partition, Record
from stream.log.quarantine import Quarantine
from stream.process.clock import ScriptedClock
from stream.state.database import reading, transaction
from stream.version import VERSION
from tests.alerts.conftest import NOW
from tests.alerts.console.conftest import SignIn

MINUTE = timedelta(minutes=1)


def logged(premises: Premises) -> list[tuple[str, str, str]]:
    with reading(premises.context.engine) as session:
        rows = session.scalars(select(AccessRow).order_by(AccessRow.id))
        return [(row.person, row.what, row.detail) for row in rows]


def refuse(premises: Premises, *reasons: str) -> None:
    """Puts a record into quarantine for each reason."""
    clock = ScriptedClock(NOW)
    apply_topics(premises.stream)
    producer = open_producer(premises.stream, clock)
    quarantine = Quarantine(producer, clock, "score")
    for offset, reason in enumerate(reasons):
        record = Record(Partition("posts.raw", 0), offset, "k", b"{}", {}, NOW)
        quarantine.put([(record, Rejected(reason, "<b>no JSON</b>"))])
    producer.close()


def test_an_installation_that_is_well_says_so_part_by_part(signed_in: SignIn, quiet_weeks: None) -> None:
    page = signed_in("sun_li").get("/system").text
    for words in (
        "没有未排除的故障", "没有待发或被拒的通知", "隔离区为空", "没有发现问题（14:02 检查）", "运行心跳：未配置",
        f"程序 {VERSION}；评分模型 test@1", "9 人，其中 0 人已设密码", "积压：暂时无法判断", "从未运行",
    ):  # fmt: skip
        assert words in page


def test_only_administrators_are_offered_acts_and_shown_the_log(
    signed_in: SignIn, premises: Premises, opened: int
) -> None:
    refuse(premises, "unreadable")
    everybody = signed_in("zhang_min").get("/system").text
    assert "通知 1" in everybody
    assert "unreadable" in everybody
    for act in ("/system/letters/1", "/system/quarantine", "/accounts/zhang_min/invite", "操作日志"):
        assert act not in everybody
    administrators = signed_in("zhao_lei").get("/system").text
    for act in ("/system/letters/1", "/system/quarantine", "/accounts/zhang_min/invite", "操作日志"):
        assert act in administrators


def test_a_stage_that_stopped_and_posts_that_wait_are_said(signed_in: SignIn, premises: Premises) -> None:
    alive = premises.stream.var / "alive"
    alive.mkdir(parents=True)
    (alive / "score").touch()
    page = signed_in("zhang_min").get("/system").text
    assert "<b>研判</b>" in page
    assert "已停止" in page
    assert "最近运转" in page


def test_a_refused_letter_is_sent_again_by_an_administrator(signed_in: SignIn, premises: Premises, opened: int) -> None:
    with transaction(premises.context.engine) as session:
        session.execute(update(OutboxRow).values(state="failed", answer="550 <i>no such user</i>"))
    browser = signed_in("zhao_lei")
    page = browser.get("/system").text
    assert "被拒收" in page
    assert "550 &lt;i&gt;no such user" in page
    assert "没有可用的联系方式" in page
    answer = browser.post("/system/letters/1", at="/system")
    assert answer.headers["location"] == "/system"
    assert "通知 1 将在下一轮发出" in browser.get("/system").text
    with reading(premises.context.engine) as session:
        assert session.scalar(select(OutboxRow.state)) == "queued"
    assert logged(premises) == [("zhao_lei", "retry", "1")]
    assert "赵磊 重发通知" in browser.get("/system").text


def test_a_letter_that_went_meanwhile_is_not_sent_twice(signed_in: SignIn, premises: Premises, opened: int) -> None:
    browser = signed_in("zhao_lei")
    form = browser.form("/system", "/system/letters/1")
    with transaction(premises.context.engine) as session:
        session.execute(update(OutboxRow).values(state="sent"))
    answer = browser.send("/system/letters/1", form)
    assert (answer.status_code, "可能已经发出" in answer.text) == (409, True)
    assert browser.send("/system/letters/x", form).status_code == 404
    assert logged(premises) == []


def test_quarantine_is_shown_with_what_and_why_and_replayed_by_reason_or_alone(
    signed_in: SignIn, premises: Premises
) -> None:
    refuse(premises, "unreadable", "too_long", "unreadable")
    browser = signed_in("zhao_lei")
    page = browser.get("/system").text
    assert "3 条记录无法处理" in page
    assert "<b>unreadable</b>：2 条" in page
    assert "&lt;b&gt;no JSON" in page
    form = browser.form("/system", "/system/quarantine")
    first = list_quarantined(premises.stream)[1].id
    assert browser.send("/system/quarantine", {"form_token": form["form_token"], "id": first}).status_code == 303
    assert "已重放 1 条" in browser.get("/system").text
    by_reason = {"form_token": form["form_token"], "reason": "unreadable"}
    assert browser.send("/system/quarantine", by_reason).status_code == 303
    page = browser.get("/system").text
    assert "已重放 2 条" in page
    assert "隔离区为空" in page
    assert logged(premises) == [
        ("zhao_lei", "replay", f"{first}（1 条）"), ("zhao_lei", "replay", "unreadable（2 条）")
    ]  # fmt: skip


def test_what_somebody_else_replayed_is_not_sent_twice(signed_in: SignIn, premises: Premises) -> None:
    refuse(premises, "unreadable")
    browser = signed_in("zhao_lei")
    form = browser.form("/system", "/system/quarantine")
    assert browser.send("/system/quarantine", form).status_code == 303
    again = browser.send("/system/quarantine", form)
    assert (again.status_code, "可能已由他人重放" in again.text) == (409, True)
    nothing = browser.send("/system/quarantine", {"form_token": form["form_token"]})
    assert (nothing.status_code, "请选择" in nothing.text) == (409, True)


def test_without_a_log_there_is_nothing_to_replay(signed_in: SignIn, premises: Premises, tmp_path: Path) -> None:
    browser = signed_in("zhao_lei")
    token = browser.form("/system", "/signout")["form_token"]
    answer = browser.send("/system/quarantine", {"form_token": token, "reason": "unreadable"})
    assert (answer.status_code, "没有可重放的记录" in answer.text) == (409, True)
    assert not list((tmp_path / "var").glob("*.db"))


def test_an_open_incident_leads_to_its_case(signed_in: SignIn, premises: Premises) -> None:
    trouble = Trouble(
        kind=Kind.DISK, thing="var", since=NOW, what="磁盘只剩 1 GB。", todo="请清理。", grade=Grade.ORANGE
    )
    with transaction(premises.context.engine) as session:
        case = open_incident(session, premises.context, trouble, NOW).id
        row = TroubleRow(
            key=trouble.key, grade="orange", what=trouble.what, since=NOW, first_seen_at=NOW, told_at=NOW, case_id=case
        )
        session.add(row)
    page = signed_in("sun_li").get("/system").text
    assert "磁盘只剩 1 GB。" in page
    assert f'href="/case/{case}"' in page


class TestWithAHeartbeat:
    @pytest.fixture
    def premises(self, premises: Premises, tmp_path: Path) -> Premises:
        config = replace(premises.context.config, heartbeat=HeartbeatConfig(file=tmp_path / "heart"))
        return replace(premises, context=replace(premises.context, config=config))

    def test_the_page_says_when_it_beat_last(self, signed_in: SignIn, tmp_path: Path) -> None:
        browser = signed_in("zhang_min")
        assert "已配置，尚未发出" in browser.get("/system").text
        (tmp_path / "heart").touch()
        assert "运行心跳：文件" in browser.get("/system").text
