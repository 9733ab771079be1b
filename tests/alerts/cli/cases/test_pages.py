"""`case evidence`, as a person types it: secure, list, show."""

import zipfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner
from yaml import safe_dump, safe_load

from stream.cli.commands import main as stream_cli
from stream.config import read_stream
from stream.messages import post_id
from stream.responses.store import open_responses
from tests.alerts.cli.conftest import Run
from tests.stream.responses.captured import PAGE, captured

SHOWN = [post_id("bbs", f"pid:{number}") for number in (2, 3)]


@pytest.fixture
def keyed(watched: Run, configs: Path, tmp_path: Path) -> Run:
    """The commands, with a case, a key, and a page of two of its posts."""
    path = configs / "alerts.yml"
    key = tmp_path / "keys" / "evidence.key"
    key.parent.mkdir()
    key.write_text("5a" * 32)
    told = safe_load(path.read_text("utf-8")) | {"evidence_key_file": str(key)}
    path.write_text(safe_dump(told, allow_unicode=True), "utf-8")
    at = datetime.now(UTC).replace(microsecond=0) - timedelta(hours=1)
    open_responses(read_stream(configs)).write(captured(*SHOWN, at=at))
    return watched


def secure(run: Run) -> str:
    done = run("case", "evidence", "1", "--by", "张敏", "--note", "先存证")
    assert done.exit_code == 0, done.stderr
    return done.stdout


def test_pages_are_secured_listed_and_shown(keyed: Run, tmp_path: Path) -> None:
    assert keyed("case", "evidence", "1").stdout == "事件 1 没有存证的网页\n"
    assert secure(keyed) == (
        "事件 1：新存证网页 1 份，共 1 份\n另有 28 条帖文没有留存的网页（原始网页最多留存 24 小时）\n"
    )
    digest = captured().digest
    listed = keyed("case", "evidence", "1").stdout
    assert listed.endswith(f"\t{digest}\t帖文 2 条\n")
    out = tmp_path / "page.html"
    done = keyed(
        "case", "evidence", "1", "--show", digest[:10], "--out", str(out), "--by", "陈伟", "--note", "核对原帖"
    )
    assert done.exit_code == 0, done.stderr
    assert f"已写入 {out}：https://bbs.example.com/thread-1.html，状态 200，采集于 " in done.stdout
    assert f"SHA-256 {digest}\n  Content-Type: text/html; charset=gbk\n" in done.stdout
    assert (out.read_bytes(), out.stat().st_mode & 0o777) == (PAGE, 0o600)
    shown = keyed("case", "show", "1").stdout
    for line in ("网页存证　张敏（自报）　先存证", "查看存证网页　陈伟（自报）　核对原帖"):
        assert line in shown


def test_a_list_is_narrowed_to_the_pages_of_a_post(keyed: Run) -> None:
    secure(keyed)
    assert len(keyed("case", "evidence", "1", "--post", SHOWN[0]).stdout.splitlines()) == 1
    assert keyed("case", "evidence", "1", "--post", "0" * 32).stdout == "事件 1 没有存证的网页显示该帖文\n"


def test_a_packet_takes_the_secured_pages_along_for_who_says_why(keyed: Run, tmp_path: Path) -> None:
    secure(keyed)
    out = str(tmp_path / "case.zip")
    assert keyed("evidence", "1", "--out", out, "--by", "张敏", "--note", "送法务").exit_code == 2
    assert "原始应答 0 份" in keyed("evidence", "1", "--out", out, "--raw").stdout
    done = keyed("evidence", "1", "--out", out, "--raw", "--by", "张敏", "--note", "送法务")
    assert "原始应答 1 份" in done.stdout, done.stderr
    assert "查看存证网页　张敏（自报）　送法务" in keyed("case", "show", "1").stdout
    with zipfile.ZipFile(out) as packet:
        assert [packet.read(name) for name in packet.namelist() if name.endswith(".body")] == [PAGE]
        assert done.stdout.strip().rpartition("：")[2] in packet.read("manifest.json").decode()


def test_what_was_erased_is_gone_from_the_case(keyed: Run, configs: Path, tmp_path: Path) -> None:
    secure(keyed)
    erased = CliRunner().invoke(stream_cli, ["erase", SHOWN[0], "--configs", str(configs)])
    assert "removed 2 captured answers" in erased.stdout
    assert keyed("case", "evidence", "1").stdout == "事件 1 没有存证的网页\n"
    assert list(tmp_path.glob("evidence/*/*")) == list(tmp_path.glob("responses/*")) == []


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (("--show", "0" * 64), "--show needs --by: the record says who looked"),
        (("--by", "张敏", "--note", "x", "--show", "0" * 64), "--show and --out belong together"),
        (("--by", "张敏", "--note", "x", "--out", "x"), "--show and --out belong together"),
        (("--by", "张敏", "--note", "x", "--show", "0" * 64, "--out", "none/x"), "there is no folder none"),
    ],
)
def test_what_does_not_go_together_is_told(keyed: Run, words: tuple[str, ...], complaint: str) -> None:
    done = keyed("case", "evidence", "1", *words)
    assert (done.exit_code, complaint in done.stderr) == (2, True)


def test_a_disk_that_is_full_is_told_with_what_to_do(keyed: Run, tmp_path: Path) -> None:
    (tmp_path / "evidence").write_text("no folder")
    done = keyed("case", "evidence", "1", "--by", "张敏", "--note", "先存证")
    assert (done.exit_code, "存证未全部写入，请处理后再次执行：" in done.stderr) == (1, True)


def test_without_a_key_a_case_goes_on_and_securing_is_refused(watched: Run) -> None:
    done = watched("case", "evidence", "1", "--by", "张敏", "--note", "先存证")
    assert (done.exit_code, "没有写 evidence_key_file" in done.stderr) == (1, True)
    assert watched("case", "show", "1").exit_code == 0


def with_key(configs: Path, key: Path) -> None:
    path = configs / "alerts.yml"
    path.write_text(safe_dump(safe_load(path.read_text("utf-8")) | {"evidence_key_file": str(key)}), "utf-8")


def test_a_key_beside_what_it_opens_is_a_mistake_of_the_configuration(run: Run, configs: Path, tmp_path: Path) -> None:
    with_key(configs, tmp_path / "evidence" / "evidence.key")
    done = run("check-config")
    assert done.exit_code == 78
    assert "evidence_key_file" in done.stderr
    assert "beside what it opens: keep it elsewhere, best on another disk" in done.stderr


def test_a_key_that_is_not_there_is_a_warning_and_letters_go_out_all_the_same(
    run: Run, configs: Path, tmp_path: Path, spike_today: None
) -> None:
    with_key(configs, tmp_path / "none.key")
    done = run("check-config")
    assert (done.exit_code, "warning: alerts.yml evidence_key_file: cannot read the key" in done.stderr) == (0, True)
    assert run("watch", "--once").exit_code == 0
    assert list((tmp_path / "letters").rglob("*.eml"))
