"""The store of the last hours: bounded in age and size, also where several write, and never in the way of a disk."""

import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from random import Random

import pytest

from stream.config import ResponsesConfig, StreamConfig
from stream.responses.capture import Capture
from stream.responses.store import ResponseStore, open_responses
from tests.stream.responses.captured import NOON, captured, names
from tests.stream.responses.test_files import files_of_at_most

ROOT = Path(__file__).parents[3]
DAY, HOUR = timedelta(hours=24), timedelta(hours=1)
KIB = 1024


def store(folder: Path, most: int = 2**20, reserve: int = 0) -> ResponseStore:
    return ResponseStore(folder / "responses", keep=DAY, most=most, reserve=reserve)


def noise(seconds: float, size: int = 10_000, post: str = "a") -> Capture:
    """A page that cannot be packed, so that its size on the disk is known: three blocks of 4 KiB."""
    return captured(post, at=NOON + timedelta(seconds=seconds), body=Random(seconds).randbytes(size))


def size_of(folder: Path) -> int:
    return sum(-(-path.stat().st_size // 4096) * 4096 for path in (folder / "responses").iterdir())


def test_a_page_is_found_again_by_each_post_that_it_shows(tmp_path: Path) -> None:
    one = captured("a" * 32, "b" * 32)
    store(tmp_path).write(one)
    for post in ("a" * 32, "b" * 32):
        assert list(store(tmp_path).showing([post])) == [one]
    assert list(store(tmp_path).showing(["c" * 32])) == []


def test_a_page_written_twice_is_kept_once(tmp_path: Path) -> None:
    for _ in range(2):
        store(tmp_path).write(captured())
    assert len(names(tmp_path / "responses")) == 1


def test_a_damaged_page_is_left_out_and_ages_like_the_others(tmp_path: Path) -> None:
    store(tmp_path).write(captured())
    (path,) = (tmp_path / "responses").iterdir()
    path.write_bytes(path.read_bytes()[:-3])
    assert list(store(tmp_path).showing(["a" * 32])) == []
    assert store(tmp_path).expire(NOON + DAY + HOUR) == 1


def test_nothing_is_kept_longer_than_a_day(tmp_path: Path) -> None:
    one = store(tmp_path)
    one.write(captured(at=NOON))
    one.write(captured(at=NOON + HOUR))
    assert one.expire(NOON + DAY) == 0
    assert one.expire(NOON + DAY + HOUR / 2, dry=True) == 1
    assert one.expire(NOON + DAY + HOUR / 2) == 1
    assert [page.at for page in one.showing(["a" * 32])] == [NOON + HOUR]


def test_the_oldest_go_where_all_together_take_too_much(tmp_path: Path) -> None:
    one = store(tmp_path, most=240 * KIB)
    for number in range(50):
        one.write(noise(number))
        assert size_of(tmp_path) <= 240 * KIB
    kept = [page.at for page in one.showing(["a"])]
    assert kept == [NOON + timedelta(seconds=number) for number in range(50 - len(kept), 50)]
    assert len(kept) >= 19  # of the 20 that fit


def test_several_writers_stay_within_the_bound_but_for_a_share_each(tmp_path: Path) -> None:
    def write(worker: int) -> None:
        one = store(tmp_path, most=768 * KIB)
        for number in range(60):
            one.write(noise(number + worker / 8))

    with ThreadPoolExecutor(4) as pool:
        for done in [pool.submit(write, worker) for worker in range(4)]:
            done.result()
    assert 500 * KIB < size_of(tmp_path) <= (768 + 4 * 12) * KIB


def test_a_page_larger_than_the_store_is_not_kept_and_pushes_nothing_out(tmp_path: Path) -> None:
    one = store(tmp_path, most=64 * KIB)
    one.write(noise(1))
    one.write(noise(2, size=80 * KIB))
    assert [page.at for page in one.showing(["a"])] == [NOON + timedelta(seconds=1)]


def test_the_last_of_a_disk_is_left_to_the_log_and_the_state(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="No space left on device"):
        store(tmp_path, reserve=2**60).write(captured())
    assert names(tmp_path / "responses") == []


def test_a_write_that_fails_leaves_nothing_behind(tmp_path: Path) -> None:
    one = store(tmp_path)
    with files_of_at_most(5_000), pytest.raises(OSError, match="File too large"):
        one.write(noise(1))
    assert names(tmp_path / "responses") == []
    one.write(noise(1))
    assert len(names(tmp_path / "responses")) == 1


def test_a_writer_that_is_killed_leaves_whole_pages_and_what_ages_out(tmp_path: Path) -> None:
    script = (
        "from sys import argv; from pathlib import Path; from tests.stream.responses.test_store import noise, store\n"
        "one = store(Path(argv[1]), most=2**30)\n"
        "for number in range(10**6): one.write(noise(number / 1000, size=200_000))"
    )
    writer = subprocess.Popen([sys.executable, "-c", script, str(tmp_path)], cwd=ROOT)
    try:
        until = time.monotonic() + 60
        while len(names(tmp_path / "responses")) < 20 and time.monotonic() < until:
            time.sleep(0.01)
    finally:
        writer.kill()
        writer.wait(30)
    whole = [name for name in names(tmp_path / "responses") if not name.endswith(".part")]
    assert len(whole) >= 20
    assert [page.name for page in store(tmp_path).showing(["a"])] == whole
    store(tmp_path).expire(NOON + 2 * DAY)
    assert names(tmp_path / "responses") == []


def test_pages_of_erased_posts_are_removed_and_the_others_stay(tmp_path: Path) -> None:
    one = store(tmp_path)
    one.write(noise(1, post="a"))
    one.write(noise(2, post="b"))
    assert (one.erase(["a", "c"]), one.erase(["a"])) == (1, 0)
    assert [page.posts for page in one.showing(["a", "b"])] == [("b",)]


def test_stream_yml_says_how_much_and_how_long(tmp_path: Path) -> None:
    config = StreamConfig(var=tmp_path, responses=ResponsesConfig(keep=HOUR, most_mib=1))
    one = open_responses(config)
    one.write(captured())
    one.write(captured(at=NOON + HOUR))
    assert one.expire(NOON + 1.5 * HOUR) == 1
    assert len(names(tmp_path / "responses")) == 1
