"""From a case to the notice, and on to a letter that is byte for byte the one that a person read and found right."""

import re
import subprocess
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.policy import default
from pathlib import Path
from shlex import split
from typing import Any, cast

import pytest
from pydantic import TypeAdapter

from alerts.casefile.context import CaseContext
from alerts.casefile.likeness import Alike
from alerts.casefile.notices import Telling, commands, compose
from alerts.casefile.snapshot import CaseSnapshot
from alerts.config import AlertsConfig
from alerts.detection.grades import Grade, Grading, Measure, grade
from alerts.detection.signals import Coverage, Finding, Reason, Signal, State
from alerts.notify.channel import Form, Medium
from alerts.notify.contents.notice import Notice, Occasion, read_notice, write_notice
from alerts.notify.contents.quotes import Quote
from alerts.notify.render.forms import Rendered, render
from alerts.people.directory import Person
from alerts.workflow.cases import Case
from alerts.workflow.ladder import begin
from alerts.workflow.parts import Verdict
from alerts.workflow.rules import WORKFLOW
from stream.topics import Mark, Rule, TopicsConfig, WatchedTopic

NOW = datetime(2026, 9, 21, 6, 2, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
OTHER_WAVES = {Reason.FALL, Reason.BARE, Reason.LATE}  # what would make another letter
GOLDEN = Path(__file__).parent / "golden"
RULES = (Rule(any_of=("停电",)),)

LIMITS = {step: {"within": "2h", "source": "x"} for step in WORKFLOW.steps}
CONFIG = TypeAdapter(AlertsConfig).validate_python(
    {
        "organisation": "临江供电公司宣传部",
        "sender": "wenfeng@example.com",
        "host": "wenfeng.example.com",
        "people": {
            "zhang_min": {"name": "张敏", "email": "zhang.min@example.com"},
            "li_qiang": {"name": "李强 Jr.", "email": "li.qiang@example.com"},
        },
        "desks": {
            "publicity": {"name": "宣传部舆情值班", "people": ["zhang_min"]},
            "head": {"name": "宣传部负责人", "people": ["li_qiang"]},
        },
        "ladder": {
            "desks": {
                step: ["owner", "head"] if step == "verify" else ["publicity", "head"] for step in WORKFLOW.steps
            },
            "limits": dict.fromkeys(Grade, LIMITS),
        },
        "grades": [
            {"grade": "orange", "measure": "negative", "at_least": 100, "source": "x"},
            {"grade": "orange", "measure": "share", "at_least": 0.9, "source": "x"},
            {"grade": "yellow", "measure": "voices", "at_least": 10, "source": "x"},
            {"grade": "yellow", "measure": "factor", "at_least": 6, "source": "x"},
        ],
        "folder": "var/letters",
        "kibana": "https://kibana.example.com:5601/s/office",
    }
)
GRADED = grade({Measure.NEGATIVE: 37, Measure.AUTHORS: 28, Measure.FACTOR: 6.1, Measure.SHARE: 0.82}, CONFIG.grades)
PAGE = "hxxps://bbs[.]example[.]com/p/"


def context(name: str = "停电抢修", **changes: Any) -> CaseContext:
    """Neither database nor index: a notice is made of values. `name` may be one that the loader would refuse."""
    watched = WatchedTopic(name="停电抢修", owner="publicity", rules=RULES)
    object.__setattr__(watched, "name", name)
    cues = {"danger": Mark(name="险情", rules=RULES), "police": Mark(name="警情", rules=RULES)}
    topics, nothing = TopicsConfig(topics={"outage": watched}, cues=cues), cast(Any, None)
    return replace(CaseContext(nothing, nothing, CONFIG, topics), **changes)


def signal(findings: tuple[Finding, ...], *silent: str) -> Signal:
    return Signal(
        topic="outage", state=State.SPIKE, at=NOW, window_start=NOW - HOUR, since=NOW - 2 * HOUR, total=45,
        negative=37, authors=28, texts=21, unscored=0, effective=25.04, expected=4.1, share=0.82, usual_share=0.2,
        bar=12.3, window_end=NOW, findings=findings, silent=silent,
    )  # fmt: skip


def case(**changes: Any) -> Case:
    plain: dict[str, Any] = {
        "id": 42, "topic": "outage", "stage": "screening", "grade": Grade.YELLOW, "opened_at": NOW - HOUR,
        "since": NOW - 2 * HOUR, "notified": 25.0, "peak": 25.0, "last_spike_at": NOW,
    }  # fmt: skip
    return Case(**(plain | changes))


def telling(one: Case, occasion: Occasion, step: str, *quotes: Quote, **changes: Any) -> Telling:
    found: dict[str, Any] = {
        "signal": signal((Finding(Reason.RISE, 10.31, 6.0),)), "grading": GRADED, "posts": (), "coverage": ()
    }  # fmt: skip
    return Telling(one, CaseSnapshot(**(found | changes)), quotes, occasion, step)


def opened() -> Notice:
    told = telling(
        case(), Occasion.OPENED, "opened-acknowledge",
        Quote("停电三天没人管 hxxp://evil[.]com", "bbs", PAGE + "1", NOW), Quote(None, "bbs", PAGE + "2", NOW - HOUR),
        signal=signal(tuple(Finding(reason, 9.0, 5.0) for reason in Reason if reason not in OTHER_WAVES), "tieba"),
        coverage=(Coverage("bbs", NOW, NOW + HOUR), Coverage("tieba", None, None)),
        cues=(("danger", 3), ("police", 1)), alike=(Alike(12, NOW - 30 * DAY, True, 0.5),),
    )  # fmt: skip
    task = begin(told.case, "acknowledge", CONFIG.ladder, owner="publicity", turn=0, now=NOW)
    return compose(context(), told, task, CONFIG.people["zhang_min"], NOW)


def verify() -> Notice:
    told = telling(case(stage="verifying", grade=Grade.RED), Occasion.EXPECTED, "expected-verify")
    task = begin(told.case, "verify", CONFIG.ladder, owner="head", turn=3, now=NOW)
    odd = context("<b>停电</b>\r\nBcc: x@evil.com & Co", config=replace(CONFIG, kibana=None))
    return compose(odd, told, replace(task, level=1), CONFIG.people["li_qiang"], NOW)


def escalated() -> Notice:
    told = telling(
        case(stage="responding", verdict=Verdict.RUMOUR, grade=Grade.BLUE), Occasion.ESCALATED, "overdue-respond",
        Quote("短", "bbs", PAGE + "1", NOW), signal=signal((Finding(Reason.LEVEL, 7.0, 5.0),), "bbs"),
        grading=grade({}, CONFIG.grades), coverage=(Coverage("bbs", NOW - 5 * HOUR, NOW - HOUR),),
    )  # fmt: skip
    task = begin(told.case, "respond", CONFIG.ladder, owner="publicity", turn=1, now=NOW)
    return compose(context(), told, replace(task, level=1, desk="head"), CONFIG.people["li_qiang"], NOW)


def with_boundary_of(made: bytes, golden: bytes) -> bytes:
    """The golden letter with the other's boundary between its parts: it was random once."""
    old, new = (str(message_from_bytes(one, policy=default).get_boundary()).encode() for one in (golden, made))
    return golden.replace(old, new)


NOTICES = {"opened": opened, "verify": verify, "escalated": escalated}


def letter(notice: Notice, address: str) -> Rendered:
    return render(notice, Form(Medium.MAIL), CONFIG.routing.letterhead, address)


@pytest.mark.parametrize("name", NOTICES)
def test_a_letter_is_byte_for_byte_the_one_that_was_read(name: str) -> None:
    notice = NOTICES[name]()
    address = CONFIG.people["zhang_min" if name == "opened" else "li_qiang"].email or ""
    for kept in (notice, read_notice(write_notice(notice))):  # the same also from the outbox
        made = letter(kept, address)
        assert made.content == with_boundary_of(made.content, (GOLDEN / f"{name}.eml").read_bytes())
        assert made.plain == (GOLDEN / f"{name}.plain.eml").read_bytes()


def test_the_name_of_a_notice_depends_on_case_step_turn_and_person_alone() -> None:
    first = opened()
    assert re.fullmatch(r"42\.opened-acknowledge\.[0-9a-f]{8}\.0@wenfeng\.example\.com", first.id)
    told = telling(case(grade=Grade.RED), Occasion.ROSE, "opened-acknowledge")
    task = begin(told.case, "acknowledge", CONFIG.ladder, owner="publicity", turn=0, now=NOW)
    person = CONFIG.people["zhang_min"]
    assert compose(context(), told, task, person, NOW + HOUR).id == first.id
    assert compose(context(), told, replace(task, turn=1), person, NOW).id != first.id
    assert compose(context(), told, task, CONFIG.people["li_qiang"], NOW).id != first.id
    assert compose(context(), replace(told, step="rose-1"), task, person, NOW).id != first.id


def test_a_person_without_e_mail_is_told_apart_by_the_first_address() -> None:
    told = telling(case(), Occasion.OPENED, "opened-acknowledge")
    task = begin(told.case, "acknowledge", CONFIG.ladder, owner="publicity", turn=0, now=NOW)
    ids = {
        compose(context(), told, task, Person(name="甲", addresses={"wecom": address}), NOW).id
        for address in ("jia", "yi")
    }
    assert len(ids) == 2


def test_before_a_verdict_nothing_is_called_a_rumour_and_after_it_the_verdict_is_named() -> None:
    assert opened().truth == "真实性待核实。核实结论作出前，内部流转和对外口径均不得称“谣言”。"
    assert escalated().truth == "已核实：谣言"


def test_who_is_next_is_said_and_nobody_where_nobody_is_left() -> None:
    assert opened().demand.next_desk == "宣传部负责人"
    assert escalated().demand.next_desk == ""


def test_a_topic_that_is_watched_no_more_keeps_its_key_and_has_no_dashboard() -> None:
    told = telling(case(topic="gone"), Occasion.OPENED, "opened-acknowledge")
    task = begin(told.case, "acknowledge", CONFIG.ladder, owner="publicity", turn=0, now=NOW)
    notice = compose(context(), told, task, CONFIG.people["zhang_min"], NOW)
    assert (notice.topic, notice.dashboard) == ("gone", "")
    assert opened().dashboard.startswith("https://kibana.example.com:5601/s/office/app/dashboards")


WITHOUT_REASON = ("acknowledge", "draft", "approve", "take")


@pytest.mark.parametrize("step", WORKFLOW.steps)
def test_every_step_has_a_command_and_most_want_a_reason(step: str) -> None:
    lines = [command.line for command in commands(7, step, "zhang_min")]
    assert lines
    for line in lines:
        assert line.startswith("python -m alerts case act 7 ")
        assert (" --note " in line) == (not any(f" {action} " in line for action in WITHOUT_REASON))
        assert (" --verdict " in line) == (step == "verify")


@pytest.mark.parametrize(
    "key", ["zhang_min", "Zhang Min", "o'neill", "a;rm -rf /", "$(id)", "a&b", '"x"', "张敏", "-x"]
)
def test_the_line_of_a_letter_can_be_pasted_into_a_shell_whatever_the_key(key: str) -> None:
    for command in commands(7, "judge", key):
        words = split(command.line)
        assert words[:5] == ["python", "-m", "alerts", "case", "act"]
        assert words[words.index("--by") + 1] == key
        pasted = ["sh", "-c", f"printf '%s\\n' {command.line}"]
        assert subprocess.run(pasted, check=True, capture_output=True, text=True).stdout.splitlines() == words


def test_letters_say_the_key_of_a_person_and_not_the_name() -> None:
    assert opened().demand.commands[0].line == "python -m alerts case act 42 acknowledge --by zhang_min"


def test_a_snapshot_without_danger_cues_says_nothing_of_danger() -> None:
    assert verify().danger == ""
    assert opened().danger == "其中 3 条称发生险情、1 条称发生警情，并提及地点、时间，真实性待核实"


def test_a_letter_is_one_of_its_cases_thread() -> None:
    message = message_from_bytes(letter(opened(), "zhang.min@example.com").content, policy=default)
    assert message["In-Reply-To"] == message["References"] == "<42.root@wenfeng.example.com>"


def test_grading_that_nothing_reached_says_so() -> None:
    assert isinstance(grade({}, CONFIG.grades), Grading)
    assert escalated().grading[0] == "未达到更高等级的任何一项标准"


def composed(found: Signal, occasion: Occasion = Occasion.OPENED, **changes: Any) -> Notice:
    told = telling(case(), occasion, "opened-acknowledge", signal=found, **changes)
    task = begin(told.case, "acknowledge", CONFIG.ladder, owner="publicity", turn=0, now=NOW)
    return compose(context(), told, task, CONFIG.people["zhang_min"], NOW)


def test_the_story_leads_the_reasons_and_scores_stand_apart() -> None:
    notice = composed(signal((Finding(Reason.RISE, 10.31, 6.0), Finding(Reason.UNSCORED, 7, 5))))
    assert notice.reasons == (
        "近 1 小时负面信息 37 条，去重后约为往常的 6 倍；往常同时段约 4 条；涉及发帖人 28 人；约一半是相同文字的转发",
        "负面占比 82%，平时约 20%",
        "此时段的预警线约为每小时 12 条",
        "7 条未能评分，请人工查看",
    )
    assert notice.numbers[0] == "偏离 10.3，预警线 6.0"
    assert not any("10.3" in line for line in notice.reasons)


def test_the_headline_of_a_new_case_says_what_kind_of_wave_it_is() -> None:
    fell, late = (Finding(Reason.FALL, 8.0, 5.0),), (Finding(Reason.RISE, 8.0, 5.0), Finding(Reason.LATE, 3.2, 0.5))
    assert composed(signal(fell)).headline == "涉停电抢修信息总帖量异常减少，请先核对采集，再行研判"
    assert composed(signal(late)).headline == "补报：此前涉及「停电抢修」的负面信息曾异常增多，请及时研判处置"
    assert composed(signal(())).headline == "监测发现涉及「停电抢修」的负面信息异常增多，请及时研判处置"
    assert composed(signal(late), Occasion.EXPECTED).headline == "事件已转入「签收」环节，请您牵头办理"


def test_the_figures_of_a_late_wave_are_of_its_own_hours() -> None:
    past = replace(signal((Finding(Reason.LATE, 3.2, 0.5),)), window_start=NOW - 4 * HOUR, window_end=NOW - 3 * HOUR)
    figures = composed(past).figures
    assert (figures.window, figures.at) == ("9月21日10:02至11:02间", NOW - 3 * HOUR)
    assert composed(signal(())).figures.at == NOW


def test_a_second_wave_says_when_the_first_one_ended() -> None:
    notice = composed(signal(()), Occasion.REKINDLED, calmed_at=NOW - 14 * HOUR)
    assert notice.headline == "涉停电抢修信息平静后再度升温（复燃），请及时研判处置"
    assert "复燃：上一轮于9月21日00:02平息" in notice.reasons


def test_a_false_alarm_that_looks_alike_is_told() -> None:
    assert "与8月22日研判为误报的事件12相似（时段相同、倍数相近；约一半的帖文相同），供研判参考" in opened().reasons
