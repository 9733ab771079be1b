"""What stream.yml may say, key by key."""

from datetime import timedelta
from pathlib import Path
from traceback import format_exception

import pytest

from stream.config import StreamConfig, TopicConfig, read_stream
from stream.errors import ConfigError
from stream.process.configuration import Configuration


def load(folder: Path, text: str, **environ: str) -> StreamConfig:
    (folder / "stream.yml").write_text(text, "utf-8")
    return Configuration(folder, environ).add("stream.yml", StreamConfig)()


def mistakes(folder: Path, text: str) -> list[tuple[str, str]]:
    with pytest.raises(ConfigError) as refused:
        load(folder, text)
    return [(mistake.key, mistake.problem) for mistake in refused.value.mistakes]


def test_the_state_database_is_a_file_or_postgresql_with_its_password_elsewhere(tmp_path: Path) -> None:
    text = "state: postgresql+psycopg://wenfeng@db:5433/wenfeng\nstate_password_env: WENFENG_STATE_PASSWORD"
    loaded = load(tmp_path, text, WENFENG_STATE_PASSWORD="geheim")
    assert loaded.state_password.get_secret_value() == "geheim"
    assert "geheim" not in repr(loaded)
    for address in (
        "mysql://db/wenfeng",
        "postgresql://db/wenfeng",
        "postgresql+psycopg://db:port/wenfeng",
        "state.db",
    ):
        assert [key for key, _ in mistakes(tmp_path, f"state: {address}")] == ["state"]
    for address in ("postgresql+psycopg://me:geheim@db/w", "postgresql+psycopg://me@db/w?password=geheim"):
        ((_, problem),) = mistakes(tmp_path, f"state: {address}")
        assert "state_password_env" in problem
        assert "geheim" not in problem


def test_a_file_that_says_nothing_is_one_machine_with_everything_in_files(tmp_path: Path) -> None:
    config = load(tmp_path, "")
    assert (config.log, config.index, config.state) == ("sqlite:log.db", "sqlite:index.db", "sqlite:state.db")
    assert (config.profile, config.copies, config.index_name, config.batch) == ("single", 1, "wenfeng", 256)


def test_log_index_and_state_keep_a_file_each(tmp_path: Path) -> None:
    found = mistakes(tmp_path, "{index: 'sqlite:all.db', state: 'sqlite:./all.db'}")
    assert found == [("state", "the file is that of index already: each keeps one of its own")]


def test_the_shipped_file_is_sound_and_keeps_cases_for_ten_years() -> None:
    config = Configuration(Path("configs"), {}).add("stream.yml", StreamConfig)()
    assert config.topic("cases").keep == timedelta(days=3650)
    assert config.topic("posts.raw").keep == timedelta(days=90)


def test_pages_are_kept_for_a_day_unless_the_file_says_less(tmp_path: Path) -> None:
    kept = load(tmp_path, "").responses
    assert (kept.enabled, kept.keep, kept.most_mib) == (True, timedelta(hours=24), 512)
    kept = load(tmp_path, "responses: {enabled: false, keep: 2h, most_mib: 64}").responses
    assert (kept.enabled, kept.keep, kept.most_mib) == (False, timedelta(hours=2), 64)


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("{keep: 25h}", "responses.keep"), ("{keep: 0s}", "responses.keep"), ("{most_mib: 0}", "responses.most_mib"),
        ("{for: 24h}", "responses.for"), ("false", "responses"),
    ],
)  # fmt: skip
def test_pages_are_kept_for_no_more_than_a_day_whatever_the_file_says(tmp_path: Path, text: str, key: str) -> None:
    assert [where for where, _ in mistakes(tmp_path, f"responses: {text}")] == [key]


def test_a_topic_the_file_does_not_speak_of_is_kept_as_any_other(tmp_path: Path) -> None:
    config = load(tmp_path, "topics: {posts.raw: {partitions: 3}}")
    assert config.topic("posts.raw") == TopicConfig(partitions=3)
    assert config.topic("posts.scored") == TopicConfig()


@pytest.mark.parametrize(
    "address",
    ["sqlite:log.db", "sqlite:/abs/log.db", "kafka://a:9092", "kafka://a:9092,b:9093", "kafka://a:9092?prefix=x."],
)
def test_a_log_is_a_file_or_a_cluster(tmp_path: Path, address: str) -> None:
    assert load(tmp_path, f"log: {address}").log == address


@pytest.mark.parametrize(
    "address",
    ["log.db", "sqlite:", "kafka://a", "kafka://a:b", "kafka://me:geheim@a:9092", "kafka://a:9092;b:9092", "redis://a:1",
     "kafka://a:9092/topic"],
)  # fmt: skip
def test_what_is_no_log_is_refused_with_what_is(tmp_path: Path, address: str) -> None:
    ((key, problem),) = mistakes(tmp_path, f"log: '{address}'")
    assert key == "log"
    assert "write sqlite:FILE or kafka://HOST:9092" in problem


@pytest.mark.parametrize("address", ["sqlite:i.db", "http://a:9200", "https://a:9200/", "https://[::1]:9200"])
def test_an_index_is_a_file_or_a_server(tmp_path: Path, address: str) -> None:
    assert load(tmp_path, f"index: '{address}'").index == address


@pytest.mark.parametrize("address", ["index.db", "ftp://a", "https://a/path", "https://a?x=1", "elastic:9200"])
def test_what_is_no_index_is_refused_with_what_is(tmp_path: Path, address: str) -> None:
    ((key, problem),) = mistakes(tmp_path, f"index: '{address}'")
    assert (key, "write sqlite:FILE or http(s)://HOST:9200" in problem) == ("index", True)


@pytest.mark.parametrize("name", ["power", "a", "power-2026"])
def test_an_index_s_name_is_one_that_the_server_takes(tmp_path: Path, name: str) -> None:
    assert load(tmp_path, f"index_name: {name}").index_name == name


@pytest.mark.parametrize("name", ["Power", "2power", "电力", "a_b", "a" * 42, "-a", "a*"])
def test_a_name_that_the_server_refuses_is_refused_before(tmp_path: Path, name: str) -> None:
    assert [key for key, _ in mistakes(tmp_path, f"index_name: '{name}'")] == ["index_name"]


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("batch: 0", "batch"),
        ("batch: many", "batch"),
        ("stop_after_rejects: 0", "stop_after_rejects"),
        ("topics: {posts.raw: {partitions: 0}}", "topics.posts.raw.partitions"),
        ("topics: {posts.raw: {keep: 90}}", "topics.posts.raw.keep"),
        ("topics: {posts.raw: {replicas: 3}}", "topics.posts.raw.replicas"),
        ("upkeep: {expire: daily}", "upkeep.expire"),
        ("upkeep: {expire: '0 0 30 2 *'}", "upkeep.expire"),
        ("profile: development", "profile"),
        ("allow: [everything]", "allow.0"),
        ("sate: sqlite:state.db", "sate"),
    ],
)
def test_each_mistake_is_told_with_its_key(tmp_path: Path, text: str, key: str) -> None:
    found = [where for where, _ in mistakes(tmp_path, text)]
    assert len(found) == 1
    assert found[0].startswith(key.removesuffix(".0"))


def test_no_password_shows_in_what_is_printed_of_a_configuration(tmp_path: Path) -> None:
    names = ("log_password", "index_password", "index_api_key", "state_password")
    text = "\n".join(f"{name}_env: WENFENG_{name.upper()}" for name in names)
    config = load(tmp_path, text, **{f"WENFENG_{name.upper()}": "geheim" for name in names})
    assert all(getattr(config, name).get_secret_value() == "geheim" for name in names)
    assert "geheim" not in repr(config) + str(config)


def test_stream_yml_alone_is_read_where_the_other_files_are_missing(tmp_path: Path) -> None:
    (tmp_path / "stream.yml").write_text("batch: 7", "utf-8")
    assert read_stream(tmp_path).batch == 7
    with pytest.raises(ConfigError, match="the file is missing"):
        read_stream(tmp_path / "nowhere")


@pytest.mark.parametrize(
    "line",
    ["log: kafka://me:geheim@a:9092", "log: kafka://me:geheim@", "log: redis://me:geheim@a:1",
     "state: postgresql://me:geheim@db/w", "state: mysql://me:geheim@db/w", "state: 'postgresql+psycopg://me:geheim@db:x/w'",
     "index: ftp://me:geheim@a", "index: http://me:geheim@a:9200/x", "index_api_key: geheim"],
)  # fmt: skip
def test_a_password_that_stands_where_none_belongs_is_refused_and_not_shown(tmp_path: Path, line: str) -> None:
    ((_, problem),) = mistakes(tmp_path, line)
    assert "geheim" not in problem


def test_a_key_for_the_index_that_no_header_carries_is_refused_and_not_shown(tmp_path: Path) -> None:
    text = "index: http://a:9200\nindex_api_key_env: WENFENG_KEY"
    assert load(tmp_path, text, WENFENG_KEY="abc==\n").index_api_key.get_secret_value() == "abc=="
    for key in ("geheim密钥", "geheim\nX: 1"):
        with pytest.raises(ConfigError) as refused:
            load(tmp_path, text, WENFENG_KEY=key)
        assert "geheim" not in "".join(format_exception(refused.value))
    assert "index_api_key: a key of ASCII characters" in str(_refused(tmp_path, text, WENFENG_KEY="geheim密钥"))


def test_a_user_of_the_index_has_no_colon_and_no_line_break(tmp_path: Path) -> None:
    assert [key for key, _ in mistakes(tmp_path, 'index_user: "a:b"')] == ["index_user"]
    assert [key for key, _ in mistakes(tmp_path, 'index_user: "a\\nb"')] == ["index_user"]
    assert load(tmp_path, "index_user: 分析员").index_user == "分析员"


def _refused(folder: Path, text: str, **environ: str) -> ConfigError:
    with pytest.raises(ConfigError) as refused:
        load(folder, text, **environ)
    return refused.value
