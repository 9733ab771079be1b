"""Silence is calm only where everything sees; what does not is named."""

from datetime import UTC, datetime, timedelta

from alerts.desk.overview.programs import ProgramStanding
from alerts.desk.overview.proof import prove
from alerts.desk.overview.sources import SourceStanding, SourcesView, Tone
from alerts.detection.grades import Grade
from alerts.incidents.kinds import Kind
from alerts.incidents.troubles import Trouble
from stream.process.running import StageState

NOW = datetime(2026, 9, 21, 6, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
PATIENCE = 15 * MINUTE
FINE = SourceStanding(key="bbs", name="临江论坛", word="正常", tone=Tone.GOOD, last_success=NOW)
DEAD = SourceStanding(key="box", name="市长信箱", word="读取失败", tone=Tone.BAD)
BLIND = Trouble(kind=Kind.BLIND, thing="a", since=NOW, what="话题「停电」看不到。", todo="。", grade=Grade.ORANGE)


def sources(*lines: SourceStanding, blind: tuple[Trouble, ...] = ()) -> SourcesView:
    return SourcesView(blind=blind, lines=lines, retired=())


def program(state: StageState) -> ProgramStanding:
    return ProgramStanding("alerts", "预警", state, NOW, 1)


def test_where_everything_sees_it_is_said_since_when() -> None:
    proof = prove(sources(FINE), [program(StageState.RUNNING)], PATIENCE, PATIENCE)
    assert (proof.blind, proof.last_success) == ((), NOW)


def test_a_program_that_stands_still_sees_nothing_and_one_that_never_ran_here_may_run_elsewhere() -> None:
    assert prove(sources(FINE), [program(StageState.LATE)], None, PATIENCE).blind == (
        "预警程序没有响应，新情况可能看不到",
    )
    assert prove(sources(FINE), [program(StageState.STOPPED)], None, PATIENCE).blind == (
        "预警程序已停止，新情况可能看不到",
    )
    assert prove(sources(FINE), [program(StageState.NEVER)], None, PATIENCE).blind == ()


def test_posts_that_wait_are_not_seen_yet() -> None:
    assert prove(sources(FINE), [], 16 * MINUTE, PATIENCE).blind == ("已采集的帖文排队 16 分钟仍未入库，预警会晚到",)


def test_dead_sources_are_named_unless_a_topic_is_blind_by_them() -> None:
    assert prove(sources(FINE, DEAD), [], None, PATIENCE).blind == ("以下来源读不到：市长信箱",)
    assert prove(sources(FINE, DEAD, blind=(BLIND,)), [], None, PATIENCE).blind == ("话题「停电」看不到。",)


def test_without_a_source_nothing_was_ever_seen() -> None:
    assert prove(sources(), [], None, PATIENCE).blind == ("还没有任何来源采集成功",)
