import json
import subprocess
import sys
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

import pytest

from nlp.inference.crash_safe import KILLED, CrashSafeScorer
from nlp.scorer import Score, Unscored
from stream.codec import POSTS
from stream.codec import SCORED as SCORED_CODEC
from stream.log.broker import RAW, SCORED, Message, Topic
from stream.log.brokers.sqlite.admin import SqliteAdmin
from stream.log.brokers.sqlite.client import SqliteConsumer, SqliteProducer
from stream.process.clock import SystemClock
from tests.nlp.test_stage import post

ROOT = Path(__file__).parents[3]
DEAD = 2**22 + 1  # no process has a number beyond the system's largest


class Counting:
    """Scores nothing and notes how much it was given at once."""

    name = "counting@1"

    def __init__(self) -> None:
        self.given: list[int] = []

    def score(self, texts: Sequence[str], closely: Sequence[bool] | None = None) -> list[Score | Unscored]:
        self.given.append(len(texts))
        return [Unscored("empty")] * len(texts)


def test_after_a_death_fewer_texts_are_scored_at_once_until_batches_succeed_again(tmp_path: Path) -> None:
    (tmp_path / f"{DEAD}.json").write_text(json.dumps({"texts": 8, "alone": None, "deaths": {}}))
    inner = Counting()
    scorer = CrashSafeScorer(inner, tmp_path)
    for _ in range(3):
        assert len(scorer.score(["好"] * 16)) == 16
    assert inner.given == [4, 4, 4, 4, 8, 8, 16]
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("left", ["", "{", "[]", "{}"])
def test_a_file_that_was_cut_off_makes_the_next_process_careful(tmp_path: Path, left: str) -> None:
    (tmp_path / f"{DEAD}.json").write_text(left)
    inner = Counting()
    CrashSafeScorer(inner, tmp_path).score(["好"] * 3)
    assert inner.given == [1, 1, 1]


def test_the_batch_of_a_living_process_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "1.json").write_text(json.dumps({"texts": 8}))
    inner = Counting()
    CrashSafeScorer(inner, tmp_path).score(["好"] * 16)
    assert inner.given == [16]


def test_a_text_that_kills_the_process_is_found_and_costs_no_neighbour_its_score(tmp_path: Path) -> None:
    log, clock = tmp_path / "log.db", SystemClock()
    with closing(SqliteAdmin(log)) as admin:
        admin.apply([Topic(name, 1) for name in (RAW, SCORED)])
    texts = ["好", "气死我了", "坏", "停电"]
    with closing(SqliteProducer(log, clock)) as producer:
        posts = [post(number, text) for number, text in enumerate(texts)]
        producer.publish([Message(RAW, one.thread_id, POSTS.encode(one)) for one in posts])
    lives = [life(log, tmp_path / "scoring") for _ in range(5)]
    assert lives == [-9, -9, -9, -9, 0]  # four texts, two, one, the same once more; then it is left out
    with closing(SqliteConsumer(log, clock, group="test", topics=[SCORED])) as consumer:
        scored = [SCORED_CODEC.decode(record.value) for record in consumer.poll(10, 0)]
    assert [(one.text, one.unscored) for one in scored] == [
        ("好", None), ("气死我了", KILLED), ("坏", None), ("停电", None)
    ]  # fmt: skip


def life(log: Path, folder: Path) -> int:
    command = [sys.executable, "-m", "tests.nlp.killed_scoring", str(log), str(folder)]
    return subprocess.run(command, cwd=ROOT, capture_output=True, check=False).returncode
