"""`case`, as a person reads and does it."""

import re
from datetime import datetime

import pytest
from click.testing import CliRunner

from alerts.cli.cases.acting import SAID, act_command
from alerts.cli.cases.telling import history_line
from alerts.desk.cases import HistoryEntry
from alerts.workflow.parts import Verdict
from alerts.workflow.rules import WORKFLOW
from tests.alerts.cli.conftest import Run


def test_lists_without_a_case_say_so(run: Run) -> None:
    assert run("case", "list").stdout == "没有未结事件\n"
    assert run("case", "list", "--all").stdout == "没有事件\n"


def unfolded(shown: str) -> str:
    """What is shown, without the blanks at which lines may be folded."""
    return "".join(shown.split())


def test_a_case_that_is_not_there_is_refused_in_words(run: Run) -> None:
    for words in (("case", "show", "7"), ("case", "act", "7", "acknowledge", "--by", "张敏")):
        done = run(*words)
        assert done.exit_code == 1
        assert done.stderr == "Error: 没有事件 7\n"


def test_a_case_in_the_list_has_its_grade_topic_stage_limit_and_verdict(watched: Run) -> None:
    line = watched("case", "list").stdout.rstrip("\n").split("\t")
    assert line[:4] == ["1", "较大", "停电抢修", "初筛研判"]
    assert re.fullmatch(r"自 \d{1,2}月\d{1,2}日\d\d:\d\d", line[4])
    assert re.fullmatch(r"时限 \d{1,2}月\d{1,2}日\d\d:\d\d", line[5])
    assert line[6] == "待核实"


def test_a_case_is_shown_with_its_numbers_tasks_choices_and_history(watched: Run) -> None:
    shown = unfolded(watched("case", "show", "1").stdout)
    for words in (
        "话题「停电抢修」", "负面30（常态", "个发言者", "达到「较大」标准", "将升为「重大」",
        "签收：宣传部舆情值班，时限",
        "可办：签收acknowledge、研判结论：属实舆情，予以上报judge、研判结论：误报judge_false_alarm",
        "立案", "通知已送达服务器",
        "记录完整，未被改动",
    ):  # fmt: skip
        assert words in shown


def test_what_cannot_be_done_now_is_refused_with_what_can(watched: Run) -> None:
    done = watched("case", "act", "1", "close", "--by", "张敏", "--note", "x")
    assert done.exit_code == 1
    assert "可以：签收 acknowledge" in done.stderr
    assert "「路人」" in watched("case", "act", "1", "acknowledge", "--by", "路人").stderr
    assert watched("case", "act", "1", "dance", "--by", "张敏").exit_code == 2


def test_acknowledging_twice_is_told_and_written_down_once(watched: Run) -> None:
    first = watched("case", "act", "1", "acknowledge", "--by", "张敏")
    assert first.stdout == "事件 1：签收，现处于「初筛研判」\n"
    again = watched("case", "act", "1", "acknowledge", "--by", "li_qiang")
    assert again.exit_code == 0
    assert re.fullmatch(r"事件 1：张敏已于 \d\d:\d\d 签收，现处于「初筛研判」\n", again.stdout)
    assert watched("case", "show", "1").stdout.count("　签收　") == 1


def test_the_name_given_is_a_claim_and_the_record_says_so_and_who_typed(watched: Run) -> None:
    watched("case", "act", "1", "acknowledge", "--by", "张敏")
    watched("case", "act", "1", "judge", "--by", "李强", "--note", "与我方有关", "--typed-by", "张敏")
    shown = unfolded(watched("case", "show", "1").stdout)
    assert "签收张敏（自报）转入「初筛研判」" in shown
    assert "研判结论：属实舆情，予以上报李强（自报，由张敏代李强录入）与我方有关转入「上报」" in shown


def test_who_sits_at_none_of_the_steps_desks_is_told_who_may(watched: Run) -> None:
    done = watched("case", "act", "1", "judge", "--by", "孙丽", "--note", "与我方有关")
    refusal, desks = done.stderr.rstrip("\n").split("；可由以下岗位办理：")
    assert (done.exit_code, refusal) == (1, "Error: 孙丽不在可办理「初筛研判」的岗位")
    assert set(desks.split("、")) == {"宣传部舆情值班", "宣传部负责人", "舆情工作组"}


@pytest.mark.parametrize("verdict", ["rumour", "谣言"])
def test_a_verdict_is_given_by_its_key_or_by_its_word(watched: Run, verdict: str) -> None:
    for action in ("judge", "report"):
        assert watched("case", "act", "1", action, "--by", "李强", "--note", "x").exit_code == 0
    done = watched("case", "act", "1", "verify", "--by", "陈伟", "--note", "查无此事", "--verdict", verdict)
    assert done.stdout == "事件 1：核实结论，现处于「拟定口径」\n"
    assert watched("case", "list").stdout.rstrip("\n").endswith("\t谣言")
    shown = watched("case", "show", "1").stdout
    assert "核实结论　陈伟（自报）　查无此事　谣言　转入「拟定口径」" in shown
    assert "rumour" not in shown


def test_what_is_no_verdict_is_answered_with_all_there_are(run: Run) -> None:
    done = run("case", "act", "1", "verify", "--by", "张敏", "--verdict", "假的")
    assert done.exit_code == 2
    for words in ("'假的'", "rumour (谣言)", "partly_true (部分属实)", "not_ours (非本单位)"):
        assert words in done.stderr
    assert "[rumour|true|partly_true|opinion|unverifiable|not_ours]" in run("case", "act", "--help").stdout


def test_an_ended_case_is_listed_only_with_all(watched: Run) -> None:
    watched("case", "act", "1", "judge_false_alarm", "--by", "张敏", "--note", "演练")
    assert watched("case", "list").stdout == "没有未结事件\n"
    assert "\t误报\t" in watched("case", "list", "--all").stdout
    shown = watched("case", "show", "1").stdout
    assert "待办：无" in shown
    assert "可办：重新立案 reopen" in shown


def test_a_line_of_an_old_history_reads_like_a_new_one(now: datetime) -> None:
    entry = HistoryEntry(
        number=3, at=now, kind="verify", by="陈伟", note="查无此事", is_act=True, stage="responding",
        verdict=Verdict.RUMOUR, claimed=False, unlisted=False, detail={},
    )  # fmt: skip
    assert history_line(entry) == "  9月21日14:02　核实结论　陈伟　查无此事　谣言　转入「澄清/回应」"


def test_a_case_is_opened_by_hand_and_shown_with_who_reported_it_and_why(run: Run) -> None:
    words = ("case", "open", "--topic", "停电抢修", "--by", "孙丽", "--why", "家属群里在传")
    done = run(*words)
    assert done.stdout == "事件 1：已立案（人工上报），话题「停电抢修」，一般，现处于「初筛研判」\n"
    shown = run("case", "show", "1").stdout
    for line in (
        "人工上报（孙丽）：家属群里在传",
        "签收：宣传部舆情值班，时限",
        "立案　孙丽（自报）　家属群里在传",
    ):
        assert line in shown
    again = run(*words)
    assert (again.exit_code, again.stderr) == (1, "Error: 话题「停电抢修」已有未结事件 1，请在该事件中办理\n")


def test_a_report_by_a_stranger_or_without_a_reason_is_refused(run: Run) -> None:
    done = run("case", "open", "--topic", "outage", "--by", "路人", "--why", "x")
    assert (done.exit_code, done.stderr) == (1, "Error: alerts.yml 的 people 中没有「路人」\n")
    assert run("case", "open", "--topic", "outage", "--by", "张敏").exit_code == 2
    assert run("case", "open", "--topic", "outage", "--by", "张敏", "--why", "x", "--grade", "pink").exit_code == 2


def test_incidents_stand_apart_in_the_list(watched: Run, incident: int) -> None:
    first, title, second = watched("case", "list").stdout.splitlines()
    assert first.split("\t")[2] == "停电抢修"
    assert title == "系统故障"
    assert second.split("\t")[:4] == [str(incident), "一般", "系统故障：信息源拒绝访问（bbs）", "故障处置"]


def test_an_incident_is_shown_by_what_is_wrong_and_what_to_do(watched: Run, incident: int) -> None:
    shown = watched("case", "show", str(incident)).stdout
    for words in (
        "话题「系统故障：信息源拒绝访问（bbs）」　一般　故障处置", "信息源「bbs」拒绝访问。", "  - 请核对。",
        "故障签收：宣传部舆情值班，时限", "可办：签收故障 take、排除故障 mended、查无故障 no_fault",
    ):  # fmt: skip
        assert words in shown
    assert "负面" not in shown
    assert "待核实" not in shown


def test_the_help_says_of_each_action_what_it_means() -> None:
    assert set(SAID) == set(WORKFLOW.actions)
    shown = CliRunner().invoke(act_command, ["--help"]).output
    assert [key for key in SAID if f"\n  {key} " not in shown] == []
