from dataclasses import replace
from datetime import UTC, datetime, timedelta
from io import StringIO

import pytest
from rich.console import Console

from alerts.detection.signals import Finding, Reason, Signal, State
from alerts.workflow.cases import Correlation
from scripts.demo.telling import Teller

NOW = datetime(2026, 9, 21, 1, 30, tzinfo=UTC)
HOUR = timedelta(hours=1)
LOOK = Signal(
    topic="bill", state=State.CALM, at=NOW, window_start=NOW - HOUR, window_end=NOW, since=NOW - HOUR, total=31,
    negative=17, authors=16, texts=17, unscored=0, effective=17.0, expected=5.7, share=0.5, usual_share=0.3,
    findings=(Finding(Reason.RISE, 5.1, 4.2),), bar=25.0,
)  # fmt: skip


@pytest.fixture
def paper() -> StringIO:
    return StringIO()


@pytest.fixture
def teller(paper: StringIO) -> Teller:
    return Teller(Console(file=paper, width=400))


def test_an_ordinary_monday_is_told_with_why_it_was_no_alarm(teller: Teller, paper: StringIO) -> None:
    teller.ordinary(NOW + 2 * HOUR, LOOK, "电费账单", 0)
    assert paper.getvalue().strip() == (
        "09-21 11:30  ordinary     如常     「电费账单」 in the 60 min before 09:30: 17 of 31 posts are negative, "
        "0 the day before; no alarm, because Mondays are like it: about 6 are expected, and the bar is 25"
    )


@pytest.mark.parametrize(
    ("meeting", "happening"),
    [
        (Correlation.OPENS, "spike        异常"),
        (Correlation.ROSE, "rose         上升"),
        (Correlation.REKINDLED, "rekindled    复燃"),
    ],
)
def test_a_spike_is_told_by_what_it_meant_to_the_case(
    teller: Teller, paper: StringIO, meeting: Correlation, happening: str
) -> None:
    teller.spike(replace(LOOK, state=State.SPIKE), "电费账单", meeting)
    assert happening in paper.getvalue()
    assert "17 of 31 posts in 60 min are negative (usually about 6; the bar is 25)" in paper.getvalue()


def test_a_window_of_a_day_is_told_in_hours_and_less_than_one_post_as_such(teller: Teller, paper: StringIO) -> None:
    slow = replace(LOOK, window_start=NOW - 24 * HOUR, expected=0.4)
    teller.spike(slow, "电费账单", Correlation.OPENS)
    assert "posts in 24 h are negative (usually less than 1; the bar is 25)" in paper.getvalue()
