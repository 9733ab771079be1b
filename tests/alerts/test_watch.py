import socket
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from email import message_from_bytes
from email.policy import default
from pathlib import Path

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import Envelope
from sqlalchemy import func, select, update

from alerts.casefile.acting.merging import merge
from alerts.casefile.acting.steps import act
from alerts.casefile.casework import open_case
from alerts.casefile.context import CaseContext
from alerts.casefile.snapshot import from_json
from alerts.casefile.tables import CaseRow, EventRow, TaskRow, broken_link
from alerts.detection.grades import Criterion, Grade, Measure
from alerts.detection.signals import Reason, State
from alerts.notify.channels.folder import FolderChannel, FolderConfig
from alerts.notify.channels.smtp import SmtpChannel, SmtpConfig
from alerts.notify.contents.notice import Occasion, read_notice
from alerts.notify.outbox import Outcome
from alerts.notify.tables import OutboxRow
from alerts.watch import Watcher
from alerts.workflow.cases import ActRequest, Correlation, Order, Refused
from alerts.workflow.ladder import Due
from alerts.workflow.parts import Verdict
from stream.index.sqlite.posts import SqliteIndexWriter
from stream.messages import Label, ScoredPost
from stream.state.database import reading, transaction
from stream.state.source_health import SourceHealth
from stream.topics import Mark, Rule, WatchedTopic

ROOT = Path(__file__).parents[2]
MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)

Rumour = Callable[..., list[ScoredPost]]


@pytest.fixture
def watcher(context: CaseContext, tmp_path: Path, quiet_weeks: None) -> Watcher:
    return Watcher(context, [FolderChannel(FolderConfig(path=tmp_path / "letters"))], "first")


def letters(tmp_path: Path) -> list[str]:
    found = [message_from_bytes(p.read_bytes(), policy=default) for p in sorted((tmp_path / "letters").glob("*.eml"))]
    return sorted(f"{letter['To'].addresses[0].display_name} {letter['Message-ID'].split('.')[1]}" for letter in found)


def count(context: CaseContext, table: type) -> int:
    with transaction(context.engine) as session:
        return session.scalar(select(func.count()).select_from(table)) or 0


def kinds(context: CaseContext) -> list[str]:
    with transaction(context.engine) as session:
        return list(session.scalars(select(EventRow.kind).order_by(EventRow.id)))


def test_ordinary_days_open_nothing(watcher: Watcher, context: CaseContext, now: datetime) -> None:
    for hours in range(48):
        (seen,) = watcher.look(now + hours * HOUR)
        assert seen.signal.state is State.CALM
    assert count(context, CaseRow) == 0


def test_a_spike_is_one_case_and_one_letter_however_often_it_is_looked_at(
    watcher: Watcher, context: CaseContext, rumour: Rumour, now: datetime, tmp_path: Path
) -> None:
    rumour(30)
    seen = [watcher.look(now + n * MINUTE)[0] for n in range(10)]
    assert [one.correlation for one in seen] == [Correlation.OPENS] + [Correlation.JOINS] * 9
    assert {one.case_id for one in seen} == {1}
    watcher.deliver(now)
    assert letters(tmp_path) == ["张敏 opened-acknowledge"]


def test_a_claimed_danger_of_any_feeling_is_told_as_unverified(
    watcher: Watcher, context: CaseContext, rumour: Rumour, tmp_path: Path, now: datetime
) -> None:
    cues = {"danger": Mark(name="险情", rules=(Rule(any_of=("爆炸",)),))}
    told = Watcher(
        replace(context, topics=replace(context.topics, cues=cues)),
        [FolderChannel(FolderConfig(path=tmp_path / "letters"))],
        "a",
    )
    rumour(30)
    rumour(2, first=100, cues=("danger",), label=Label.NEUTRAL)
    told.look(now)
    told.deliver(now)
    letter = next(iter((tmp_path / "letters").glob("*.eml")))
    body = message_from_bytes(letter.read_bytes(), policy=default).get_body(("plain",))
    assert body is not None
    assert "其中 2 条称发生险情，并提及地点、时间，真实性待核实" in body.get_content()


def test_a_rise_to_twice_the_last_letter_is_told_again(
    watcher: Watcher, context: CaseContext, rumour: Rumour, now: datetime, tmp_path: Path
) -> None:
    rumour(20)
    watcher.look(now)
    watcher.deliver(now)
    rumour(60, first=100)
    (seen,) = watcher.look(now + MINUTE)
    assert seen.correlation is Correlation.ROSE
    assert watcher.look(now + 2 * MINUTE)[0].correlation is Correlation.JOINS
    watcher.deliver(now + 2 * MINUTE)
    assert letters(tmp_path) == ["张敏 opened-acknowledge", "张敏 rose-1"]


def test_two_watchers_open_one_case_and_send_each_letter_once(
    watcher: Watcher, context: CaseContext, rumour: Rumour, now: datetime, tmp_path: Path
) -> None:
    rumour(30)
    other = Watcher(context, [FolderChannel(FolderConfig(path=tmp_path / "letters"))], "second")
    assert len(watcher.look(now)) == 1
    assert other.look(now) == []
    assert other.escalate(now + HOUR / 60) == []
    sent = [*watcher.deliver(now), *other.deliver(now)]
    assert [attempt.outcome for attempt in sent] == [Outcome.SENT]
    assert len(other.look(now + 10 * MINUTE)) == 1  # the first one fell silent


def test_back_fill_and_odd_dates_make_no_spike(
    watcher: Watcher, context: CaseContext, index: SqliteIndexWriter, write: Callable[..., ScoredPost], now: datetime
) -> None:
    index.put([write(n, counted_at=None, charted_at=now - timedelta(days=3)) for n in range(100)])
    index.put([write(n, counted_at=None, charted_at=now - MINUTE) for n in range(200, 300)])
    assert watcher.look(now)[0].signal.state is State.CALM


def test_nobody_acts_and_the_next_desks_are_called_in_turn(
    watcher: Watcher, context: CaseContext, rumour: Rumour, now: datetime, tmp_path: Path
) -> None:
    rumour(30)
    watcher.look(now)
    called = []
    for minute in range(170):
        called += watcher.escalate(now + minute * MINUTE)
        watcher.deliver(now + minute * MINUTE)
    assert [(one.due, one.desk) for one in called] == [
        (Due.WARN, "publicity"), (Due.BREACH, "publicity_head"), (Due.WARN, "publicity_head"), (Due.BREACH, "leaders"),
        (Due.WARN, "leaders"), (Due.BREACH, "leaders"),
    ]  # fmt: skip
    assert letters(tmp_path) == [
        "张敏 opened-acknowledge", "张敏 warned-acknowledge", "李强 overdue-acknowledge", "李强 warned-acknowledge",
        "王芳 overdue-acknowledge", "王芳 overdue-acknowledge", "王芳 warned-acknowledge",
    ]  # fmt: skip


def test_an_acknowledgement_stops_the_ladder_and_takes_back_unsent_letters(
    watcher: Watcher, context: CaseContext, rumour: Rumour, now: datetime, tmp_path: Path
) -> None:
    rumour(30)
    watcher.look(now)
    act(context, 1, ActRequest("acknowledge", "张敏"), now + MINUTE)
    assert watcher.escalate(now + 70 * MINUTE) == []
    assert [one.step for one in watcher.escalate(now + 125 * MINUTE)] == ["judge"]
    watcher.deliver(now + 71 * MINUTE)
    assert "张敏 opened-acknowledge" not in letters(tmp_path)


def test_the_whole_way_of_a_rumour(watcher: Watcher, context: CaseContext, rumour: Rumour, now: datetime) -> None:
    rumour(30)
    watcher.look(now)
    way = [
        ActRequest("acknowledge", "zhang_min"),
        ActRequest("judge", "张敏", "与我方有关"),
        ActRequest("report", "李强", "已报工作组"),
        ActRequest("verify", "陈伟", "抢修记录齐全", Verdict.RUMOUR),
        ActRequest("draft", "张敏", statement="抢修记录齐全，网传不实。"),
        ActRequest("approve", "李强"),
        ActRequest("clarify", "李强", "官网与公众号"),
    ]
    for minute, deed in enumerate(way):
        case = act(context, 1, deed, now + minute * MINUTE)
    assert case.stage == "guiding"
    watcher.look(now + 11 * HOUR)
    assert "calm" not in kinds(context)
    watcher.look(now + 13 * HOUR)
    for deed in (
        ActRequest("guide", "张敏", "答疑"),
        ActRequest("close", "张敏", "平静"),
        ActRequest("review", "李强", "见附件"),
    ):
        case = act(context, 1, deed, now + 14 * HOUR)
    assert case.stage == "archived"
    assert kinds(context) == [
        "opened", "acknowledge", "judge", "report", "verify", "draft", "approve", "clarify", "calm", "guide", "close",
        "review",
    ]  # fmt: skip
    with transaction(context.engine) as session:
        assert session.scalars(select(TaskRow).where(TaskRow.ended_at.is_(None))).all() == []
        assert session.get_one(CaseRow, 1).open_key is None
    assert watcher.look(now + 15 * HOUR)[0].signal.state is State.CALM


def test_a_false_alarm_is_not_opened_again_by_the_same_wave_but_by_the_next(
    watcher: Watcher, context: CaseContext, rumour: Rumour, now: datetime
) -> None:
    rumour(30)
    watcher.look(now)
    act(context, 1, ActRequest("judge_false_alarm", "张敏", "演练"), now)
    assert watcher.look(now + MINUTE)[0].correlation is Correlation.SAME_EPISODE
    watcher.look(now + 3 * HOUR)
    rumour(30, until=now + 26 * HOUR, first=500)
    assert watcher.look(now + 26 * HOUR)[0].correlation is Correlation.OPENS
    assert count(context, CaseRow) == 2


def test_what_a_topic_does_after_its_case_was_merged_is_told_where_it_went(
    watcher: Watcher, context: CaseContext, rumour: Rumour, now: datetime
) -> None:
    rumour(30)
    watcher.look(now)
    with transaction(context.engine) as session:
        found = from_json(session.get_one(CaseRow, 1).found)
        other = replace(found, signal=replace(found.signal, topic="bill"))
        assert open_case(session, context, other, (), now).id == 2
    merge(context, 1, 2, Order("zhang_min", "同一件事"), now + MINUTE)
    (seen,) = watcher.look(now + MINUTE)
    assert (seen.correlation, seen.case_id) == (Correlation.JOINS, 2)
    rumour(80, until=now + 5 * MINUTE, first=900)
    (seen,) = watcher.look(now + 5 * MINUTE)
    assert (seen.correlation, seen.case_id) == (Correlation.ROSE, 2)
    assert count(context, CaseRow) == 2
    with transaction(context.engine) as session:
        told = session.scalars(select(EventRow).where(EventRow.case_id == 2).order_by(EventRow.number)).all()
        assert [event.kind for event in told] == ["opened", "merge", "joined"]


def test_a_closed_wave_that_becomes_graver_writes_again_and_not_for_what_was_seen_before(
    watcher: Watcher, context: CaseContext, rumour: Rumour, now: datetime
) -> None:
    rumour(30)
    watcher.look(now)
    assert kinds(context) == ["opened"]
    act(context, 1, ActRequest("judge_false_alarm", "张敏", "演练"), now)
    rumour(20, until=now + MINUTE, first=900)
    assert watcher.look(now + MINUTE)[0].correlation is Correlation.SAME_EPISODE
    red = Criterion(grade=Grade.RED, measure=Measure.NEGATIVE, at_least=45, source="test")
    graver = replace(context, config=replace(context.config, grades=(red,)))
    assert Watcher(graver, [], "w").look(now + 4 * MINUTE)[0].correlation is Correlation.OPENS
    assert count(context, CaseRow) == 2


def test_strangers_and_impossible_acts_are_refused_without_a_trace(
    watcher: Watcher, context: CaseContext, rumour: Rumour, now: datetime
) -> None:
    rumour(30)
    watcher.look(now)
    for case_id, deed in [
        (1, ActRequest("acknowledge", "陌生人")),
        (9, ActRequest("acknowledge", "张敏")),
        (1, ActRequest("close", "张敏", "算了")),
    ]:
        with pytest.raises(Refused):
            act(context, case_id, deed, now)
    assert kinds(context) == ["opened"]


def test_history_cannot_be_changed_unseen(
    watcher: Watcher, context: CaseContext, rumour: Rumour, now: datetime
) -> None:
    rumour(30)
    watcher.look(now)
    act(context, 1, ActRequest("acknowledge", "张敏"), now)
    act(context, 1, ActRequest("judge", "张敏", "成立"), now)
    query = select(EventRow).order_by(EventRow.number)
    with transaction(context.engine) as session:
        assert broken_link(list(session.scalars(query))) is None
        session.execute(update(EventRow).where(EventRow.number == 2).values(by="别人"))
        session.expire_all()
        assert broken_link(list(session.scalars(query))) == 2


def test_a_letter_that_all_is_calm_again_tells_how_it_is_now(
    watcher: Watcher, context: CaseContext, rumour: Rumour, now: datetime
) -> None:
    rumour(30)
    watcher.look(now)
    act(context, 1, ActRequest("acknowledge", "zhang_min"), now + MINUTE)
    watcher.look(now + 13 * HOUR)
    with reading(context.engine) as session:
        query = select(OutboxRow.notice).where(OutboxRow.occasion == Occasion.CLEAR)
        told = read_notice(session.scalars(query).one())
    assert told.situation is not None
    assert (told.situation.negative, told.situation.peak, told.unsearched) == (0, 30, False)


def test_silence_of_the_sources_is_blind_and_never_calm_again(
    watcher: Watcher, context: CaseContext, rumour: Rumour, now: datetime
) -> None:
    rumour(30)
    watcher.look(now)
    with transaction(context.engine) as session:
        session.execute(update(SourceHealth).values(fresh_until=now + HOUR))
    *_, seen = watcher.look(now + 5 * HOUR)
    assert seen.signal.state is State.BLIND
    assert Reason.SOURCES_SILENT in seen.signal.reasons
    assert "calm" not in kinds(context)


def test_a_topic_that_names_its_sources_is_not_blind_for_another_ones_silence(
    watcher: Watcher, context: CaseContext, now: datetime
) -> None:
    with transaction(context.engine) as session:
        session.add(SourceHealth(source="forum", site="forum", state="failed", fresh_until=now - HOUR))
    (seen,) = watcher.look(now)
    assert seen.signal.state is State.BLIND
    watched = replace(context.topics.topics["outage"], sources=("bbs",))
    named = replace(context, topics=replace(context.topics, topics={"outage": watched}))
    (seen,) = Watcher(named, [], "first").look(now)
    assert (seen.signal.state, seen.signal.silent) == (State.CALM, ())


def test_what_meets_no_topic_is_watched_as_a_topic_is(context: CaseContext, rumour: Rumour, now: datetime) -> None:
    rumour(120, topics=("elsewhere",))
    elsewhere = WatchedTopic(name="其他涉及本公司", owner="publicity", rules=(Rule(any_of=("供电",)),))
    context = replace(context, topics=replace(context.topics, elsewhere=elsewhere))
    seen = Watcher(context, [], "first").look(now)
    assert [(one.signal.topic, one.signal.negative) for one in seen] == [("outage", 0), ("elsewhere", 120)]
    assert (context.topic_name("elsewhere"), context.owner("elsewhere")) == ("其他涉及本公司", "publicity")


def test_a_letter_of_a_spike_goes_out_without_a_word_of_posts_that_were_erased(
    watcher: Watcher, context: CaseContext, rumour: Rumour, now: datetime, tmp_path: Path
) -> None:
    posts = rumour(30)
    watcher.look(now)
    eraser = SqliteIndexWriter(tmp_path / "index.db")
    eraser.erase([post.id for post in posts])
    eraser.close()
    watcher.escalate(now + 60 * MINUTE)
    watcher.deliver(now + 60 * MINUTE)
    (late,) = [path.read_bytes() for path in (tmp_path / "letters").glob("*overdue*")]
    body = message_from_bytes(late, policy=default).get_body(("plain",))
    assert "逾期转请" in body.get_content()
    assert posts[0].text not in body.get_content()


def test_hostile_posts_reach_the_mailbox_with_clean_headers(
    context: CaseContext, quiet_weeks: None, rumour: Rumour, now: datetime
) -> None:
    """Index to mail server: what a poster writes changes no header, no recipient and no count."""
    hostile = [
        "停\u2028电\u2029",
        "x\r\nBcc: victim@evil.com\r\n.\r\nMAIL FROM:<a@b>",
        "<script>alert(1)</script>{{ 7*7 }}{% raw %}",
        "\u202e\u200b" * 900,
        "[CLS]" * 4_000,
    ]
    for number, text in enumerate(hostile):
        rumour(6, first=number * 10, text=text, title=text[:80])
    kept: list[Envelope] = []

    class Keeper:
        async def handle_DATA(self, server: object, session: object, envelope: Envelope) -> str:  # noqa: N802
            kept.append(envelope)
            return "250 kept"

    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    controller = Controller(Keeper(), hostname="127.0.0.1", port=port)
    controller.start()
    try:
        smtp = SmtpConfig(host="127.0.0.1", port=port, tls="none")
        mailed = replace(context, config=replace(context.config, smtp=smtp))
        watcher = Watcher(mailed, [SmtpChannel(smtp, "w@example.com")], "w")
        watcher.look(now)
        assert [attempt.outcome for attempt in watcher.deliver(now)] == [Outcome.SENT]
    finally:
        controller.stop()
    (envelope,) = kept
    assert envelope.rcpt_tos == ["zhang.min@example.com"]
    message = message_from_bytes(envelope.content, policy=default)
    assert message["Subject"].endswith("前签收】涉停电抢修信息·较大·负面30条（事件1）")
    assert message["Bcc"] is None
    assert "<script" not in message.get_body(("html",)).get_content()


@pytest.mark.parametrize("place", ["event", "task", "outbox", "looked", "sent"])
def test_a_watcher_killed_anywhere_leaves_one_case_and_one_letter(
    watcher: Watcher, context: CaseContext, rumour: Rumour, now: datetime, tmp_path: Path, state_url: str, place: str
) -> None:
    rumour(30)
    configs = str(ROOT / "configs" / "example")
    program = [sys.executable, str(Path(__file__).parent / "killed_watch.py"), str(tmp_path), configs]
    arguments = [now.isoformat(), place, state_url]
    killed = subprocess.run([*program, *arguments], cwd=ROOT, env={"PYTHONPATH": str(ROOT)}, check=False)
    assert killed.returncode == -9
    assert (count(context, CaseRow), count(context, OutboxRow)) in ((0, 0), (1, 1))
    for minute in range(3, 8):  # the dead watcher's lease and claim run out
        watcher.look(now + minute * MINUTE)
        watcher.escalate(now + minute * MINUTE)
        watcher.deliver(now + minute * MINUTE)
    assert (count(context, CaseRow), count(context, OutboxRow)) == (1, 1)
    assert letters(tmp_path) == ["张敏 opened-acknowledge"]
