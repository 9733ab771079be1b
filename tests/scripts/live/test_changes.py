from datetime import UTC, datetime

import pytest

from scripts.live.changes import Changes, Wanted, after, made, wanted
from scripts.live.corpus import MEMBERS, Standing, Thread, written

NOW = datetime(2027, 3, 4, 5, 6, 7, tzinfo=UTC)


@pytest.fixture(scope="module")
def threads() -> tuple[Thread, ...]:
    return written(NOW, 140)


@pytest.fixture(scope="module")
def changes(threads: tuple[Thread, ...]) -> Changes:
    return made(threads, NOW)


@pytest.fixture(scope="module")
def then(threads: tuple[Thread, ...], changes: Changes) -> dict[str, Wanted]:
    return {one.key: one for one in wanted(after(threads, changes))}


def test_a_guest_is_shown_what_is_public(threads: tuple[Thread, ...]) -> None:
    shown = {one.key for one in wanted(threads)}
    hidden = {one.key for thread in threads for one in thread.entries if one.standing is not Standing.PUBLIC}
    assert hidden
    assert not shown & hidden
    assert not [thread for thread in threads if thread.board == MEMBERS and thread.key in shown]


def test_everything_that_can_be_done_is_done(changes: Changes) -> None:
    assert all(getattr(changes, field) for field in Changes.__dataclass_fields__)


def test_no_thread_is_changed_in_two_ways(threads: tuple[Thread, ...], changes: Changes) -> None:
    home = {entry.key: thread.key for thread in threads for entry in thread.entries}
    ways = [
        {home[one.key] for one in changes.edits},
        {key for key, _ in changes.replies},
        {home[key] for key in changes.removed_replies},
        set(changes.removed),
        set(changes.purged),
        {key for key, _ in changes.moved},
        set(changes.hidden),
    ]
    assert sum(map(len, ways)) == len(set().union(*ways))


def test_what_was_added_is_there_afterwards(changes: Changes, then: dict[str, Wanted]) -> None:
    assert all(thread.key in then for thread in changes.threads)
    assert all(then[entry.key].thread == thread for thread, entry in changes.replies)


def test_what_was_edited_has_its_new_words(
    threads: tuple[Thread, ...], changes: Changes, then: dict[str, Wanted]
) -> None:
    before = {one.key: one for one in wanted(threads)}
    for entry in changes.edits:
        assert then[entry.key].text.endswith("已核实。")
        assert then[entry.key].text != before[entry.key].text
    for key, title in changes.titles.items():
        assert then[key].title == title != before[key].title


def test_what_was_removed_or_hidden_is_not_there_with_its_replies(changes: Changes, then: dict[str, Wanted]) -> None:
    gone = {*changes.removed, *changes.purged, *changes.hidden}
    assert not {one.key for one in then.values() if one.thread in gone}
    assert not set(changes.removed_replies) & then.keys()


def test_nothing_left_answers_what_was_removed(changes: Changes, then: dict[str, Wanted]) -> None:
    assert not [one for one in then.values() if one.parent in changes.removed_replies]


def test_what_was_moved_stands_elsewhere(
    threads: tuple[Thread, ...], changes: Changes, then: dict[str, Wanted]
) -> None:
    before = {one.key: one for one in wanted(threads)}
    for key, board in changes.moved:
        assert then[key].board == board != before[key].board
