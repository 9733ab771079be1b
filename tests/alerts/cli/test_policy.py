"""`replay` of the index, as a person runs it before a change is switched on."""

import json
import shutil
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from yaml import safe_dump, safe_load

from stream.errors import EXIT_CONFIG
from stream.index.sqlite.posts import SqliteIndexWriter
from stream.messages import Label, ScoredPost
from tests.alerts.cli.conftest import Run

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


@pytest.fixture
def past(index: SqliteIndexWriter, write: Callable[..., ScoredPost]) -> datetime:
    """Six days of a post every other hour, every fourth negative; yesterday forty people complained: since when."""
    now = datetime.now(UTC).replace(microsecond=0)
    burst = now - 20 * HOUR
    posts = []
    for n in range(72):
        label = Label.NEGATIVE if n % 4 == 0 else Label.NEUTRAL
        posts.append(write(n, at=now - 2 * n * HOUR - MINUTE, label=label))
    posts += [write(1000 + n, at=burst + n * MINUTE) for n in range(40)]
    posts += [write(2000 + n, "没电了没人修", at=burst + n * MINUTE, topics=()) for n in range(90)]
    index.put(posts)
    return burst


@pytest.fixture
def proposed(configs: Path, tmp_path: Path) -> Path:
    """A copy of the configuration in which the outage's rules are others."""
    folder = tmp_path / "proposed"
    shutil.copytree(configs, folder)
    topics = safe_load((folder / "topics.yml").read_text("utf-8"))
    topics["topics"]["outage"]["rules"] = [{"any_of": ["停电", "没电"]}]
    (folder / "topics.yml").write_text(safe_dump(topics, allow_unicode=True), "utf-8")
    return folder


def test_the_present_configuration_is_shown_with_what_it_would_have_told(run: Run, past: datetime) -> None:
    done = run("replay", "--days", "2", "--topic", "outage")
    assert done.exit_code == 0, done.stderr
    header, row = (line for line in done.stdout.splitlines() if "每周预算" in line or ("现行" in line and "│" in line))
    assert [cell.strip() for cell in header.split("┃")[1:5]] == ["主题", "配置", "每周预算", "帖数"]
    assert [cell.strip() for cell in row.split("│")[2:6]] == ["现行", "1", "64", "1"]
    (alarm,) = (line for line in done.stdout.splitlines() if "没有对应的事件" in line)
    assert "1 小时内负面" in alarm
    assert "平时不足 1 条" in alarm
    assert "拟用" not in done.stdout


def test_a_program_gets_both_configurations_side_by_side(run: Run, past: datetime, proposed: Path) -> None:
    done = run("replay", "--days", "2", "--topic", "outage", "--proposed", str(proposed), "--json")
    assert done.exit_code == 0, done.stderr
    told = json.loads(done.stdout)
    (topic,) = told["topics"]
    assert (topic["topic"], told["days"]) == ("outage", 2.0)
    assert [topic[one]["posts"] for one in ("present", "proposed")] == [64, 154]
    for one in ("present", "proposed"):
        (alarm,) = topic[one]["alarms"]
        at = datetime.fromisoformat(alarm["at"])
        assert past - 5 * MINUTE <= at < past + 20 * MINUTE
        assert (alarm["case"], alarm["rekindles"]) == (None, False)
        assert alarm["effective"] > alarm["expected"]


def test_a_case_stands_with_its_lead(run: Run, past: datetime) -> None:
    assert run("watch", "--once").exit_code == 0
    told = json.loads(run("replay", "--days", "2", "--topic", "outage", "--json").stdout)
    (case,) = told["topics"][0]["present"]["cases"]
    assert case["id"] == 1
    assert case["by_counts"]
    assert 19 * 60 <= case["lead_minutes"] <= 20 * 60 + 5  # the watcher came late
    lines = run("replay", "--days", "2", "--topic", "outage").stdout.splitlines()
    (line,) = (one for one in lines if "事件 1（" in one)
    assert "提前 1" in line


def test_a_budget_is_tried_beside_the_one_in_force_and_doubted(run: Run, past: datetime) -> None:
    done = run("replay", "--days", "2", "--topic", "outage", "--budget", "0.1")
    assert done.exit_code == 0, done.stderr
    assert ["现行" in done.stdout, "拟用" in done.stdout] == [True, True]
    (warning,) = (line for line in done.stderr.splitlines() if line.startswith("warning"))
    assert warning.startswith("warning: --budget: 0.1 is less than one alarm in four weeks and outage has 3.9 days")


def test_topics_that_nobody_spoke_of_and_days_without_posts_are_warned_of(run: Run, configs: Path, past: None) -> None:
    done = run("replay", "--days", "14")
    warnings = [line for line in done.stderr.splitlines() if line.startswith("warning")]
    never = [line for line in warnings if "can never fire" in line]
    assert len(never) == len(safe_load((configs / "topics.yml").read_text("utf-8"))["topics"])  # elsewhere, not outage
    assert f"warning: {configs}/topics.yml: elsewhere.rules: can never fire" in done.stderr
    assert "--days: 8 of the 14 days have no post at all" in done.stderr


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--topic", "weather"], "topics.yml has no topic 'weather'; it has outage"),
        (["--budget", "0.01"], "0.01 is as good as never: take 0.05 or more"),
        (["--picture", "a.png", "--side", "rise"], "--side, --picture need --counts"),
        (["--counts", __file__, "--days", "3", "--topic", "outage"], "--topic, --days do not go with --counts"),
    ],
)
def test_options_that_say_nothing_are_refused(run: Run, options: list[str], words: str) -> None:
    done = run("replay", *options)
    assert done.exit_code == 2
    assert words in " ".join(done.stderr.replace("│", " ").split())


def test_without_an_index_nothing_is_replayed(run: Run) -> None:
    done = run("replay")
    assert done.exit_code == EXIT_CONFIG
    assert "no index at" in done.stderr


def test_a_proposed_configuration_with_mistakes_is_told_them(run: Run, past: datetime, proposed: Path) -> None:
    (proposed / "topics.yml").write_text("topics: {}\nsubjects: {}\n", "utf-8")
    done = run("replay", "--proposed", str(proposed))
    assert done.exit_code == EXIT_CONFIG
    assert f"{proposed}/topics.yml: subjects" in done.stderr
