"""What somebody did while another one was typing is known before anything is overwritten."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.casefile.tables import EventKind
from alerts.desk.cases import HistoryEntry
from alerts.desk.dealing.meanwhile import NEWS, Overtaken, changed_since, expect, last_deed
from alerts.workflow.cases import Case

NOW = datetime(2026, 9, 21, 6, 2, tzinfo=UTC)


def entry(number: int, kind: str, note: str = "") -> HistoryEntry:
    return HistoryEntry(
        number=number, at=NOW, kind=kind, by="张敏", note=note, is_act=kind not in set(EventKind), stage=None,
        verdict=None, claimed=False, unlisted=False, detail={},
    )  # fmt: skip


def test_acts_and_news_since_are_told_and_letters_are_not() -> None:
    history = [
        entry(1, "opened"), entry(2, "sent"), entry(3, "acknowledge"), entry(4, "rose"), entry(5, "sent"),
        entry(6, "assign"), entry(7, "calm"),
    ]  # fmt: skip
    assert [one.number for one in changed_since(history, 2)] == [3, 4, 6]
    assert [one.number for one in changed_since(history, 4)] == [6]
    assert changed_since(history, 6) == ()


@given(st.lists(st.sampled_from([*EventKind, "judge", "copy"])), st.integers(0, 20))
def test_nothing_of_before_is_told_again_and_no_act_is_left_out(kinds: list[str], seen: int) -> None:
    history = [entry(number, kind) for number, kind in enumerate(kinds, start=1)]
    told = changed_since(history, seen)
    assert all(one.number > seen for one in told)
    assert {one.number for one in history if one.is_act and one.number > seen} <= {one.number for one in told}
    assert all(one.is_act or one.kind in NEWS for one in told)


def test_an_act_on_another_revision_than_was_looked_at_is_not_done(case: Case) -> None:
    expect(case.revision - 1, case)
    with pytest.raises(Overtaken):
        expect(case.revision, case)


def test_the_last_deed_is_the_last_that_says_something() -> None:
    history = [entry(1, "opened", "x"), entry(2, "judge", "已联系站长"), entry(3, "acknowledge"), entry(4, "rose")]
    found = last_deed(history)
    assert found is not None
    assert found.note == "已联系站长"
    assert last_deed(history[:1]) is None
