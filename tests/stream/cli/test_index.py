"""`python -m stream index rebuild|verify|migrate`, as an operator types them, on both engines."""

from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from elasticsearch import Elasticsearch

from stream.cli.commands import main
from stream.codec import CASE_EVENTS, STAGE_HEALTH
from stream.codec import SCORED as CODEC
from stream.config import read_stream
from stream.engines import apply_topics, open_index_reader, open_index_writer, open_producer, open_state_engine
from stream.index.port import Query
from stream.log.broker import CASES, HEALTH, SCORED, Message
from stream.messages import Label, ScoredPost
from stream.process.clock import SystemClock
from stream.state.database import disposing
from stream.state.tombstones import bury
from tests.engines import engine
from tests.stream.elastic import server
from tests.stream.scored import HOUR, NOON, scored
from tests.stream.told import beat, happened


@dataclass
class Installation:
    """A folder of configuration, and what an operator does with it."""

    configs: Path
    client: Elasticsearch | None = None

    def run(self, *words: str) -> Result:
        done = CliRunner().invoke(main, [*words, "--configs", str(self.configs)], catch_exceptions=False)
        if self.client is not None:
            self.client.indices.refresh()
        return done

    def publish(self, *posts: ScoredPost) -> None:
        config = read_stream(self.configs)
        apply_topics(config)
        producer = open_producer(config, SystemClock())
        producer.publish([Message(SCORED, post.thread_id, CODEC.encode(post)) for post in posts])
        producer.close()

    def held(self) -> list[ScoredPost]:
        reader = open_index_reader(read_stream(self.configs))
        posts = list(reader.export(Query()))
        reader.close()
        return posts

    def put(self, *posts: ScoredPost) -> None:
        writer = open_index_writer(read_stream(self.configs))
        writer.put(posts)
        writer.close()
        if self.client is not None:
            self.client.indices.refresh()


@pytest.fixture(params=["sqlite", "elastic"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Installation]:
    lines = [f"var: {tmp_path / 'var'}"]
    if request.param == "sqlite":
        (tmp_path / "stream.yml").write_text("\n".join(lines), "utf-8")
        yield Installation(tmp_path)
        return
    with server() as (client, names):
        lines += [f"index: {engine('WENFENG_TEST_ELASTIC')}", f"index_name: {names.posts.removesuffix('-posts')}"]
        (tmp_path / "stream.yml").write_text("\n".join(lines), "utf-8")
        yield Installation(tmp_path, client)


@pytest.fixture
def elastic(place: Installation) -> Installation:
    if place.client is None:
        pytest.skip("the embedded index is filled again where it is")
    return place


def story() -> list[ScoredPost]:
    posts = [scored(n, f"第{n}次停电", NOON + n * 30 * HOUR) for n in range(30)]
    newer = [scored(n, f"又是第{n}次", posts[n].charted_at, observed_at=NOON + 2000 * HOUR) for n in range(5)]
    return [*posts, *newer, scored(77, deleted_at=NOON - timedelta(hours=30))]


def test_an_index_made_again_is_the_same_without_the_erased(place: Installation) -> None:
    place.publish(*story())
    place.run("index", "--once")
    place.run("erase", scored(7).id)
    before = place.held()
    assert len(before) == 30
    if place.client is None:
        for file in (place.configs / "var").glob("index.db*"):
            file.unlink()
    done = place.run("index", "rebuild")
    assert (done.exit_code, "36 records, 0 refused" in done.stdout) == (0, True)
    assert place.held() == before
    assert place.run("index", "verify").exit_code == 0


def test_a_post_whose_erasing_was_cut_off_is_not_missed_in_the_log(place: Installation) -> None:
    place.publish(*story())
    place.run("index", "--once")
    with disposing(open_state_engine(read_stream(place.configs))) as state:
        bury(state, [scored(7).id], NOON, reason="asked for")  # and killed before the index was told
    done = place.run("index", "rebuild")
    assert done.exit_code == 0, done.stderr


def test_verify_names_the_days_that_differ(place: Installation) -> None:
    place.publish(*story())
    place.run("index", "--once")
    assert place.run("index", "verify").stdout == "31 posts of 30 days in the index; 0 days differ from the log\n"
    place.put(scored(900, "不在日志里"))
    place.publish(scored(901, at=NOON + 30 * HOUR))
    place.put(scored(3, "别的", NOON + 90 * HOUR, observed_at=NOON + 2000 * HOUR, label=Label.NEUTRAL))
    told = place.run("index", "verify")
    assert told.exit_code == 1
    assert told.stdout.splitlines() == [
        "2026-09-21: 2 in the log, 3 in the index",
        "2026-09-22: 2 in the log, 1 in the index",
        "2026-09-24: 1 posts in both, not the same",
        "32 posts of 30 days in the index; 3 days differ from the log",
    ]


def test_what_the_log_has_not_any_more_is_lost_only_when_asked_for(elastic: Installation) -> None:
    elastic.publish(*story())
    elastic.run("index", "--once")
    elastic.put(scored(900, "早已不在日志里", NOON - 999 * HOUR))
    refused = elastic.run("index", "rebuild")
    assert refused.exit_code == 1
    assert "2026-08-10: 0 in the log, 1 in the index" in refused.stderr
    assert len(elastic.held()) == 32
    elastic.put(scored(901))  # it takes writes again
    done = elastic.run("index", "rebuild", "--lose")
    assert done.exit_code == 0
    assert "outside the log, not in the index any more: 2026-08-10" in done.stdout
    assert len(elastic.held()) == 31


def test_an_index_of_this_mapping_need_not_move(place: Installation) -> None:
    place.put(scored(1))
    assert "nothing to do" in place.run("index", "migrate").stdout


def test_a_wrong_index_line_is_told_before_anything_is_opened(tmp_path: Path) -> None:
    def told(line: str) -> str:
        (tmp_path / "stream.yml").write_text(line, "utf-8")
        done = CliRunner().invoke(main, ["status", "--configs", str(tmp_path)])
        assert done.exit_code == 78
        return done.stderr

    assert "write sqlite:FILE or http(s)://HOST:9200" in told("index: elastic:9200")
    secret = told("index: https://me:hunter2@host:9200")
    assert "index_password_env" in secret
    assert "hunter2" not in secret
    assert "index_password_file" in told("index: sqlite:x.db\nindex_password: x")
    assert "WENFENG_NO_SUCH" in told("index: https://host:9200\nindex_api_key_env: WENFENG_NO_SUCH")


def test_cases_and_health_are_told_again_to_an_index_that_lost_them(place: Installation) -> None:
    config = read_stream(place.configs)
    apply_topics(config)
    with closing(open_producer(config, SystemClock())) as producer:
        producer.publish([Message(CASES, "1", CASE_EVENTS.encode(happened(1, number))) for number in (1, 2)])
        producer.publish([Message(CASES, "1", b"{}")])
        producer.publish([Message(HEALTH, "index", STAGE_HEALTH.encode(beat(1)))])
    for _ in range(2):
        assert place.run("index", "retell").output.splitlines()[-1] == "3 events told again"
        assert CASE_EVENTS.decode(place.run("events", "cases").stdout_bytes) == happened(1, 2)
        assert len(place.run("events", "history").stdout_bytes.splitlines()) == 2
        assert STAGE_HEALTH.decode(place.run("events", "health").stdout_bytes) == beat(1)
