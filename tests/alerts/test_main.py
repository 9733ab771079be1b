"""The commands, run as a person runs them, on a folder of their own."""

import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from yaml import safe_dump, safe_load

from alerts.__main__ import cli
from stream.index.sqlite.posts import SqliteIndexWriter
from stream.messages import Label, ScoredPost

ROOT = Path(__file__).parents[2]

Run = Callable[..., Result]


@pytest.fixture
def configs(tmp_path: Path, state_url: str) -> Path:
    folder = tmp_path / "configs"
    folder.mkdir()
    for name in ("stream.yml", "example/topics.yml", "example/alerts.yml"):
        shutil.copy(ROOT / "configs" / name, folder)
    stream = safe_load((folder / "stream.yml").read_text("utf-8")) | {"var": str(tmp_path)}
    stream |= {"index": "sqlite:index.db", "state": state_url.replace("sqlite:///", "sqlite:")}
    (folder / "stream.yml").write_text(safe_dump(stream, allow_unicode=True), "utf-8")
    alerts = safe_load((folder / "alerts.yml").read_text("utf-8")) | {"folder": str(tmp_path / "letters")}
    (folder / "alerts.yml").write_text(safe_dump(alerts, allow_unicode=True), "utf-8")
    return folder


@pytest.fixture
def run(configs: Path) -> Run:
    def one(*arguments: str) -> Result:
        return CliRunner().invoke(cli, arguments, env={"WENFENG_CONFIGS": str(configs)})

    return one


@pytest.fixture
def spike_today(index: SqliteIndexWriter, write: Callable[..., ScoredPost]) -> Iterator[None]:
    moment = datetime.now(UTC).replace(microsecond=0)
    old = datetime.fromtimestamp(moment.timestamp() - 5 * 86400, UTC)
    index.put([write(1, at=old, label=Label.NEUTRAL), *(write(n, at=moment) for n in range(2, 32))])
    return None


def test_a_case_from_its_letter_to_its_acknowledgement(run: Run, spike_today: None, tmp_path: Path) -> None:
    watched = run("watch", "--once")
    assert watched.exit_code == 0, watched.stderr
    assert len(list((tmp_path / "letters").glob("*.eml"))) == 1
    assert "停电抢修" in run("case", "list").stdout
    refused = run("case", "act", "1", "close", "--by", "张敏", "--note", "x")
    assert refused.exit_code == 1
    assert "可以：收到确认 acknowledge" in refused.stderr
    assert "初筛研判" in run("case", "act", "1", "acknowledge", "--by", "张敏").stdout
    shown = run("case", "show", "1").stdout
    for words in ("立案", "通知已送达服务器", "收到确认", "记录完整，未被改动", "待办", "常态"):
        assert words in shown
    assert run("check").exit_code == 0
    assert run("outbox", "list", "--all").stdout.count("sent") == 1
    assert run("outbox", "retry", "1").exit_code == 1


def test_mistakes_of_all_files_are_told_with_code_78(run: Run, configs: Path) -> None:
    (configs / "alerts.yml").write_text("organisation: x\nnonsense: 1\n", "utf-8")
    (configs / "topics.yml").write_text("topics: 7\n", "utf-8")
    told = run("case", "list")
    assert told.exit_code == 78
    assert "alerts.yml: nonsense" in told.stderr
    assert "topics.yml: topics" in told.stderr


def test_the_watcher_stops_cleanly_on_sigterm(configs: Path, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "alerts"]
    watcher = subprocess.Popen(
        [*command, "watch", "--configs", str(configs)], cwd=ROOT, stderr=subprocess.PIPE, text=True
    )
    for _ in range(200):
        if (tmp_path / "log.db").exists():  # opened last
            break
        time.sleep(0.1)
    time.sleep(0.5)
    watcher.send_signal(signal.SIGTERM)
    _, errors = watcher.communicate(timeout=20)
    assert watcher.returncode == 0, errors
