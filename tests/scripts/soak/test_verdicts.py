"""What a soak calls good: growth, backlog and delays as they would be measured."""

import pytest

from scripts.soak.verdicts import Measured, growth, p99, second_half, verdicts

HOUR = [10.0 * sample for sample in range(360)]


def well() -> Measured:
    """An hour at 300 posts a second in which all went well."""
    return Measured(
        rate=300,
        memory={"score": [(at, 250.0 + min(at / 10, 50)) for at in HOUR]},
        handles={"score": [(at, 40.0 + (at / 10) % 3) for at in HOUR]},
        lag={"score in posts.raw": [(at, 400.0) for at in HOUR]},
        delays=[(float(at), 2.0) for at in range(3600)],
        fed=[(float(at), 300.0) for at in range(3600)],
        probes=3600,
        planted=2400.0,
        told=2440.0,
    )


def bad(seen: Measured) -> list[str]:
    return [one.what for one in verdicts(seen, ["score"]) if not one.good]


def test_an_hour_without_trouble_is_good() -> None:
    assert bad(well()) == []


def test_memory_may_fill_at_first_and_must_not_go_on_growing() -> None:
    seen = well()
    seen.memory["score"] = [(at, 250.0 + at / 100) for at in HOUR]
    assert bad(seen) == ["memory of score"]


def test_handles_that_are_never_closed_are_noticed() -> None:
    seen = well()
    seen.handles["score"] = [(at, 40.0 + at / 100) for at in HOUR]
    assert bad(seen) == ["file handles of score"]


def test_a_stage_that_falls_behind_is_noticed() -> None:
    seen = well()
    seen.lag["score in posts.raw"] = [(at, at) for at in HOUR]
    assert bad(seen) == ["records before score in posts.raw"]


def test_a_probe_that_never_comes_is_noticed_even_where_the_others_are_quick() -> None:
    seen = well()
    seen.delays.pop()
    assert bad(seen) == ["from fetched to searchable"]


def test_one_in_a_hundred_probes_may_be_late() -> None:
    seen = well()
    seen.delays[:30] = [(at, 30.0) for at, _ in seen.delays[:30]]
    assert bad(seen) == []
    seen.delays[:60] = [(at, 30.0) for at, _ in seen.delays[:60]]
    assert bad(seen) == ["from fetched to searchable"]


@pytest.mark.parametrize(("planted", "told"), [(2400.0, None), (2400.0, 2461.0), (None, None)])
def test_a_letter_must_come_within_a_minute(planted: float | None, told: float | None) -> None:
    seen = well()
    seen.planted, seen.told = planted, told
    assert bad(seen) == ["from spike to letter"]


def test_a_generator_that_was_too_slow_proves_nothing() -> None:
    seen = well()
    seen.fed = seen.fed[::2]
    assert bad(seen) == ["posts fed a second"]


def test_a_stage_that_died_or_was_never_seen_is_noticed() -> None:
    seen = well()
    seen.died = ["index"]
    assert [one.what for one in verdicts(seen, ["score", "index"]) if not one.good] == [
        "memory of index",
        "file handles of index",
        "every stage lived",
    ]


def test_growth_is_what_a_line_says() -> None:
    assert growth([(0, 1), (1, 2), (2, 3)]) == pytest.approx(2)
    assert growth(second_half([(0, 9), (1, 1), (2, 1), (3, 1)])) == 0
    assert p99([3.0]) == 3.0
    assert p99([]) == float("inf")
