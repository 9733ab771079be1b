"""The trend's picture: small, the same for the same steps, and never a picture of nothing."""

import subprocess
import sys
from datetime import timedelta
from io import BytesIO
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from alerts.notify.contents.situation import Bar, Happening
from alerts.notify.render.chart import chart
from tests.alerts.notify.posting import MINUTE, NOW

MOST = 15_000  # bytes
ROOT = Path(__file__).parents[4]


def steps(*counts: tuple[int, int], step: timedelta = 10 * MINUTE) -> tuple[Bar, ...]:
    return tuple(Bar(start=NOW + at * step, total=all_, negative=bad) for at, (all_, bad) in enumerate(counts))


def test_the_same_steps_give_the_same_bytes() -> None:
    found = steps((3, 1), (9, 7), (20, 18))
    first = chart(found, (Happening(NOW, True),))
    chart.cache_clear()
    assert chart(found, (Happening(NOW, True),)) == first
    assert chart(found, ()) != first
    assert b"Software" not in first
    assert b"matplotlib" not in first


@pytest.mark.parametrize("found", [(), steps((3, 1))])
def test_of_less_than_two_steps_there_is_nothing_to_draw(found: tuple[Bar, ...]) -> None:
    assert chart(found, ()) == b""


def test_negatives_are_red_before_all_posts_and_a_letter_is_marked() -> None:
    picture = Image.open(BytesIO(chart(steps((10, 5), (10, 5)), (Happening(NOW + MINUTE, True),)))).convert("RGB")
    assert picture.size == (784, 238)
    colours = {colour for _, colour in picture.getcolors(1_000_000) or []}
    assert {(0xB3, 0x26, 0x1E), (0xB9, 0xC6, 0xD4), (0x1F, 0x5A, 0x99)} <= colours


def test_what_happened_before_the_first_step_is_not_marked() -> None:
    found = steps((3, 1), (4, 2))
    assert chart(found, (Happening(NOW - MINUTE, True),)) == chart(found, ())


@settings(max_examples=10, deadline=None)
@given(
    counts=st.lists(
        st.tuples(st.integers(0, 10**6), st.integers(0, 10**6)).map(lambda one: (max(one), min(one))),
        min_size=2,
        max_size=24,
    ),
    minutes=st.lists(st.integers(-100, 5_000), max_size=40),
)
def test_any_trend_is_drawn_and_small(counts: list[tuple[int, int]], minutes: list[int]) -> None:
    happened = tuple(Happening(NOW + one * MINUTE, bool(one % 2)) for one in minutes)
    assert 0 < len(chart(steps(*counts, step=timedelta(hours=3)), happened)) <= MOST


def test_a_command_that_draws_nothing_loads_nothing_to_draw_with() -> None:
    script = "import sys, alerts.cli.commands; print('matplotlib' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
