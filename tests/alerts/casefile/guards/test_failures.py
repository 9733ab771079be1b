"""What fails by itself: kept across processes until it works again, and what is let through all the same."""

from datetime import datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.casefile.guards.failures import Failure, FailureKind, Failures
from stream.errors import ConfigError, Fenced, Retryable

MINUTE = timedelta(minutes=1)


def fail(failures: Failures, error: BaseException, now: datetime, about: str = "outage") -> None:
    with failures.guarding(FailureKind.TOPIC, about, now):
        raise error


@pytest.mark.parametrize("error", [KeyError("publicity"), UnicodeError("x"), ZeroDivisionError(), ConfigError([])])
def test_what_fails_is_noted_with_its_words_and_the_next_thing_goes_on(
    tmp_path: Path, now: datetime, error: Exception
) -> None:
    failures = Failures(tmp_path / "trouble")
    fail(failures, error, now)
    (one,) = Failures(tmp_path / "trouble").open()  # of another process
    assert (one.part, one.about, one.since, one.last) == (FailureKind.TOPIC, "outage", now, now)
    assert one.words.startswith(type(error).__name__)


@pytest.mark.parametrize("error", [Retryable("x"), Fenced("x"), MemoryError(), KeyboardInterrupt(), SystemExit(1)])
def test_what_means_that_nothing_else_would_work_passes(tmp_path: Path, now: datetime, error: BaseException) -> None:
    failures = Failures(tmp_path / "trouble")
    with pytest.raises(type(error)):
        fail(failures, error, now)
    assert failures.open() == []


def test_a_trouble_keeps_when_it_began_also_over_a_restart_and_is_gone_once_it_works(
    tmp_path: Path, now: datetime
) -> None:
    fail(Failures(tmp_path), ValueError("a"), now)
    again = Failures(tmp_path)
    fail(again, ValueError("b"), now + MINUTE)
    assert again.since(FailureKind.TOPIC) == now
    assert Failures(tmp_path).open() == [Failure(FailureKind.TOPIC, "outage", now, now + MINUTE, "ValueError: b")]
    with again.guarding(FailureKind.TOPIC, "outage", now + 2 * MINUTE):
        pass
    assert (again.open(), Failures(tmp_path).open(), again.since(FailureKind.TOPIC)) == ([], [], None)
    assert list(tmp_path.iterdir()) == []


def test_what_another_process_noted_is_taken_off_by_whoever_finds_that_it_works(tmp_path: Path, now: datetime) -> None:
    here, there = Failures(tmp_path), Failures(tmp_path)
    there.note(FailureKind.LETTER, "zhang_min, opened", ValueError("x"), now)
    here.clear(FailureKind.LETTER, "zhang_min, opened")
    assert Failures(tmp_path).open() == []


def test_what_there_is_no_more_is_taken_off(now: datetime) -> None:
    failures = Failures()
    for about in ("outage", "bill"):
        fail(failures, ValueError("x"), now, about)
    failures.note(FailureKind.TASK, "7 of case 3", ValueError("x"), now)
    failures.keep_only(FailureKind.TOPIC, {"bill"})
    assert [(one.part, one.about) for one in failures.open()] == [
        (FailureKind.TASK, "7 of case 3"),
        (FailureKind.TOPIC, "bill"),
    ]


def test_a_folder_that_cannot_be_written_stops_nothing(tmp_path: Path, now: datetime) -> None:
    (tmp_path / "file").write_text("in the way")
    failures = Failures(tmp_path / "file" / "trouble")
    fail(failures, ValueError("x"), now)
    assert [one.words for one in failures.open()] == ["ValueError: x"]
    failures.clear(FailureKind.TOPIC, "outage")


def test_a_file_that_is_none_of_ours_is_passed_over(tmp_path: Path, now: datetime) -> None:
    (tmp_path / "topic.0.json").write_text("{}")
    (tmp_path / "topic.1.json").write_bytes(b"\xff\xfe")
    fail(Failures(tmp_path), ValueError("x"), now)
    assert len(Failures(tmp_path).open()) == 1


@given(words=st.text(max_size=400), about=st.text(max_size=40))
def test_any_words_are_kept_on_one_bounded_line(
    tmp_path_factory: pytest.TempPathFactory, words: str, about: str
) -> None:
    folder, now = tmp_path_factory.mktemp("trouble"), datetime.fromisoformat("2026-09-21T06:02:00+00:00")
    failures = Failures(folder)
    fail(failures, ValueError(words), now, about)
    (one,) = Failures(folder).open()
    assert len(one.words) <= 300
    assert len(one.words.splitlines()) == 1
    failures.clear(FailureKind.TOPIC, about)
    assert list(folder.iterdir()) == []
