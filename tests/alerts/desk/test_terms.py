import stat
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path
from shutil import copy

import pytest

from alerts.config import AlertsConfig
from alerts.desk.terms import Span, adopt_term, excerpt, list_bursts, past_spans
from alerts.terms.adoption import NewTopic
from alerts.workflow.cases import Refused
from stream.index.sqlite.posts import SqliteIndexReader, SqliteIndexWriter
from stream.messages import ScoredPost
from stream.process.configuration import Configuration
from stream.topics import Rule, TopicsConfig, WatchedTopic

Write = Callable[..., ScoredPost]

HOUR = timedelta(hours=1)
SHIPPED = Path(__file__).parents[3] / "configs"
DUCT = NewTopic(term="电缆沟塌", key="duct", name="电缆沟塌陷", owner="publicity")


@pytest.fixture(params=["", "example"], ids=["minimum", "example"])
def folder(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    copy(SHIPPED / request.param / "topics.yml", tmp_path)
    return tmp_path


def topics(folder: Path) -> TopicsConfig:
    return Configuration(folder, {}).add("topics.yml", TopicsConfig)()


def test_the_past_is_cut_into_spans_as_long_as_what_is_recent(now: datetime) -> None:
    spans = past_spans(now, 6 * HOUR, timedelta(days=14))
    assert len(spans) == 56
    assert spans[0] == Span(now - 12 * HOUR, now - 6 * HOUR)
    assert spans[-1] == Span(now - 6 * HOUR - timedelta(days=14), now - timedelta(days=14))
    assert all(later.since == earlier.until for later, earlier in pairwise(spans))


def test_a_past_shorter_than_what_is_recent_is_refused(now: datetime) -> None:
    with pytest.raises(Refused, match="--past-days"):
        past_spans(now, 24 * HOUR, timedelta(hours=12))


def test_terms_are_found_in_all_posts_of_the_index_whatever_their_topic(
    tmp_path: Path, index: SqliteIndexWriter, write: Write, now: datetime
) -> None:
    usual = [write(n, "停电了没人管", at=now - n * HOUR, topics=()) for n in range(1, 300)]
    burst = [write(1000 + n, f"电缆沟塌{'了方陷'[n % 3]}", at=now - n * HOUR / 2, topics=()) for n in range(8)]
    old = [write(2000 + n, "电缆沟塌了", at=now - timedelta(days=30)) for n in range(50)]
    index.put([*usual, *burst, *old])
    reader = SqliteIndexReader(tmp_path / "index.db")
    spans = past_spans(now, 6 * HOUR, timedelta(days=10))
    (found,) = list_bursts(reader, Span(now - 6 * HOUR, now + HOUR), spans, 20)
    reader.close()
    assert (found.term, found.authors, found.topic) == ("电缆沟塌", 8, None)
    assert found.examples[0].id == burst[0].id


def test_an_example_is_quoted_around_the_term_and_names_nobody(write: Write, now: datetime) -> None:
    post = write(1, "x" * 60 + "找张小明经理 13812345678 说电缆 沟塌了" + "y" * 90)
    quoted = excerpt(post, "电缆沟塌", now)
    assert quoted is not None
    assert quoted.startswith("…")
    assert quoted.endswith("…")
    assert "电缆 沟塌了" in quoted
    assert "小明" not in quoted
    assert "138" not in quoted
    assert len(quoted) < 70


def test_a_term_far_into_a_long_post_is_quoted_all_the_same(write: Write, now: datetime) -> None:
    assert "电缆沟塌" in (excerpt(write(1, "字" * 9000 + "电缆沟塌了"), "电缆沟塌", now) or "")


def test_a_post_that_lacks_the_term_as_written_is_quoted_from_its_beginning(write: Write, now: datetime) -> None:
    assert excerpt(write(1, "ＡＰＰ闪退", title="投诉"), "app闪退", now) == "投诉 ＡＰＰ闪退"


def test_a_post_gone_for_a_day_is_quoted_no_more(write: Write, now: datetime) -> None:
    post = replace(write(1), deleted_at=now - 25 * HOUR)
    assert excerpt(post, "停电", now) is None


def test_a_term_is_a_topic_afterwards_and_nothing_else_has_changed(folder: Path, config: AlertsConfig) -> None:
    before, written = topics(folder), (folder / "topics.yml").read_text("utf-8")
    lines = adopt_term(folder, config, DUCT)
    after = topics(folder)
    added = WatchedTopic(name="电缆沟塌陷", owner="publicity", rules=(Rule(any_of=("电缆沟塌",)),))
    assert after == replace(before, topics={**before.topics, "duct": added})
    assert (folder / "topics.yml").read_text("utf-8").replace(f"\n{lines}\n", "") == written
    assert [one.name for one in folder.iterdir() if "adopt" in one.name] == []


def test_a_second_one_follows_the_first(folder: Path, config: AlertsConfig) -> None:
    adopt_term(folder, config, DUCT)
    adopt_term(folder, config, replace(DUCT, key="bread", term="发霉面包"))
    assert list(topics(folder).topics)[-2:] == ["duct", "bread"]


def test_a_dry_run_says_the_same_and_changes_nothing(folder: Path, config: AlertsConfig) -> None:
    written = (folder / "topics.yml").read_bytes()
    lines = adopt_term(folder, config, DUCT, dry_run=True)
    assert (folder / "topics.yml").read_bytes() == written
    assert adopt_term(folder, config, DUCT) == lines


def test_rights_and_a_link_of_the_file_are_kept(tmp_path: Path, config: AlertsConfig) -> None:
    (tmp_path / "configs").mkdir()
    real = tmp_path / "topics-of-ours.yml"
    copy(SHIPPED / "topics.yml", real)
    real.chmod(0o640)
    (tmp_path / "configs" / "topics.yml").symlink_to(real)
    adopt_term(tmp_path / "configs", config, DUCT)
    assert (tmp_path / "configs" / "topics.yml").is_symlink()
    assert stat.S_IMODE(real.stat().st_mode) == 0o640
    assert "duct" in topics(tmp_path / "configs").topics


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"key": "service"}, "已有主题 service（服务投诉）：换一个 --key"),
        ({"owner": "nobody"}, "没有部门 nobody：--owner 写 .*publicity（"),
        ({"key": "elsewhere"}, r"topics.elsewhere.\[key\]: the key is kept"),
        ({"key": "Duct 1"}, r"topics.Duct 1.\[key\]"),
        ({"name": " "}, "topics.duct.name"),
        ({"name": "长" * 61}, "topics.duct.name"),
        ({"term": "长" * 101}, "topics.duct.rules.0.any_of.0"),
        ({"term": "@停电"}, "词组"),
        ({"term": "！"}, "至少要有两个字"),
    ],
)
def test_what_would_not_be_a_sound_topic_is_refused_and_the_file_stays(
    tmp_path: Path, config: AlertsConfig, changes: dict[str, str], told: str
) -> None:
    copy(SHIPPED / "topics.yml", tmp_path)
    written = (tmp_path / "topics.yml").read_bytes()
    with pytest.raises(Refused, match=told):
        adopt_term(tmp_path, config, replace(DUCT, **changes))
    assert (tmp_path / "topics.yml").read_bytes() == written
    assert len(list(tmp_path.iterdir())) == 1


def test_a_file_that_lines_would_change_otherwise_is_not_touched(tmp_path: Path, config: AlertsConfig) -> None:
    hidden = "      - regex: |-\n          停电\n          #断电\n"  # a line of the pattern that looks like a comment
    text = f"topics:\n  a:\n    name: 停电\n    owner: publicity\n    rules:\n{hidden}"
    (tmp_path / "topics.yml").write_text(text, "utf-8")
    with pytest.raises(Refused, match="写法特别"):
        adopt_term(tmp_path, config, DUCT)
    assert (tmp_path / "topics.yml").read_text("utf-8") == text


def test_a_topic_that_borrows_the_rules_of_another_stays_whole(tmp_path: Path, config: AlertsConfig) -> None:
    rules = "rules: &same\n      - any_of: [停电]\n    name: 停电\n    owner: publicity\n"
    text = f"topics:\n  a:\n    {rules}  b:\n    name: 断电\n    owner: publicity\n    rules: *same\n"
    (tmp_path / "topics.yml").write_text(text, "utf-8")
    adopt_term(tmp_path, config, DUCT)
    assert list(topics(tmp_path).topics) == ["a", "b", "duct"]


def test_a_folder_that_cannot_be_written_is_told(
    tmp_path: Path, config: AlertsConfig, monkeypatch: pytest.MonkeyPatch
) -> None:
    copy(SHIPPED / "topics.yml", tmp_path)

    def full(self: Path, data: bytes) -> int:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(Refused, match="写不了：No space left"):
        adopt_term(tmp_path, config, DUCT)
