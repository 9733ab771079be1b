"""What upkeep does in one go, what it would do, and that it ends when asked to."""

import os
import signal
import subprocess
import sys
import time
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path

from stream.engines import open_log_admin, open_state_engine
from stream.log.broker import RAW, Message
from stream.process.clock import ScriptedClock, SystemClock
from stream.responses.evidence import EvidenceKey, open_evidence
from stream.responses.store import open_responses
from stream.state.database import disposing
from stream.state.tombstones import bury
from tests.stream.installation import DAY, Embedded
from tests.stream.responses.captured import captured
from tests.stream.scored import scored

KEY = EvidenceKey(bytes(32))
ROOT = Path(__file__).parents[3]


def kept(place: Embedded, topic: str) -> int:
    with closing(open_log_admin(place.config)) as admin:
        return sum(end - start for start, end in admin.ends(topic).values())


def keep_page(place: Embedded, at: datetime, *posts: str) -> None:
    open_responses(place.config).write(captured(*posts, at=at))


def claim_page(place: Embedded, at: datetime, *posts: str) -> None:
    open_evidence(place.config).seal(1, captured(*posts, at=at), KEY)


def kept_pages(place: Embedded) -> int:
    return len([*place.var.glob("responses/*"), *place.var.glob("evidence/*/*")])


def test_the_words_of_posts_gone_for_a_day_are_withheld(place: Embedded) -> None:
    now = SystemClock().now()
    lately = scored(1, "刚删除", now - 2 * DAY, deleted_at=now - timedelta(hours=23), observed_at=now - DAY)
    long_ago = scored(2, "早删除", now - 3 * DAY, deleted_at=now - timedelta(hours=25), observed_at=now - 1.04 * DAY)
    place.put(lately, long_ago)
    assert place.run("upkeep", "--once").exit_code == 0
    assert {post.native_id: post.text for post in place.held()} == {"pid:1": "刚删除", "pid:2": ""}


def test_what_is_past_its_time_goes_and_the_rest_stays(place: Embedded) -> None:
    now = SystemClock().now()
    place.tell(Message(RAW, "thread", b"old"), clock=ScriptedClock(now - 91 * DAY))
    place.tell(Message(RAW, "thread", b"new"))
    place.put(scored(1, at=now - 91 * DAY), scored(2, at=now - 89 * DAY))
    assert place.run("upkeep", "--once").exit_code == 0
    assert kept(place, RAW) == 1
    assert [post.native_id for post in place.held()] == ["pid:2"]


def test_a_dry_run_says_what_would_go_and_removes_nothing(place: Embedded) -> None:
    now = SystemClock().now()
    place.tell(Message(RAW, "thread", b"old"), clock=ScriptedClock(now - 91 * DAY))
    place.put(scored(1, at=now - 91 * DAY))
    with disposing(open_state_engine(place.config)) as engine:
        bury(engine, ["a" * 32], now - DAY, reason="retention", until=now - timedelta(hours=1))
    keep_page(place, now - timedelta(hours=25), "c" * 32)
    claim_page(place, now - 91 * DAY, "c" * 32)
    for _ in range(2):
        told = place.run("upkeep", "--dry-run")
        assert (told.exit_code, told.stdout.splitlines()) == (
            0,
            ["records of the log: 1", "posts of the index: 1 posts", "health of the index: 0",
             "tombstones with an end: 1", "silences of sources: 0", "answers of sites: 1",
             "answers that cases claimed: 1"],
        )  # fmt: skip
    assert len(place.held()) == 1
    assert kept_pages(place) == 2


def test_pages_go_after_a_day_claimed_ones_with_the_posts_and_erased_posts_take_theirs(place: Embedded) -> None:
    now = SystemClock().now()
    keep_page(place, now - timedelta(hours=25), "c" * 32)
    keep_page(place, now - timedelta(hours=23), "c" * 32)
    keep_page(place, now - timedelta(hours=22), "c" * 32, "e" * 32)
    claim_page(place, now - 91 * DAY, "c" * 32)
    claim_page(place, now - 89 * DAY, "c" * 32)
    claim_page(place, now - 88 * DAY, "c" * 32, "e" * 32)
    with disposing(open_state_engine(place.config)) as engine:  # an erasing that was cut off before it removed any
        bury(engine, ["e" * 32], now, reason="request")
    assert place.run("upkeep", "--once").exit_code == 0
    kept = [*open_responses(place.config).showing(["c" * 32]), *open_evidence(place.config).pages(1)]
    assert [(now - page.at).days for page in kept] == [0, 89]
    assert kept_pages(place) == 2


def test_pages_are_kept_no_longer_than_stream_yml_says_also_where_no_more_are_kept(place: Embedded) -> None:
    now = SystemClock().now()
    place.write("responses: {enabled: false, keep: 2h}")
    keep_page(place, now - timedelta(hours=3), "c" * 32)
    keep_page(place, now - timedelta(hours=1), "c" * 32)
    place.run("upkeep", "--once")
    assert kept_pages(place) == 1


def test_an_installation_without_anything_past_its_time_says_nothing_but_noughts(place: Embedded) -> None:
    told = place.run("upkeep", "--dry-run").stdout
    assert [line.rpartition(": ")[2] for line in told.splitlines()] == ["0"] * 7


def test_how_long_things_are_kept_is_stream_yml_s_to_say(place: Embedded) -> None:
    place.put(scored(1, at=SystemClock().now() - 10 * DAY))
    place.write("topics: {posts.scored: {keep: 9d}}")
    place.run("upkeep", "--once")
    assert place.held() == []


def test_an_unknown_job_is_refused_with_those_there_are(place: Embedded) -> None:
    place.write("upkeep: {sweep: '0 4 * * *'}")
    done = subprocess.run(
        [sys.executable, "-m", "stream", "upkeep", "--configs", str(place.folder)],
        capture_output=True, text=True, check=False, cwd=ROOT,
    )  # fmt: skip
    assert done.returncode != 0
    assert "unknown jobs sweep; known are" in done.stderr


def test_the_stage_runs_until_asked_to_end_and_lets_others_know(place: Embedded) -> None:
    place.put(scored(1, at=SystemClock().now() - 91 * DAY))
    command = [sys.executable, "-m", "stream", "upkeep", "--configs", str(place.folder)]
    stage = subprocess.Popen(command, cwd=ROOT, stderr=subprocess.PIPE, text=True)
    try:
        until = time.monotonic() + 30
        while (place.held() or not list(place.var.glob("running/upkeep.*"))) and time.monotonic() < until:
            time.sleep(0.1)
        assert place.held() == []  # what was overdue was done at once
        assert len(list(place.var.glob("running/upkeep.*"))) == 1
        os.kill(stage.pid, signal.SIGTERM)
        _, told = stage.communicate(timeout=30)
    finally:
        stage.kill()
    assert stage.returncode == 0, told
    assert not list(place.var.glob("running/*"))
    assert "alembic" not in told
