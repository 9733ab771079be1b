"""People are told once it holds, once a day at most, and once it is well: whatever the trouble does in between."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from alerts.detection.grades import Grade
from alerts.incidents.debounce import AGAIN, Move, Remembered, moves
from alerts.incidents.kinds import Kind
from alerts.incidents.policy import IncidentsConfig
from alerts.incidents.troubles import Trouble

NOW = datetime(2026, 9, 21, 6, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
CONFIG = IncidentsConfig()
DEAD = Trouble(kind=Kind.FAILED, thing="bbs", since=NOW, what="不通。", todo="看看。", grade=Grade.BLUE)
LETTERS = replace(DEAD, kind=Kind.LETTERS, thing="all")
AFTER = CONFIG.rule(Kind.FAILED).after


def move(before: Remembered | None, trouble: Trouble | None = DEAD, now: datetime = NOW) -> Move:
    kept = {} if before is None else {"failed:bbs": before}
    return moves(kept, [trouble] if trouble else [], CONFIG, now)["failed:bbs"]


def test_it_is_noted_first_and_opened_once_it_holds() -> None:
    assert move(None) is Move.NOTE
    seen = Remembered(first_seen_at=NOW)
    assert move(seen, now=NOW + AFTER - MINUTE) is Move.KEEP
    assert move(seen, now=NOW + AFTER) is Move.OPEN


def test_what_cannot_wait_is_opened_at_once() -> None:
    assert moves({}, [LETTERS], CONFIG, NOW) == {"letters:all": Move.OPEN}


def test_what_another_trouble_says_is_not_opened_and_not_closed() -> None:
    covered = replace(DEAD, covered=True)
    assert move(Remembered(first_seen_at=NOW - AFTER), covered) is Move.KEEP
    assert move(Remembered(first_seen_at=NOW - AFTER, told_at=NOW, is_open=True), covered) is Move.KEEP
    assert moves({}, [replace(LETTERS, covered=True)], CONFIG, NOW) == {"letters:all": Move.NOTE}


def test_it_is_over_once_it_was_gone_for_a_while() -> None:
    held = Remembered(first_seen_at=NOW - AFTER, told_at=NOW, is_open=True)
    assert move(held, None) is Move.FADE
    faded = replace(held, gone_at=NOW)
    assert move(faded, None, NOW + CONFIG.well_after - MINUTE) is Move.KEEP
    assert move(faded, None, NOW + CONFIG.well_after) is Move.RECOVER
    assert move(faded, DEAD, NOW + MINUTE) is Move.NOTE


def test_what_went_before_anybody_was_told_is_forgotten() -> None:
    assert move(Remembered(first_seen_at=NOW), None) is Move.FADE
    assert move(Remembered(first_seen_at=NOW, gone_at=NOW), None) is Move.FORGET


def test_what_flaps_or_was_closed_by_a_person_is_told_again_after_a_day() -> None:
    closed = Remembered(first_seen_at=NOW - AFTER, told_at=NOW)
    assert move(closed, now=NOW + AGAIN - MINUTE) is Move.KEEP
    assert move(closed, now=NOW + AGAIN) is Move.OPEN
    gone = replace(closed, gone_at=NOW)
    assert move(gone, None, NOW + AGAIN - MINUTE) is Move.KEEP
    assert move(gone, None, NOW + AGAIN) is Move.FORGET
    assert move(gone, DEAD, NOW + MINUTE) is Move.NOTE


def test_letters_that_fail_anew_within_a_day_are_noted_and_not_told() -> None:
    before = Remembered(first_seen_at=NOW, gone_at=NOW, told_at=NOW)
    assert moves({"letters:all": before}, [LETTERS], CONFIG, NOW + MINUTE) == {"letters:all": Move.NOTE}


@given(st.lists(st.booleans(), min_size=1, max_size=400))
def test_however_it_flaps_nobody_is_told_twice_a_day_and_what_was_told_ends(there: list[bool]) -> None:
    kept: dict[str, Remembered] = {}
    told, closed, now = [], 0, NOW
    for minute, is_there in enumerate([*there, *[False] * 30]):
        now = NOW + 7 * minute * MINUTE
        for key, one in moves(kept, [DEAD] if is_there else [], CONFIG, now).items():
            before = kept.get(key)
            match one:
                case Move.NOTE if before is None:
                    kept[key] = Remembered(first_seen_at=now)
                case Move.NOTE:
                    assert before is not None
                    first = before.first_seen_at if before.is_open else now
                    kept[key] = replace(before, gone_at=None, first_seen_at=first)
                case Move.OPEN:
                    told.append(now)
                    assert before is not None
                    kept[key] = replace(before, told_at=now, is_open=True)
                case Move.FADE:
                    assert before is not None
                    kept[key] = replace(before, gone_at=now)
                case Move.RECOVER:
                    closed += 1
                    assert before is not None
                    kept[key] = replace(before, is_open=False)
                case Move.FORGET:
                    del kept[key]
    assert all(later - earlier >= AGAIN for earlier, later in pairwise(told))
    assert closed == len(told)
    assert not any(one.is_open for one in kept.values())
