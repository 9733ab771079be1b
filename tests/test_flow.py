"""One file of posts on its way through every stage, by the commands an operator types: import, score, index, watch."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.policy import default
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from yaml import safe_dump, safe_load

from alerts.cli.commands import main as alerts
from crawlers.cli.commands import main as crawlers
from nlp.cli.commands import main as nlp
from stream.cli.commands import main as stream

EXAMPLE = Path(__file__).parent.parent / "configs" / "example"
ORDINARY = ("办理电费发票很方便，点赞", "今天天气不错", "停电通知：周二检修", "食堂今天的鱼不错", "充电桩挺好用")
ANGRY = "又停电了，气死人了，第{}次了，太差劲了，垃圾公司！"

Command = Callable[..., Result]


@pytest.fixture
def configs(tmp_path: Path, state_url: str) -> Path:
    folder, var = tmp_path / "configs", tmp_path / "var"
    folder.mkdir()
    key = tmp_path / "voice.key"
    key.touch(mode=0o600)
    key.write_text("a key", "utf-8")
    files = {
        "stream.yml": {"var": str(var), "state": state_url.replace("sqlite:///", "sqlite:")},
        "nlp.yml": {"model": str(EXAMPLE.parents[1] / "nlp" / "model")},
        "topics.yml": safe_load((EXAMPLE / "topics.yml").read_text("utf-8")),
        "alerts.yml": safe_load((EXAMPLE / "alerts.yml").read_text("utf-8")) | {"folder": str(var / "letters")},
        "crawlers.yml": {
            "contact": "nobody@example.org",
            "voice_key_file": str(key),
            "sources": {
                "export": {
                    "site": "bbs",
                    "software": "file",
                    "basis": "our own export",
                    "columns": {"text": "text", "id": "id", "published_at": "at", "author": "author"},
                }
            },
        },
    }
    for name, content in files.items():
        (folder / name).write_text(safe_dump(content, allow_unicode=True), "utf-8")
    return folder


@pytest.fixture
def command(configs: Path) -> Command:
    groups = {"crawlers": crawlers, "nlp": nlp, "stream": stream, "alerts": alerts}

    def run(package: str, *words: str) -> Result:
        return CliRunner().invoke(groups[package], [*words, "--configs", str(configs)], catch_exceptions=False)

    return run


@pytest.fixture
def export(tmp_path: Path) -> Path:
    """A day and a half of calm, then twenty voices angry about the same thing within the last half hour."""
    now = datetime.now(UTC)
    rows = [
        {"id": f"c{n}", "text": f"{ORDINARY[n % len(ORDINARY)]} {n}", "at": now - timedelta(hours=36 - n), "author": n}
        for n in range(34)
    ]
    rows += [
        {"id": f"a{n}", "text": ANGRY.format(n), "at": now - timedelta(minutes=29 - n), "author": 100 + n}
        for n in range(20)
    ]
    path = tmp_path / "export.jsonl"
    path.write_text("".join(json.dumps(row, ensure_ascii=False, default=datetime.isoformat) + "\n" for row in rows))
    return path


def test_a_burst_of_complaints_in_a_file_ends_as_a_letter(command: Command, export: Path, tmp_path: Path) -> None:
    assert "54 rows, 54 sent" in command("crawlers", "import", str(export), "--source", "export").stdout
    assert command("nlp", "score", "--once").exit_code == 0
    assert command("stream", "index", "--once").exit_code == 0
    status = json.loads(command("stream", "status", "--json").stdout)
    assert status["indexed"] == 54
    assert status["quarantined"] == {}
    assert status["labels"]["negative"] >= 20
    assert command("alerts", "watch", "--once").exit_code == 0
    assert "停电抢修" in command("alerts", "case", "list").stdout
    (letter,) = (
        message_from_bytes(path.read_bytes(), policy=default) for path in (tmp_path / "var/letters").glob("*.eml")
    )
    assert "停电抢修" in letter["Subject"]
    assert "待核实" in letter.get_body(("plain",)).get_content()


def test_doing_it_all_again_changes_nothing(command: Command, export: Path, tmp_path: Path) -> None:
    for _ in range(2):
        command("crawlers", "import", str(export), "--source", "export")
        command("nlp", "score", "--once")
        command("stream", "index", "--once")
        command("alerts", "watch", "--once")
    assert json.loads(command("stream", "status", "--json").stdout)["indexed"] == 54
    assert len(command("alerts", "case", "list", "--all").stdout.splitlines()) == 1
    assert len(list((tmp_path / "var/letters").glob("*.eml"))) == 1
