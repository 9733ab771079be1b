"""From the detector's word to a judgement: floors, blindness, and everything that is said beside the number."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter

from alerts.detection.series.waves import Crossing, Wave
from alerts.detection.signals import (
    Coverage,
    Finding,
    Reason,
    Signal,
    State,
    Thresholds,
    View,
    coverage_of,
    effective,
    judge,
    share_tail,
    silent_sources,
)
from stream.index.port import Bucket

NOW = datetime(2026, 9, 21, 6, 0, tzinfo=UTC)
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
LIMITS = Thresholds()
FRESH = (Coverage("bbs", NOW - 5 * MINUTE, NOW + 15 * MINUTE),)
FILE = Coverage("file", NOW, None)
SILENT = Coverage("slow", NOW - HOUR, NOW - HOUR / 2)
NEVER = Coverage("new", None, None)


def bucket(negative: int, total: int | None = None, **changes: int) -> Bucket:
    counts = {"authors": negative, "texts": negative} | changes
    return Bucket(NOW - HOUR, negative if total is None else total, negative, **counts)


def crossing(**changes: Any) -> Crossing:
    told = {"at": NOW, "span": HOUR, "score": 9.0, "threshold": 5.0, "counted": 30.0, "due": 1.5} | changes
    return Crossing(**told)


def view(window: Bucket, crossed: Crossing | None = None, **changes: Any) -> View:
    """A topic known for three weeks at its last hour; with `crossed`, a wave of that one step."""
    shown = {
        "since": NOW - HOUR, "until": NOW, "window": window, "usual": 1.0, "bar": 12.0, "usual_share": 0.25,
        "surge": 0.0, "known": 21 * DAY, "coverage": FRESH, "behind": timedelta(0), "crossing": crossed,
        "wave": Wave((crossed,)) if crossed else None,
    } | changes  # fmt: skip
    return View(**shown)


def look(shown: View) -> Signal:
    return judge("outage", shown, LIMITS, NOW)


def test_a_quiet_topic_is_calm_and_says_what_would_alarm() -> None:
    signal = look(view(bucket(0)))
    assert (signal.state, signal.findings, signal.silent) == (State.CALM, (), ())
    assert (signal.expected, signal.bar) == (1.0, 12.0)


def test_a_crossing_of_enough_people_is_a_spike_that_says_why() -> None:
    signal = look(view(bucket(30, 32), crossing()))
    assert signal.state is State.SPIKE
    assert signal.findings == (Finding(Reason.RISE, 9.0, 5.0),)
    assert (signal.negative, signal.authors, signal.expected, signal.factor) == (30, 30, 1.5, 20.0)
    assert (signal.window_start, signal.window_end, signal.since) == (NOW - HOUR, NOW, NOW - HOUR)


@pytest.mark.parametrize(
    ("crossed", "reason", "numbers"),
    [
        ({"span": HOUR}, Reason.RISE, (9.0, 5.0)),
        ({"span": DAY}, Reason.LEVEL, (9.0, 5.0)),
        ({"fell": True}, Reason.FALL, (9.0, 5.0)),
        ({"bare": True, "counted": 120.0, "threshold": 100.0}, Reason.BARE, (120.0, 100.0)),
    ],
)
def test_each_way_to_leave_the_usual_has_its_word(
    crossed: dict[str, Any], reason: Reason, numbers: tuple[float, float]
) -> None:
    signal = look(view(bucket(120), crossing(**crossed)))
    assert signal.findings == (Finding(reason, *numbers),)


def test_too_few_posts_or_too_few_people_are_watched_and_said() -> None:
    few = look(view(bucket(4), crossing()))
    assert (few.state, few.reasons) == (State.WATCH, {Reason.RISE, Reason.FEW_POSTS})
    alone = look(view(bucket(50, authors=2), crossing()))
    assert alone.state is State.WATCH
    assert Finding(Reason.FEW_AUTHORS, 2, 3) in alone.findings
    assert look(view(bucket(6, authors=3), crossing())).state is State.SPIKE


def test_against_the_absolute_bar_as_many_people_are_asked_for_as_the_bar_was_low() -> None:
    bar = crossing(bare=True, threshold=100.0)
    assert look(view(bucket(100, authors=60), bar)).state is State.SPIKE
    assert Reason.FEW_AUTHORS in look(view(bucket(100, authors=59), bar)).reasons
    third = crossing(bare=True, threshold=100.0 / 3)
    assert look(view(bucket(34, authors=20), third)).state is State.SPIKE
    assert Finding(Reason.FEW_AUTHORS, 19, 20) in look(view(bucket(34, authors=19), third)).findings


def test_a_topic_that_dried_up_needs_no_posts_to_be_told() -> None:
    signal = look(view(bucket(0), crossing(fell=True, counted=0.0, due=70.0)))
    assert (signal.state, signal.fell, signal.expected) == (State.SPIKE, True, 1.0)


def test_one_text_pasted_over_and_over_and_one_person_repeating_are_discounted() -> None:
    assert effective(bucket(40, texts=2), LIMITS) == 2 + 38 / 4
    assert effective(bucket(50, authors=1), LIMITS) == 3
    assert effective(bucket(0), LIMITS) == 0
    assert Reason.COPIES in look(view(bucket(40, texts=2), crossing())).reasons
    assert look(view(bucket(40, texts=20, authors=40))).state is State.CALM


@given(st.integers(0, 60), st.integers(0, 60), st.integers(0, 60), st.integers(0, 3))
def test_another_post_never_makes_the_discounted_count_smaller(n: int, texts: int, authors: int, more: int) -> None:
    """Nor does a step's part ever count more than its whole, as a crossing told early must stay one."""
    texts, authors = min(texts, n), min(authors, n)
    before = effective(bucket(n, texts=texts, authors=authors), LIMITS)
    after = bucket(n + 1, texts=texts + (more & 1), authors=authors + (more >> 1))
    assert effective(after, LIMITS) >= before >= 0


def test_a_late_crossing_says_how_late_and_a_flapping_wave_how_often() -> None:
    late = look(view(bucket(30), crossing(), late=3 * HOUR))
    assert late.late
    assert Finding(Reason.LATE, 3.0, 0.5) in late.findings
    assert not look(view(bucket(30), crossing(), late=29 * MINUTE)).late
    runs = Wave(tuple(crossing(at=NOW - back * HOUR) for back in (4, 2, 0)))
    assert Finding(Reason.FLAPPING, 3, 3) in look(view(bucket(30), crossing(), wave=runs)).findings
    assert look(view(bucket(30), crossing(), wave=runs)).since == NOW - 5 * HOUR


def test_more_of_everything_is_watched_as_volume_and_a_worse_share_is_said() -> None:
    volume = look(view(bucket(3, 60), surge=1.4))
    assert (volume.state, volume.findings) == (State.WATCH, (Finding(Reason.VOLUME, 1.4, 1.0),))
    assert look(view(bucket(3, 60), surge=0.9)).state is State.CALM
    worse = look(view(bucket(48, 50), crossing(), surge=1.4))
    assert worse.state is State.SPIKE
    assert worse.reasons == {Reason.RISE, Reason.SHARE}


def test_unscored_posts_cannot_silence_a_topic() -> None:
    signal = look(view(bucket(0, 9, unscored=9)))
    assert (signal.state, signal.reasons) == (State.WATCH, {Reason.UNSCORED})


def test_the_first_day_is_said_beside_the_judgement() -> None:
    assert look(view(bucket(0), known=20 * HOUR)).findings == (Finding(Reason.COLD_START, 20.0, 24.0),)
    assert look(view(bucket(0), known=DAY)).findings == ()


@pytest.mark.parametrize(
    ("coverage", "state", "reasons"),
    [
        ((*FRESH, SILENT), State.BLIND, {Reason.SOURCES_SILENT}),
        ((*FRESH, *FRESH, SILENT), State.CALM, {Reason.SOURCES_SILENT}),
        ((NEVER, FILE), State.BLIND, {Reason.SOURCES_SILENT}),
        ((FILE,), State.CALM, set()),
        ((), State.CALM, {Reason.SOURCES_UNKNOWN}),
    ],
)
def test_half_of_the_sources_that_have_a_rhythm_silent_is_blind(
    coverage: tuple[Coverage, ...], state: State, reasons: set[Reason]
) -> None:
    signal = look(view(bucket(0), coverage=coverage))
    assert (signal.state, signal.reasons) == (state, reasons)


def test_stages_that_lag_make_blind_and_not_knowing_is_said() -> None:
    behind = look(view(bucket(0), behind=20 * MINUTE))
    assert (behind.state, behind.findings) == (State.BLIND, (Finding(Reason.STAGES_BEHIND, 20.0, 15.0),))
    assert look(view(bucket(0), behind=15 * MINUTE)).state is State.CALM
    unknown = look(view(bucket(0), behind=None))
    assert (unknown.state, unknown.reasons) == (State.CALM, {Reason.STAGES_UNKNOWN})


@pytest.mark.parametrize("blind", [{"behind": DAY}, {"coverage": (SILENT,)}])
def test_blindness_never_hides_a_spike_and_is_said_beside_it(blind: dict[str, Any]) -> None:
    signal = look(view(bucket(30), crossing(), **blind))
    assert signal.state is State.SPIKE
    assert len(signal.reasons) == 2


def test_a_topic_looks_at_the_sources_it_names_and_at_all_where_it_names_none() -> None:
    here, there = Coverage("bbs", NOW, NOW), Coverage("paper", NOW, None)
    assert coverage_of((), [here, there]) == (here, there)
    assert coverage_of(("paper",), [here, there]) == (there,)
    assert coverage_of(("paper", "new"), [here, there]) == (there, NEVER)
    assert silent_sources(coverage_of(("new",), [here, there]), NOW) == ("new",)


def test_the_share_tail_is_a_probability() -> None:
    assert share_tail(0, 10, 0.3) == pytest.approx(1.0)
    assert share_tail(10, 10, 0.3) < share_tail(9, 10, 0.3) < 1e-2


@given(st.integers(0, 40), st.integers(0, 40), st.floats(0.01, 0.99))
def test_more_negatives_of_as_many_posts_are_never_likelier(negative: int, more: int, usual: float) -> None:
    total = negative + more
    assert 0 <= share_tail(total, total, usual) <= share_tail(negative, total, usual) <= 1


def test_numbers_of_a_version_before_are_accepted_and_decide_nothing() -> None:
    old = TypeAdapter(Thresholds).validate_python({"window": "1h", "cusum": 9.0, "least_posts": 7.0})
    assert (old.retired, old.least_posts) == (("window", "cusum"), 7.0)
    assert replace(old, retired=(), least_posts=5.0) == LIMITS
