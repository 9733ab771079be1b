"""Topics as an operator sees and sets them."""

from stream.log.broker import RAW
from stream.log.topics import TOPICS
from tests.stream.installation import Embedded


def test_a_new_log_gets_every_topic_and_the_second_time_nothing(place: Embedded) -> None:
    first = place.run("topics", "apply")
    assert first.exit_code == 0
    assert first.stdout.splitlines() == [f"{name}: created with 6 partitions" for name in TOPICS]
    assert place.run("topics", "apply").stdout == "all topics are as configured\n"


def test_a_dry_run_says_what_is_missing_changes_nothing_and_ends_with_1(place: Embedded) -> None:
    for _ in range(2):
        shown = place.run("topics", "apply", "--dry-run")
        assert shown.exit_code == 1
        assert shown.stdout.splitlines() == [f"{name}: is missing" for name in TOPICS]
    place.run("topics", "apply")
    as_configured = place.run("topics", "apply", "--dry-run")
    assert (as_configured.exit_code, as_configured.stdout) == (0, "all topics are as configured\n")


def test_a_topic_is_widened_by_this_command_and_by_no_stage(place: Embedded) -> None:
    place.write(f"topics: {{{RAW}: {{partitions: 2}}}}")
    place.run("topics", "apply")
    place.write(f"topics: {{{RAW}: {{partitions: 4}}}}")
    refused = place.run("upkeep", "--once")
    assert refused.exit_code == 78
    assert "run `python -m stream topics apply`" in refused.stderr
    assert place.run("topics", "apply").stdout == f"{RAW}: widened from 2 to 4 partitions\n"
    assert place.run("upkeep", "--once").exit_code == 0


def test_a_topic_is_never_narrowed(place: Embedded) -> None:
    place.run("topics", "apply")
    place.write(f"topics: {{{RAW}: {{partitions: 1}}}}")
    assert place.run("topics", "apply").stdout == "all topics are as configured\n"


def test_how_long_records_are_kept_is_set_back_in_words(place: Embedded) -> None:
    place.run("topics", "apply")
    place.write(f"topics: {{{RAW}: {{keep: 45d}}}}")
    shown = place.run("topics", "apply", "--dry-run")
    assert (shown.exit_code, shown.stdout) == (
        1,
        f"{RAW}: keeps records for 90 days, 0:00:00, 45 days, 0:00:00 is configured\n",
    )
    assert place.run("topics", "apply").stdout == f"{RAW}: keeps records for 45 days, 0:00:00\n"
