import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from alerts.cli.terms import as_values, terms_table
from alerts.terms.bursts import BurstingTerm
from stream.cli.tables import show
from stream.index.sqlite.posts import SqliteIndexWriter
from stream.messages import ScoredPost
from stream.process.configuration import Configuration
from stream.topics import TopicsConfig
from tests.alerts.cli.conftest import Run

Write = Callable[..., ScoredPost]

ADOPT = ("terms", "adopt", "电缆沟塌", "--key", "duct", "--name", "电缆沟塌陷", "--owner", "publicity")


@pytest.fixture
def collapse(index: SqliteIndexWriter, write: Write) -> list[ScoredPost]:
    """Ten ordinary days, and a word of today that no rule has."""
    moment, hour = datetime.now(UTC), timedelta(hours=1)
    usual = [write(n, "停电了没人管", at=moment - n * hour) for n in range(1, 240)]
    burst = [write(1000 + n, f"电缆沟塌{'了方陷'[n % 3]}", at=moment - (n + 1) * hour / 4, topics=()) for n in range(9)]
    index.put([*usual, *burst])
    return burst


def test_the_list_shows_the_term_its_numbers_and_an_example(run: Run, collapse: list[ScoredPost]) -> None:
    done = run("terms", "list", "--past-days", "9")
    assert done.exit_code == 0, done.stderr
    (line,) = [line for line in done.stdout.splitlines() if "电缆沟塌" in line]
    term, authors, usual, posts, score, topic, example = (cell.strip() for cell in line.split("│")[1:-1])
    assert (term, authors, usual, posts, topic, example) == ("电缆沟塌", "9", "<0.1", "9", "无", "电缆沟塌了")
    assert 4 < float(score) < 5
    assert "读取过去 9 天" in done.stderr


def test_a_program_gets_the_same_as_json(run: Run, collapse: list[ScoredPost]) -> None:
    (found,) = json.loads(run("terms", "list", "--past-days", "9", "--json").stdout)
    assert (found["term"], found["topic"], found["authors"], found["posts"]) == ("电缆沟塌", None, 9, 9)
    assert found["examples"][0] == {"id": collapse[0].id, "text": "电缆沟塌了"}


def test_a_list_of_nothing_says_so(run: Run, index: SqliteIndexWriter) -> None:
    assert run("terms", "list").stdout == "最近 6 小时没有突增的词\n"


def test_without_an_index_or_a_past_it_says_what_to_do(run: Run, configs: Path) -> None:
    told = run("terms", "list")
    assert (told.exit_code, "no index at" in told.stderr) == (78, True)
    told = run("terms", "list", "--hours", "48", "--past-days", "1")
    assert (told.exit_code, "调大 --past-days" in told.stderr) == (1, True)
    assert run("terms", "list", "--limit", "0").exit_code == 2


def test_a_known_term_is_shown_with_its_topics_name(
    write: Write, configs: Path, now: datetime, capsys: pytest.CaptureFixture[str]
) -> None:
    topics = Configuration(configs, {}).add("topics.yml", TopicsConfig)()
    post = write(1, "张小明经理说停电三天")

    def told(topic: str | None) -> str:
        one = BurstingTerm("停电三天", 30, 25, 2.04, 9.87, topic, (post,))
        show(terms_table([one], topics, now))
        return capsys.readouterr().out

    shown = told("rumour")
    assert all(word in shown for word in ("已有：险情传言", "2.0", "9.9", "25", "30", "张某经理说停电三天"))
    assert "已有：gone" in told("gone")
    assert "已有" not in told(None)


def test_an_example_that_must_not_be_shown_any_more_is_left_empty(write: Write, now: datetime) -> None:
    gone = write(1, deleted_at=now - timedelta(days=2))
    told = as_values(BurstingTerm("停电", 5, 5, 0.1, 3.4, "outage", (gone,)), now)
    assert told["examples"] == [{"id": gone.id, "text": None}]


def test_a_term_becomes_a_topic_that_check_config_takes(run: Run, configs: Path) -> None:
    done = run(*ADOPT)
    assert done.exit_code == 0, done.stderr
    assert done.stdout.startswith("  duct:\n    name: 电缆沟塌陷\n")
    assert f"已加入 {configs}/topics.yml，重启 nlp 和 alerts 后生效" in done.stdout
    assert run("check-config").exit_code == 0
    again = run(*ADOPT)
    assert (again.exit_code, "已有主题 duct" in again.stderr) == (1, True)


def test_a_dry_run_only_shows_it(run: Run, configs: Path) -> None:
    written = (configs / "topics.yml").read_bytes()
    done = run(*ADOPT, "--dry-run")
    assert "any_of: [电缆沟塌]" in done.stdout
    assert f"未改动 {configs}/topics.yml" in done.stdout
    assert (configs / "topics.yml").read_bytes() == written


def test_nothing_is_added_to_a_file_with_mistakes(run: Run, configs: Path) -> None:
    (configs / "topics.yml").write_text("topics: 7\n", "utf-8")
    done = run(*ADOPT)
    assert (done.exit_code, "topics.yml: topics" in done.stderr) == (78, True)
    assert (configs / "topics.yml").read_text("utf-8") == "topics: 7\n"
