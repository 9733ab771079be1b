"""What a brief says, word for word where people act on it."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from alerts.briefs.calendar import BriefSlot
from alerts.briefs.contents import MOST, BriefFacts, CaseLine, TopicCount, headline, sections, subject
from alerts.briefs.policy import BriefKind
from alerts.detection.grades import Grade
from alerts.workflow.parts import Verdict

MIDNIGHT = datetime(2026, 9, 20, 16, tzinfo=UTC)  # of the 21st in Beijing
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
DAILY = BriefSlot(
    kind=BriefKind.DAILY, at=MIDNIGHT + 9 * HOUR, since=MIDNIGHT - DAY, until=MIDNIGHT, people=("li_qiang",)
)
WEEKLY = replace(DAILY, kind=BriefKind.WEEKLY, since=MIDNIGHT - 7 * DAY)
HANDOVER = replace(DAILY, kind=BriefKind.HANDOVER, at=MIDNIGHT + 8 * HOUR)
OPEN = CaseLine(
    number=7, topic="停电抢修", grade=Grade.ORANGE, stage="verifying", opened_at=MIDNIGHT, step="verify",
    desk="调度抢修中心", due_at=MIDNIGHT + 12 * HOUR,
)  # fmt: skip
CLOSED = CaseLine(
    number=5, topic="电费", grade=Grade.BLUE, stage="reviewing", opened_at=MIDNIGHT - 9 * HOUR,
    ended_at=MIDNIGHT - 3 * HOUR, verdict=Verdict.RUMOUR,
)  # fmt: skip
COUNTS = (
    TopicCount(name="电费", total=9, negative=2, before=2, usual=None),
    TopicCount(name="停电抢修", total=120, negative=40, before=10, usual=3.0),
)
FACTS = BriefFacts(
    counts=COUNTS, unsure=4, running=(OPEN,), closed=(CLOSED,), troubles=("信息源「bbs」拒绝访问。",), silent=("bbs",)
)  # fmt: skip


def lines(slot: BriefSlot, facts: BriefFacts, title: str) -> tuple[str, ...]:
    return next(section.lines for section in sections(slot, facts) if section.title.startswith(title))


def test_the_daily_one_says_in_one_sentence_what_there_is() -> None:
    assert subject(DAILY, "宣传部") == "【每日舆情】宣传部 09月20日"
    assert headline(DAILY, FACTS) == "09月20日各话题共有负面信息 42 条，未结事件 1 件，系统故障 1 项。"
    assert headline(DAILY, BriefFacts(counts=(), unsure=0)) == (
        "09月20日各话题共有负面信息 0 条，没有未结事件，系统运行正常。"
    )


def test_counts_stand_against_what_is_usual_the_worst_topic_first() -> None:
    assert lines(DAILY, FACTS, "各话题") == (
        "停电抢修：负面 40（常态约 3），共 120 条", "电费：负面 2（尚无常态可比），共 9 条"
    )  # fmt: skip


def test_an_open_case_says_whose_turn_it_is_and_until_when() -> None:
    assert lines(DAILY, FACTS, "未结事件") == (
        "事件 7　停电抢修　重大　核实　调度抢修中心须在 09月21日 12:00 前完成核实",
    )
    resting = replace(FACTS, running=(replace(OPEN, step=None, desk=None, due_at=None),))
    assert lines(DAILY, resting, "未结事件")[0].endswith("无待办")


def test_a_closed_case_says_how_it_ended_and_how_long_it_took() -> None:
    assert lines(DAILY, FACTS, "期间办结") == ("事件 5　电费　复盘（09月20日 21:00，历时 6.0 小时，核实结论：谣言）",)


def test_what_the_model_is_not_sure_of_and_what_is_wrong_are_there() -> None:
    assert lines(DAILY, FACTS, "模型")[0].startswith("4 条")
    assert lines(DAILY, FACTS, "系统故障") == ("信息源「bbs」拒绝访问。",)
    assert lines(DAILY, BriefFacts(counts=(), unsure=0), "系统故障") == ("没有",)


def test_without_an_index_the_brief_goes_and_says_that_counts_are_missing() -> None:
    facts = replace(FACTS, counts=None, unsure=None)
    assert headline(DAILY, facts).startswith("统计暂缺（索引未应答）")
    assert lines(DAILY, facts, "各话题") == ("统计暂缺：索引未应答。",)
    assert lines(DAILY, facts, "模型") == ("统计暂缺",)


def test_the_weekly_one_holds_a_week_against_the_one_before() -> None:
    assert subject(WEEKLY, "宣传部") == "【每周舆情】宣传部 09月14日至09月20日"
    assert lines(WEEKLY, FACTS, "各话题") == (
        "停电抢修：本周负面 40，上周 10，增加 30；共 120 条", "电费：本周负面 2，上周 2，持平；共 9 条"
    )  # fmt: skip
    fewer = replace(FACTS, counts=(replace(COUNTS[1], negative=4),))
    assert "减少 6" in lines(WEEKLY, fewer, "各话题")[0]


def test_the_handover_says_what_comes_in_the_next_turn() -> None:
    later = replace(OPEN, number=8, due_at=HANDOVER.at + 13 * HOUR)
    facts = replace(FACTS, running=(OPEN, later))
    assert subject(HANDOVER, "宣传部") == "【值班交接】宣传部 09月21日 08:00"
    assert headline(HANDOVER, facts) == "未结事件 2 件，12 小时内到时限 1 件，系统故障 1 项。"
    assert lines(HANDOVER, facts, "未来") == ("调度抢修中心须在 09月21日 12:00 前完成核实：事件 7　停电抢修",)
    assert len(lines(HANDOVER, facts, "未结事件")) == 2
    assert lines(HANDOVER, facts, "读取不到") == ("bbs",)


def test_a_long_list_is_cut_and_counts_the_rest() -> None:
    many = replace(FACTS, running=tuple(replace(OPEN, number=number) for number in range(MOST + 5)))
    shown = lines(DAILY, many, "未结事件")
    assert (len(shown), shown[-1]) == (MOST + 1, "……另有 5 项")
