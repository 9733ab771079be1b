"""What is ordered about a case, as a person types it, and how the case then reads."""

from pathlib import Path

import pytest

from tests.alerts.cli.conftest import Run

NOT_A_LEADER = "张敏不在可办理「督办」的岗位；可由以下岗位办理："


@pytest.fixture
def opened(run: Run) -> Run:
    """The commands, with a case that was opened by hand."""
    assert run("case", "open", "--topic", "outage", "--by", "张敏", "--why", "有人反映").exit_code == 0
    return run


def act(run: Run, action: str, by: str, *more: str) -> str:
    done = run("case", "act", "1", action, "--by", by, *more)
    assert done.exit_code == 0, done.stderr
    return done.stdout


def test_orders_are_said_in_one_line_and_shown_with_the_case(opened: Run) -> None:
    for words, answer in (
        (("assign", "1", "安全监察部", "--by", "李强", "--note", "由其核实"), "事件 1：已转办「安全监察部」\n"),
        (("cc", "1", "王芳", "孙丽", "--by", "李强", "--note", "知悉"), "事件 1：已抄送 王芳、孙丽\n"),
        (("supervise", "1", "--by", "王芳", "--note", "领导批示"), "事件 1：已列入督办，时限减半\n"),
        (("grade", "1", "orange", "--by", "李强", "--note", "媒体关注"), "事件 1：等级已认定为「重大」\n"),
    ):
        done = opened("case", *words)
        assert (done.exit_code, done.stdout) == (0, answer), done.stderr
    shown = opened("case", "show", "1").stdout
    for line in (
        "等级由李强认定，系统不自动改动", "起督办，时限减半", "抄送：王芳、孙丽", "签收：安全监察部，时限",
        "转办　李强（自报）　由其核实", "督办　王芳（自报）　领导批示", "调整等级　李强（自报）　媒体关注",
    ):  # fmt: skip
        assert line in shown


def test_one_case_goes_into_another_and_both_say_so(opened: Run) -> None:
    opened("case", "open", "--topic", "bill", "--by", "张敏", "--why", "同一件事")
    done = opened("case", "merge", "2", "1", "--by", "张敏", "--note", "同一件事")
    assert (done.exit_code, done.stdout) == (0, "事件 2：已并入事件 1\n"), done.stderr
    assert "并入：事件 2「" in opened("case", "show", "1").stdout
    gone = opened("case", "show", "2").stdout
    assert "已并入事件 1" in gone
    assert "可办：重新立案 reopen" in gone


def test_an_order_that_is_refused_says_why(opened: Run) -> None:
    for words, complaint in (
        (("supervise", "1", "--by", "张敏", "--note", "x"), f"{NOT_A_LEADER}舆情工作组"),
        (("split", "1", "--post", "0" * 32, "--by", "张敏", "--why", "x"), f"没有帖子 {'0' * 32}"),
        (("merge", "1", "7", "--by", "张敏", "--note", "x"), "没有事件 7"),
    ):
        done = opened("case", *words)
        assert (done.exit_code, done.stderr) == (1, f"Error: {complaint}\n")
    assert opened("case", "assign", "1", "safety", "--by", "李强").exit_code == 2


def test_a_statement_is_typed_or_read_from_a_file_and_shown_with_who_approved_it(opened: Run, tmp_path: Path) -> None:
    file = tmp_path / "口径.txt"
    file.write_text("经核实，网传内容不实。\n", "utf-8")
    act(opened, "judge", "张敏", "--note", "成立")
    act(opened, "report", "李强", "--note", "已报")
    assert act(opened, "first_word", "李强", "--note", "已关注，正在核实") == "事件 1：首次表态，现处于「核实」\n"
    act(opened, "verify", "陈伟", "--note", "查明", "--verdict", "属实")
    act(opened, "draft", "张敏", "--statement", "初稿。")
    act(opened, "send_back", "李强", "--note", "先说事实")
    assert act(opened, "draft", "张敏", "--statement-file", str(file)) == "事件 1：拟定口径，现处于「口径审批」\n"
    act(opened, "approve", "李强")
    act(opened, "respond", "李强", "--note", "官网")
    plan = ("--owner", "安全监察部", "--until", "2099-10-08", "--note", "更换设备")
    assert act(opened, "plan_remedy", "陈伟", *plan) == "事件 1：安排整改，现处于「回应与整改」\n"
    shown = opened("case", "show", "1").stdout
    for line in (
        "口径第 1 稿（张敏，", "由李强退回：先说事实）：初稿。", "由李强审批通过，",
        "对外发布）：经核实，网传内容不实。",
        "整改第 1 项（安全监察部，期限 10月8日18:00；办理中）：更换设备",
    ):  # fmt: skip
        assert line in shown


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (("draft", "--statement", "x", "--statement-file", "{file}"), "give --statement or --statement-file, not both"),
        (("draft", "--statement-file", "{bad}"), "is not UTF-8 text"),
        (("plan_remedy", "--until", "明天"), "is no day: write 2026-10-08, or '2026-10-08 12:00'"),
    ],
)
def test_what_cannot_be_read_is_told(words: tuple[str, ...], complaint: str, run: Run, tmp_path: Path) -> None:
    names = {"file": tmp_path / "good.txt", "bad": tmp_path / "bad.txt"}
    names["file"].write_text("x", "utf-8")
    names["bad"].write_bytes("口径".encode("gbk"))
    action, *options = (word.format(**names) for word in words)
    done = run("case", "act", "1", action, "--by", "张敏", *options)
    assert done.exit_code == 2
    assert complaint in done.stderr
