"""Files of captures: whole or not at all, read by nobody else, found by posts, gone by age."""

import resource
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest

from stream.responses.capture import encode
from stream.responses.files import entries, remove_before, remove_showing, showing, write_whole
from tests.stream.responses.captured import NOON, captured, names

HOUR = timedelta(hours=1)


@contextmanager
def files_of_at_most(size: int) -> Iterator[None]:
    """No file of this process may grow beyond `size` bytes: writing fails halfway, as on a full disk."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def put(folder: Path, *posts: str, hours: float = 0) -> Path:
    one = captured(*posts, at=NOON + hours * HOUR)
    write_whole(folder / one.name, encode(one))
    return folder / one.name


@pytest.mark.parametrize("safely", [False, True])
def test_a_file_is_written_whole_and_for_us_alone(tmp_path: Path, safely: bool) -> None:
    path = tmp_path / "kept" / "page"
    write_whole(path, b"first", safely=safely)
    write_whole(path, b"second", safely=safely)
    assert path.read_bytes() == b"second"
    assert (path.stat().st_mode & 0o777, path.parent.stat().st_mode & 0o777) == (0o600, 0o700)
    assert names(path.parent) == ["page"]


@pytest.mark.parametrize("safely", [False, True])
def test_a_disk_that_fills_halfway_leaves_what_was_there_and_nothing_of_the_new(tmp_path: Path, safely: bool) -> None:
    path = tmp_path / "page"
    write_whole(path, b"old")
    with files_of_at_most(10_000), pytest.raises(OSError, match="File too large"):
        write_whole(path, b"x" * 50_000, safely=safely)
    assert (path.read_bytes(), names(tmp_path)) == (b"old", ["page"])


def test_pages_are_found_by_any_post_that_they_show_in_order_of_time(tmp_path: Path) -> None:
    late, early, other = put(tmp_path, "a", "b", hours=2), put(tmp_path, "b", hours=1), put(tmp_path, "c")
    assert list(showing(tmp_path, {"b"})) == [early, late]
    assert list(showing(tmp_path, {"a", "c"})) == [other, late]
    assert list(showing(tmp_path, {"d"})) == []


def test_what_is_being_written_damaged_or_of_others_is_passed_by(tmp_path: Path) -> None:
    whole = put(tmp_path, "a")
    (tmp_path / f"{whole.name}-1.part").write_bytes(whole.read_bytes())
    (tmp_path / captured(at=NOON + HOUR).name).write_bytes(b'{"posts": ["a"')
    (tmp_path / "notes.txt").write_bytes(whole.read_bytes())
    assert list(showing(tmp_path, ["a"])) == [whole]
    assert len(list(entries(tmp_path))) == 3


def test_a_folder_that_is_not_there_or_none_has_no_pages(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    for folder in (tmp_path / "none", tmp_path / "file"):
        assert list(showing(folder, ["a"])) == []
        assert (remove_before(folder, NOON), remove_showing(folder, ["a"])) == (0, 0)


def test_what_is_older_goes_with_its_leavings_and_files_of_others_stay(tmp_path: Path) -> None:
    old, new = put(tmp_path, "a"), put(tmp_path, "a", hours=2)
    (tmp_path / f"{old.name}-1.part").write_bytes(b"{")  # of a process that was killed
    (tmp_path / "notes.txt").write_text("x")
    assert remove_before(tmp_path, NOON + HOUR, dry=True) == 2
    assert len(names(tmp_path)) == 4
    assert remove_before(tmp_path, NOON + HOUR) == 2
    assert names(tmp_path) == sorted([new.name, "notes.txt"])


def test_pages_that_show_an_erased_post_go_whole(tmp_path: Path) -> None:
    put(tmp_path, "a", "b"), put(tmp_path, "b", hours=1)
    stays = put(tmp_path, "c", hours=2)
    assert remove_showing(tmp_path, []) == 0
    assert remove_showing(tmp_path, ["b"]) == 2
    assert names(tmp_path) == [stays.name]
