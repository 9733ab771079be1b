"""What the benchmark of an alarm's delay takes from a soak."""

import pytest

from tests.bench.bench_alarm import WANTED, of_soak


@pytest.mark.parametrize(
    ("told", "took", "met"), [(52.5, 12.5, True), (101.0, 61.0, False), (None, float("inf"), False)]
)
def test_a_letter_takes_as_long_as_the_soak_saw_and_for_ever_where_none_came(
    told: float | None, took: float, *, met: bool
) -> None:
    found = of_soak({"planted": 40.0, "told": told, "delays": [(1.0, 3.0), (2.0, 1.0), (3.0, 2.0)]}, 1.0)
    assert found.rows["burst to letter"] == {"seconds": took}
    assert found.rows["post to index, half of them"] == {"seconds": 2.0}
    (aim,) = found.aims
    assert (aim.wanted, aim.reached, aim.met) == (WANTED, took, met)
