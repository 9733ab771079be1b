"""`claims`, as a person keeps and asks."""

from pathlib import Path

from tests.alerts.cli.conftest import Run

ADD = (
    "claims", "add", "--claim", "停电了没人修，三天没来电", "--verdict", "谣言", "--statement", "均在两小时内修复",
    "--owner", "dispatch", "--by", "张敏",
)  # fmt: skip


def test_a_library_without_claims_says_so(run: Run, tmp_path: Path) -> None:
    assert run("claims", "list").stdout == "辟谣库还没有条目\n"
    (tmp_path / "posts.txt").write_text("停电三天\n", "utf-8")
    assert run("claims", "match", str(tmp_path / "posts.txt")).stdout == "没有与辟谣库相符的内容\n"
    assert run("claims", "show", "3").stderr == "Error: 辟谣库没有第 3 条\n"


def test_a_claim_is_kept_listed_shown_and_retired(run: Run) -> None:
    assert run(*ADD, "--valid-until", "2099-01-01", "--evidence", "抢修记录").stdout == "已入辟谣库：第 1 条（谣言）\n"
    assert run("claims", "list").stdout == "1\t谣言\t停电了没人修，三天没来电\t有效期至 2099-01-01\n"
    shown = run("claims", "show", "1").stdout.splitlines()
    assert shown[:5] == [
        "第 1 条　谣言　有效期至 2099-01-01", "传言：停电了没人修，三天没来电", "口径：均在两小时内修复",
        "责任岗位：调度抢修中心", "依据：抢修记录",
    ]  # fmt: skip
    assert shown[5].startswith("入库：")
    assert shown[5].endswith("，张敏")
    assert run("claims", "retire", "1").stdout == "第 1 条已停用，不再参与比对\n"
    assert run("claims", "list").stdout == "辟谣库还没有条目\n"
    assert " 停用" in run("claims", "list", "--all").stdout


def test_lines_of_a_file_are_held_against_it(run: Run, tmp_path: Path) -> None:
    run(*ADD)
    path = tmp_path / "posts.txt"
    path.write_text("今天下雨\n停电了没人修，三天都没来电！\n停电三天没人修是谣言\n停电了，没人修\n", "utf-8")
    lines = [line.split("\t") for line in run("claims", "match", str(path)).stdout.splitlines()]
    assert lines[0][:3] == ["第 2 行", "相符", "第 1 条"]
    assert lines[0][4] == "停电了没人修，三天都没来电！"
    assert [line[0] for line in lines[1:]] in ([], ["第 4 行"])


def test_what_is_wrong_is_told_in_a_sentence(run: Run, tmp_path: Path) -> None:
    assert "'假话' is none of rumour (谣言)" in run(*ADD[:4], "--verdict", "假话", "--by", "张敏").stderr
    assert run(*ADD, "--valid-until", "2001-01-01").stderr.startswith("Error: 有效期 2001-01-01 已过")
    assert run(*ADD, "--valid-until", "morgen").exit_code == 2
    assert run(*ADD, "--case", "7").stderr == "Error: 没有事件 7\n"
    (tmp_path / "gbk.txt").write_bytes("停电三天".encode("gbk"))
    assert "不是 UTF-8 文本" in run("claims", "match", str(tmp_path / "gbk.txt")).stderr
    assert run("claims", "match", str(tmp_path / "none.txt")).exit_code == 2


def test_a_case_that_repeats_a_claim_says_which_as_it_is_shown(run: Run, spike_today: None) -> None:
    assert run(*ADD[:3], "停电了没人修", *ADD[4:]).exit_code == 0
    assert run("watch", "--once").exit_code == 0
    shown = run("case", "show", "1").stdout
    assert "与辟谣库第 1 条相符（谣言）：停电了没人修" in shown
