"""How the pipeline stands, as a person reads it and as a program does."""

import os
import subprocess
import sys
from datetime import timedelta
from json import loads
from typing import Any
from unicodedata import east_asian_width

from stream.codec import SCORED
from stream.log.broker import CASES, HEALTH, QUARANTINE, RAW, Message
from stream.log.broker import SCORED as TOPIC
from stream.messages import Label
from stream.process.alive import Alive
from stream.process.clock import SystemClock, local_time
from stream.process.running import STAGES, registered
from tests.stream.installation import Embedded
from tests.stream.scored import scored
from tests.stream.told import beat

MINUTE = timedelta(minutes=1)


def taken(place: Embedded) -> dict[str, Any]:
    done = place.run("status", "--json")
    assert (done.exit_code, done.stderr) == (0, "")
    status: dict[str, Any] = loads(done.stdout)
    return status


def states(place: Embedded) -> dict[str, str]:
    return {stage["stage"]: stage["state"] for stage in taken(place)["running"]}


def columns(line: str) -> int:
    return sum(2 if east_asian_width(character) in "WF" else 1 for character in line)


def test_a_wrong_var_is_refused_and_nothing_is_made_there(place: Embedded) -> None:
    refused = place.run("status")
    assert refused.exit_code == 78
    assert refused.stderr == (
        f"stream.yml: var: no log at {place.var / 'log.db'}: is `var` right, and did any stage run yet?\n"
    )
    assert not place.var.exists()


def test_a_log_without_an_index_is_an_installation_that_just_began(place: Embedded) -> None:
    place.run("topics", "apply")
    status = taken(place)
    assert status["indexed"] == 0
    assert [topic["topic"] for topic in status["topics"]] == [RAW, TOPIC, QUARANTINE, CASES, HEALTH]


def test_records_lag_and_counts_are_told(place: Embedded) -> None:
    place.publish(scored(1), scored(2, label=Label.POSITIVE))
    place.run("index", "--once")
    place.publish(scored(3), scored(4), scored(5))
    status = taken(place)
    assert status["indexed"] == 2
    assert status["labels"] == {"negative": 1, "neutral": 0, "positive": 1, "uncertain": 0}
    by_topic = {topic["topic"]: topic for topic in status["topics"]}
    assert (by_topic[TOPIC]["kept"], by_topic[TOPIC]["written"], by_topic[RAW]["kept"]) == (5, 5, 0)
    (group,) = [group for group in status["groups"] if group["topic"] == TOPIC]
    assert (group["group"], group["lag"], group["gap"]) == ("wenfeng.index", 3, 0)


def test_only_what_was_not_sent_again_counts_as_quarantined(place: Embedded) -> None:
    place.tell(Message(TOPIC, "a", b"\xff"), Message(TOPIC, "b", b"{}"))
    place.run("index", "--once")
    assert taken(place)["quarantined"] == {"undecodable": 2}
    place.run("quarantine", "replay")
    assert taken(place)["quarantined"] == {}


def test_only_the_last_hour_of_the_stages_is_told(place: Embedded) -> None:
    now = SystemClock().now()
    place.beat(
        beat(1, at=now - 61 * MINUTE, done=1000),
        beat(2, at=now - 2 * MINUTE, done=5, rejected=2),
        beat(3, at=now - MINUTE, done=7, lag=0.25),
        beat(4, "score", at=now - MINUTE, instance="other:1", done=1),
    )
    place.run("index", "--once")
    stages = {stage["stage"]: stage for stage in taken(place)["stages"]}
    assert (stages["index"]["done"], stages["index"]["rejected"], stages["index"]["lag"]) == (12, 3, 0.25)
    assert stages["score"]["done"] == 1


def test_every_stage_of_an_installation_is_named_whether_it_ran_or_not(place: Embedded) -> None:
    place.run("topics", "apply")
    assert states(place) == dict.fromkeys(STAGES, "never ran")


def test_a_stage_that_works_is_told_from_one_that_was_stopped(place: Embedded) -> None:
    place.run("topics", "apply")
    Alive(place.var, "upkeep")()
    Alive(place.var, "alerts")()
    with registered(place.var, "upkeep"):
        assert states(place)["upkeep"] == "running"
        assert states(place)["alerts"] == "stopped"
    assert states(place)["upkeep"] == "stopped"


def test_a_stage_that_gives_no_sign_of_life_is_late(place: Embedded) -> None:
    place.run("topics", "apply")
    Alive(place.var, "index")()
    with registered(place.var, "index"):
        for file in (*(place.var / "alive").iterdir(), *(place.var / "running").iterdir()):
            os.utime(file, (0, file.stat().st_mtime - 600))
        assert states(place)["index"] == "late"


def test_a_stage_that_was_killed_is_seen_to_be_gone_at_once(place: Embedded) -> None:
    place.run("topics", "apply")
    Alive(place.var, "score")()
    code = (
        "import os, signal, sys; from pathlib import Path; from stream.process.running import registered\n"
        "with registered(Path(sys.argv[1]), 'score'): os.kill(os.getpid(), signal.SIGKILL)"
    )
    subprocess.run([sys.executable, "-c", code, str(place.var)], check=False)
    assert list((place.var / "running").iterdir())
    assert states(place)["score"] == "stopped"


def test_a_stage_on_another_machine_is_known_by_what_it_tells(place: Embedded) -> None:
    now = SystemClock().now()
    place.beat(
        beat(1, "score", at=now - MINUTE, instance="other:7"),
        beat(2, "index", at=now - 20 * MINUTE, instance="other:8"),
    )
    place.run("index", "--once")
    running = {stage["stage"]: stage for stage in taken(place)["running"]}
    assert (running["score"]["state"], running["score"]["processes"]) == ("running", 1)
    assert running["index"]["state"] == "late"


def test_a_crawl_is_a_sign_of_the_crawlers_life(place: Embedded) -> None:
    place.beat(beat(1, "crawl", at=SystemClock().now() - MINUTE, instance="other:7", source="bbs"))
    place.run("index", "--once")
    assert states(place)["crawlers"] == "running"


def test_tables_are_in_beijing_time_and_fit_eighty_columns(place: Embedded) -> None:
    now = SystemClock().now()
    place.publish(scored(1))
    place.tell(Message(TOPIC, "a", b"\xff"))
    place.beat(beat(1, at=now - MINUTE), beat(2, "crawl", at=now - MINUTE, source="s" * 60))
    place.run("index", "--once")
    shown = place.run("status").stdout
    assert max(map(columns, shown.splitlines())) <= 80
    assert f"stages, {local_time(now)[:15]}" in shown
    assert "Beijing time" in shown
    assert local_time(now - MINUTE)[-5:] in shown
    for words in ("posts.quarantine", "wenfeng.index", "indexed 1 (negative 1,", "quarantined 1 (undecodable 1)"):
        assert words in shown


def test_empty_lists_say_that_they_are(place: Embedded) -> None:
    place.run("topics", "apply")
    shown = place.run("status").stdout
    assert "no group has read from the log yet" in shown
    assert "no stage has told of its work in the last hour" in shown
    assert "quarantined 0" in shown


def test_looking_moves_no_group_and_adds_no_record(place: Embedded) -> None:
    place.publish(scored(1))
    first = taken(place)
    second = taken(place)
    assert {**first, "at": ""} == {**second, "at": ""}


def test_the_moment_of_the_status_is_on_the_wire_in_utc(place: Embedded) -> None:
    place.run("topics", "apply")
    before = SystemClock().now()
    told = SCORED.decode(SCORED.encode(scored(1, scored_at=before)))
    assert taken(place)["at"].endswith("Z")
    assert taken(place)["at"] >= told.scored_at.strftime("%Y-%m-%dT%H:%M")
