"""Counts per step as the detector takes them: dates without times are spread, late posts are found in time."""

from datetime import datetime, timedelta

import pytest

from alerts.detection.ledger import Ledger, midnight, recent, window
from stream.messages import Label, Precision
from stream.process.clock import SHANGHAI
from tests.alerts.detection.worlds import DAY, HOUR, LIMITS, MINUTE, NOW, Asked, World, burst, said, world

END = datetime(2026, 9, 22, 6, 5, tzinfo=NOW.tzinfo)
STEP = timedelta(minutes=5)


def ledger(made: World, *topics: str, since: timedelta = 50 * HOUR) -> Ledger:
    found = Ledger(made.reader, topics or ("outage",), LIMITS)
    found.refresh(END - since, END)
    return found


def test_a_step_counts_discounted_negatives_and_all_posts_of_each_topic_and_nothing_else() -> None:
    at = END - 2 * HOUR
    with world(burst(at, 3, 1, topics=("outage", "bill"))) as made:
        made.put([said(9, at, label=Label.NEUTRAL), said(10, at, voice="a" * 32), said(11, at, topics=("other",))])
        found = ledger(made, "bill", "outage", "quiet")
        first = found.of(at)
        assert first.tolist() == [1, 2, 0, 1, 3, 0]
        assert found.of(at - STEP).tolist() == [0] * 6
        assert sum(found.of(at + n * STEP) for n in range(8)).tolist() == [3, 4, 0, 3, 5, 0]


def test_copies_and_one_persons_repetitions_count_less() -> None:
    at = END - HOUR
    with world(burst(at, 8, 1, fingerprint="f" * 16)) as made:
        steps = ledger(made)
        assert sum(steps.of(at + n * STEP)[0] for n in range(8)) == 8  # a step knows no other step's texts
        assert window(made.reader, "outage", at, at + HOUR).texts == 1


@pytest.mark.parametrize("precision", [Precision.SECOND, Precision.MINUTE, Precision.UNKNOWN])
def test_what_is_dated_finer_or_not_at_all_counts_when_it_counts(precision: Precision) -> None:
    at = END - HOUR
    with world([said(1, at, published_precision=precision, charted_at=at - DAY)]) as made:
        assert ledger(made).of(at).tolist() == [1, 1]
        assert ledger(made).of(at - DAY).tolist() == [0, 0]


def test_back_fill_counts_nowhere_but_in_the_learnt_past() -> None:
    at = END - HOUR
    with world([said(1, at, counted_at=None)]) as made:
        assert ledger(made).of(at).tolist() == [0, 0]
        past = ledger(made).past(at - DAY, at + DAY)
        assert past.of(at).tolist() == [1, 1]


def test_posts_dated_by_a_mere_day_are_spread_over_that_day_in_beijing_whenever_they_come() -> None:
    day = datetime(2026, 9, 21, tzinfo=SHANGHAI)
    dated = {"published_precision": Precision.DAY, "counted_at": END - MINUTE}
    with world([said(n, day, **dated) for n in range(288)]) as made:
        found = ledger(made)
        assert found.of(day).tolist() == pytest.approx([1, 1])
        assert found.of(day + DAY - STEP).tolist() == pytest.approx([1, 1])
        assert found.of(day - STEP).tolist() == found.of(day + DAY).tolist() == [0, 0]
        assert found.of(END - STEP).tolist() == [0, 0]
        assert ledger(made).past(day - DAY, day + DAY).of(day + HOUR).tolist() == pytest.approx([1, 1])
        assert found.dated_by_day.tolist() == [True]
        assert ledger(made, "bill").dated_by_day.tolist() == [False]


def test_a_few_posts_dated_by_the_day_do_not_make_a_topics_silence_doubtful() -> None:
    dated = {"published_precision": Precision.DAY}
    with world([said(n, midnight(END), **dated) for n in range(4)]) as made:
        assert ledger(made).dated_by_day.tolist() == [False]


def test_newest_hours_are_read_at_each_look_and_older_ones_once_a_step() -> None:
    old, new = END - 5 * HOUR, END - HOUR
    with world() as made:
        found = Ledger(made.reader, ("outage",), LIMITS)
        found.refresh(END - 50 * HOUR, END)
        made.put([said(1, old), said(2, new)])
        found.refresh(END - 50 * HOUR, END)
        assert (found.of(old)[0], found.of(new)[0]) == (0, 1)
        found.refresh(END - 50 * HOUR, END + STEP)
        assert (found.of(old)[0], found.of(new)[0]) == (1, 1)


def test_a_look_asks_twice_once_a_step_and_once_else() -> None:
    with world() as made:
        reader = Asked(made.reader)
        found = Ledger(reader, ("outage",), LIMITS)
        for asked, until in ((2, END), (1, END), (1, END), (2, END + STEP)):
            reader.calls.clear()
            found.refresh(END - 50 * HOUR, until)
            assert reader.calls == ["tally"] * asked


def test_what_went_out_of_sight_is_dropped() -> None:
    with world([said(1, END - 40 * HOUR), said(2, END - HOUR)]) as made:
        found = ledger(made)
        found.refresh(END - 30 * HOUR, END)
        assert (found.of(END - 40 * HOUR)[0], found.of(END - HOUR)[0]) == (0, 1)


def test_the_last_hour_reaches_five_minutes_ahead_and_names_only_who_spoke() -> None:
    posts = [
        said(1, NOW + 4 * MINUTE),
        said(2, NOW - 54 * MINUTE),
        said(3, NOW - 56 * MINUTE),
        said(4, NOW + 6 * MINUTE),
    ]
    with world(posts) as made:
        assert {topic: bucket.total for topic, bucket in recent(made.reader, NOW).items()} == {"outage": 2}
        made.put([said(5, NOW, topics=("bill",), published_precision=Precision.DAY)])
        assert set(recent(made.reader, NOW)) == {"outage"}


def test_a_window_of_a_day_counts_what_is_dated_by_the_day_and_a_shorter_one_does_not() -> None:
    with world([said(1, NOW - HOUR, published_precision=Precision.DAY), said(2, NOW - HOUR)]) as made:
        assert window(made.reader, "outage", NOW - DAY, NOW).total == 2
        assert window(made.reader, "outage", NOW - 2 * HOUR, NOW).total == 1


def test_midnight_is_beijings_in_the_zone_that_was_given() -> None:
    assert midnight(NOW) == datetime(2026, 9, 22, tzinfo=SHANGHAI)
    assert midnight(NOW).tzinfo is NOW.tzinfo
    assert midnight(datetime(2026, 9, 21, 16, 0, tzinfo=NOW.tzinfo)) == datetime(2026, 9, 22, tzinfo=SHANGHAI)
    assert midnight(datetime(2026, 9, 21, 15, 59, tzinfo=NOW.tzinfo)) == datetime(2026, 9, 21, tzinfo=SHANGHAI)
