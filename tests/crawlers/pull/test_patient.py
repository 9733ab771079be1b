"""The crawl's shell around the intake: it waits, keeps order, and holds the crawl still meanwhile."""

import asyncio
from collections.abc import Callable, Iterator
from pathlib import Path
from threading import current_thread, main_thread

import pytest
from sqlalchemy import Engine

from crawlers.intake import Taken
from crawlers.pull.patient import PatientIntake
from stream.errors import Retryable
from tests.crawlers.test_intake import FIRST, REPLY, Failing, Place


@pytest.fixture
def place(tmp_path: Path, engine: Engine) -> Iterator[Place]:
    one = Place(tmp_path, engine)
    yield one
    one.close()


@pytest.fixture
def told() -> list[str]:
    return []


@pytest.fixture
def patient(place: Place, told: list[str]) -> PatientIntake:
    one = PatientIntake(place.intake())
    one.hold, one.go_on = lambda: told.append("hold"), lambda: told.append("go on")
    return one


def failing(times: int, answer: Callable[[], str], after: float = 0.0) -> Callable[[], str]:
    left = iter(range(times))

    def work() -> str:
        if next(left, None) is not None:
            raise Retryable("busy", after=after)
        return answer()

    return work


def test_what_a_page_shows_is_taken_and_what_became_of_it_said(patient: PatientIntake, place: Place) -> None:
    assert asyncio.run(patient.take("1", [FIRST, REPLY])) == Taken(new=2)
    assert len(place.posts()) == 2


def test_a_crawl_that_waits_for_nothing_is_never_held(patient: PatientIntake, told: list[str]) -> None:
    assert asyncio.run(patient.patiently(lambda: 7)) == 7
    assert told == []


def test_the_crawl_is_held_at_each_failure_and_goes_on_once(patient: PatientIntake, told: list[str]) -> None:
    assert asyncio.run(patient.patiently(failing(3, lambda: "done"))) == "done"
    assert told == ["hold", "hold", "hold", "go on"]


def test_an_error_that_waiting_does_not_mend_passes_and_releases_the_crawl(
    patient: PatientIntake, told: list[str]
) -> None:
    def full() -> str:
        raise OSError("no space left")

    with pytest.raises(OSError, match="no space"):
        asyncio.run(patient.patiently(failing(1, full)))
    assert told == ["hold", "go on"]


def test_blocking_work_leaves_the_loop_free_and_keeps_the_order_in_which_it_came(patient: PatientIntake) -> None:
    done: list[object] = []

    async def crawl() -> None:
        first = asyncio.create_task(patient.patiently(failing(2, lambda: done.append("first") or "", after=0.02)))
        await asyncio.sleep(0)
        second = asyncio.create_task(patient.patiently(lambda: done.append(current_thread() is main_thread())))
        await asyncio.sleep(0.005)
        done.append("loop")
        await asyncio.gather(first, second)

    asyncio.run(crawl())
    assert done == ["loop", "first", False]


def test_nothing_to_withdraw_asks_nobody(place: Place) -> None:
    place.producer = Failing(place.producer, [RuntimeError("asked")])
    asyncio.run(PatientIntake(place.intake()).withdraw([]))
    assert place.tally.deleted == 0


def test_a_withdrawal_waits_for_the_log_and_is_counted_once(place: Place) -> None:
    asyncio.run(PatientIntake(place.intake()).take("1", [FIRST]))
    (post,) = place.posts()
    place.producer = Failing(place.producer, [Retryable("busy", after=0.0), Retryable("busy", after=0.0)])
    asyncio.run(PatientIntake(place.intake()).withdraw([post]))
    assert place.tally.deleted == 1
    assert [gone.deleted_at is not None for gone in place.posts()] == [True]
