"""Whether requests kept their distance, whatever the machine did to their arrivals."""

import pytest

from scripts.captures.pace import most_delayed


def test_requests_in_time_were_not_on_their_way() -> None:
    assert most_delayed([0.0, 1.0, 2.25, 3.25], 1.0) == 0.0


def test_one_noticed_late_is_late_by_what_the_next_came_too_close() -> None:
    assert most_delayed([0.0, 1.0, 2.25, 3.0, 4.0], 1.0) == 0.25


def test_a_crawler_a_quarter_too_quick_gains_a_quarter_of_a_second_with_every_request() -> None:
    assert most_delayed([0.75 * number for number in range(61)], 1.0) == pytest.approx(0.25 * 60)


def test_of_two_requests_at_once_one_was_a_whole_delay_on_its_way() -> None:
    assert most_delayed([0.0, 2.0, 2.0, 4.0], 1.0) == 1.0


def test_the_order_in_which_they_are_told_does_not_matter() -> None:
    assert most_delayed([3.0, 1.0, 0.0, 2.25], 1.0) == 0.25


@pytest.mark.parametrize("arrivals", [[], [5.0]])
def test_fewer_than_two_requests_keep_any_distance(arrivals: list[float]) -> None:
    assert most_delayed(arrivals, 1.0) == 0.0
