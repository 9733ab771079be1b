"""What was refused, as an operator lists it and sends it again."""

from json import loads

import pytest

from stream.codec import SCORED
from stream.log.broker import SCORED as TOPIC
from stream.log.broker import Message
from tests.stream.installation import Embedded
from tests.stream.scored import scored


def listed(place: Embedded) -> list[list[str]]:
    """The cells of each entry."""
    lines = place.run("quarantine", "list").stdout.splitlines()
    rows = [[cell.strip() for cell in line.split("│")[1:-1]] for line in lines if line.startswith("│")]
    return [row for row in rows if row[0]]  # a long detail goes on in the next line


@pytest.fixture
def filled(place: Embedded) -> Embedded:
    """Two records that are no posts, and one that the index refuses."""
    bad = SCORED.encode(scored(1)).replace(b'"polarity"', b'"polarities"')
    place.tell(Message(TOPIC, "a", b"\xff"), Message(TOPIC, "b", bad), Message(TOPIC, "c", SCORED.encode(scored(2))))
    place.run("index", "--once")
    return place


def test_each_entry_says_where_it_lay_and_why_it_was_refused(filled: Embedded) -> None:
    rows = listed(filled)
    assert len(rows) == 2
    for row in rows:
        assert len(row[0]) == 32
        assert row[1] == "index"
        assert row[2].startswith("posts.scored")
        assert (row[4], row[6]) == ("undecodable", "")


def test_an_empty_quarantine_is_said_to_be(place: Embedded) -> None:
    place.run("topics", "apply")
    done = place.run("quarantine", "list")
    assert (done.exit_code, done.stdout) == (0, "nothing is quarantined\n")


def test_a_wrong_var_is_refused_and_no_log_is_made_there(place: Embedded) -> None:
    refused = place.run("quarantine", "list")
    assert (refused.exit_code, f"no log at {place.var / 'log.db'}" in refused.stderr) == (78, True)
    assert not place.var.exists()


def test_one_entry_is_sent_again_by_its_id_and_the_others_are_not(filled: Embedded) -> None:
    first, second = (row[0] for row in listed(filled))
    assert filled.run("quarantine", "replay", first).stdout == "replayed 1\n"
    replayed = {row[0]: row[6] for row in listed(filled)}
    assert replayed[first] != ""
    assert replayed[second] == ""


def test_entries_are_sent_again_by_their_reason(filled: Embedded) -> None:
    assert filled.run("quarantine", "replay", "--reason", "refused").stdout == "replayed 0\n"
    assert filled.run("quarantine", "replay", "--reason", "undecodable").stdout == "replayed 2\n"


def test_an_id_and_a_reason_must_both_fit(filled: Embedded) -> None:
    first = listed(filled)[0][0]
    assert filled.run("quarantine", "replay", first, "--reason", "refused").stdout == "replayed 0\n"


def test_an_id_that_is_not_there_sends_nothing(filled: Embedded) -> None:
    assert filled.run("quarantine", "replay", "0" * 32).stdout == "replayed 0\n"


def test_what_is_still_broken_comes_back_as_a_new_entry(filled: Embedded) -> None:
    assert filled.run("quarantine", "replay").stdout == "replayed 2\n"
    filled.run("index", "--once")
    rows = listed(filled)
    assert len(rows) == 4
    assert sum(row[6] == "" for row in rows) == 2


def test_listing_changes_nothing(filled: Embedded) -> None:
    assert listed(filled) == listed(filled)
    groups = loads(filled.run("status", "--json").stdout)["groups"]
    assert not [group for group in groups if group["topic"] == "posts.quarantine"]
