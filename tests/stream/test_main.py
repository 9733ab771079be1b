"""The commands as an operator types them, on engines in a folder of their own."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from stream.__main__ import main
from stream.codec import CASE_EVENTS, STAGE_HEALTH
from stream.codec import SCORED as CODEC
from stream.config import read_stream
from stream.engines import apply_topics, open_producer
from stream.log.broker import CASES, HEALTH, SCORED, Message
from stream.process.clock import SystemClock
from tests.stream.scored import scored
from tests.stream.told import beat, happened

Command = Callable[..., Result]


@pytest.fixture
def configs(tmp_path: Path) -> Path:
    (tmp_path / "stream.yml").write_text(f"var: {tmp_path / 'var'}", "utf-8")
    return tmp_path


@pytest.fixture
def command(configs: Path) -> Command:
    def run(*words: str) -> Result:
        return CliRunner().invoke(main, [*words, "--configs", str(configs)], catch_exceptions=False)

    return run


@pytest.fixture
def publish(configs: Path) -> Callable[..., None]:
    def into_the_log(*values: bytes) -> None:
        config = read_stream(configs)
        apply_topics(config)
        producer = open_producer(config, SystemClock())
        producer.publish([Message(SCORED, "thread", value) for value in values])
        producer.close()

    return into_the_log


def test_what_is_scored_is_indexed_found_counted_and_exported(command: Command, publish: Callable[..., None]) -> None:
    publish(*(CODEC.encode(scored(n, f"第{n}次停电")) for n in range(3)))
    assert command("index", "--once").exit_code == 0
    status = json.loads(command("status", "--json").stdout)
    assert status["indexed"] == status["labels"]["negative"] == 3
    assert [group["lag"] for group in status["groups"]] == [0]
    assert "3 条" in command("search", "停电", "--label", "negative").stdout
    assert "0 条" in command("search", "-停电").stdout
    assert "0 条" in command("search", "--act", "appeal", "--field", "service", "--cue", "danger").stdout
    exported = command("export", "--site", "bbs").stdout_bytes.splitlines()
    assert sorted(CODEC.decode(line).native_id for line in exported) == ["pid:0", "pid:1", "pid:2"]
    assert not command("export", "--observed-since", "2026-09-22").stdout_bytes


def test_a_broken_record_is_quarantined_listed_and_replayed_once(
    command: Command, publish: Callable[..., None]
) -> None:
    publish(b"\xff\xfe", CODEC.encode(scored(1, "好")))
    command("index", "--once")
    assert json.loads(command("status", "--json").stdout)["quarantined"] == {"undecodable": 1}
    assert "undecodable" in command("quarantine", "list").stdout
    assert command("quarantine", "replay").stdout == "replayed 1\n"
    assert command("quarantine", "replay").stdout == "replayed 0\n"


def test_an_erased_post_stays_away(command: Command, publish: Callable[..., None]) -> None:
    post = scored(1, "请删除")
    publish(CODEC.encode(post))
    command("index", "--once")
    assert "erased 1 of 1" in command("erase", post.id).stdout
    publish(CODEC.encode(post))
    command("index", "--once")
    assert json.loads(command("status", "--json").stdout)["indexed"] == 0


def test_tables_are_readable(command: Command, publish: Callable[..., None]) -> None:
    publish()
    shown = command("status").stdout
    assert "posts.raw" in shown
    assert "quarantined 0" in shown


def test_upkeep_can_be_done_once(command: Command) -> None:
    assert command("upkeep", "--once").exit_code == 0


def test_a_wrong_configuration_ends_with_78_and_every_mistake(configs: Path, command: Command) -> None:
    (configs / "stream.yml").write_text("batch: 0\nlogs: x", "utf-8")
    refused = command("check-config")
    assert refused.exit_code == 78
    assert {line.split(": ")[1] for line in refused.stderr.splitlines()} == {"batch", "logs", "the file is missing"}
    assert command("index", "--once").exit_code == 78


def test_words_nobody_can_mean_are_one_sentence(command: Command, publish: Callable[..., None]) -> None:
    publish()
    command("index", "--once")
    refused = command("search", "，。！")
    assert refused.exit_code == 1
    assert len(refused.stderr.splitlines()) == 1


def test_cases_and_health_are_indexed_told_and_shown(configs: Path, command: Command) -> None:
    config, now = read_stream(configs), SystemClock().now()
    apply_topics(config)
    events = [happened(1, 1), happened(1, 2), happened(1, 2)]
    producer = open_producer(config, SystemClock())
    producer.publish([Message(CASES, "1", CASE_EVENTS.encode(event)) for event in events])
    producer.publish([Message(HEALTH, "index", STAGE_HEALTH.encode(beat(1, at=now)))])
    producer.publish([Message(CASES, "1", b"{}")])
    producer.close()
    assert command("index", "--once").exit_code == 0
    assert CASE_EVENTS.decode(command("events", "cases").stdout_bytes) == happened(1, 2)
    assert len(command("events", "history").stdout_bytes.splitlines()) == 2
    assert STAGE_HEALTH.decode(command("events", "health").stdout_bytes).done == 9
    status = json.loads(command("status", "--json").stdout)
    (index,) = status["stages"]
    assert (index["stage"], index["processes"], index["done"], index["rejected"], index["lag"]) == (
        "index",
        1,
        9,
        1,
        1.5,
    )
    assert sum(status["quarantined"].values()) == 1
    assert "the last hour" in command("status").stdout
    assert command("upkeep", "--once").exit_code == 0
