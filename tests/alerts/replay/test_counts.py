"""Files of counts as they come: packed, out of order, with holes, doubles and worse."""

import gzip
import lzma
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from alerts.replay.counts import Counts, read_counts
from alerts.replay.rows import UnusableCounts
from stream.process.clock import SHANGHAI

START = datetime(2026, 9, 1, 9, 0)
FIVE = timedelta(minutes=5)
PLAIN = b"timestamp,count\n" + b"2026-09-01,5\n" * 5000


def lines(*steps: int, step: timedelta = FIVE) -> list[str]:
    return [f"{START + number * step},{number}" for number in steps]


def written(folder: Path, *rows: str, header: str = "timestamp,count") -> Path:
    path = folder / "counts.csv"
    path.write_text("\n".join([header, *rows]) + "\n", "utf-8")
    return path


def read(path: Path) -> Counts:
    return read_counts(path, SHANGHAI)


def refused(path: Path) -> str:
    with pytest.raises(UnusableCounts) as caught:
        read(path)
    return str(caught.value).replace(str(path), "F")


def counted(found: Counts) -> list[float]:
    return [row.count for row in found.rows()]


@pytest.mark.parametrize(
    "step", [timedelta(seconds=1), FIVE, timedelta(minutes=7), timedelta(hours=1), timedelta(days=1)]
)
def test_the_step_is_the_commonest_difference(tmp_path: Path, step: timedelta) -> None:
    found = read(written(tmp_path, *lines(0, 1, 2, 5, 6, 7, step=step)))
    assert found.step == step
    assert found.steps == 8
    assert found.first == START.replace(tzinfo=SHANGHAI)
    assert counted(found) == [0, 1, 2, 5, 6, 7]
    assert counted(found) == [0, 1, 2, 5, 6, 7]  # a second reading


@pytest.mark.parametrize("pack", [bytes, gzip.compress, lzma.compress])
@pytest.mark.parametrize(("mark", "end"), [(b"", b"\n"), (b"\xef\xbb\xbf", b"\r\n")])
def test_packed_files_marks_of_windows_and_blank_lines_are_read_alike(
    tmp_path: Path, pack: type[bytes], mark: bytes, end: bytes
) -> None:
    path = tmp_path / "counts"
    path.write_bytes(pack(mark + end.join(line.encode() for line in ["timestamp,count", *lines(0, 1), "", *lines(2)])))
    assert counted(read(path)) == [0, 1, 2]


def test_what_is_left_out_is_told_with_its_lines(tmp_path: Path) -> None:
    odd = f"{START + 9 * FIVE + timedelta(minutes=2)},9"
    rows = [*lines(*range(8)), lines(7)[0], lines(7)[0], *lines(9), odd, *lines(*range(10, 30))]
    found = read(written(tmp_path, *rows))
    assert found.left_out.words() == [
        "left out: 1 hole (1 step), 2 doubles (lines 10, 11), 1 row off the step (line 13)"
    ]
    assert counted(found) == [*range(8), *range(9, 30)]


def test_nothing_is_said_of_a_whole_file(tmp_path: Path) -> None:
    assert read(written(tmp_path, *lines(*range(9)))).left_out.words() == []


def test_rows_out_of_order_are_sorted_and_told(tmp_path: Path) -> None:
    found = read(written(tmp_path, *lines(0, 1, 4, 2, 3, 5, 6)))
    assert counted(found) == list(range(7))
    assert found.left_out.words() == ["sorted: 2 rows came after a later one (lines 5, 6)"]


def test_rows_a_little_late_belong_to_their_step(tmp_path: Path) -> None:
    late = [f"{START + number * FIVE + timedelta(seconds=number == 3 and 20)},{number}" for number in range(9)]
    found = read(written(tmp_path, *late))
    assert [row.at - found.first for row in found.rows()] == [number * FIVE for number in range(9)]
    assert [row.stamp[-2:] for row in found.rows()][2:5] == ["00", "20", "00"]


def test_a_step_that_was_counted_twice_otherwise_is_refused(tmp_path: Path) -> None:
    path = written(tmp_path, *lines(0, 1, 2), f"{START + 2 * FIVE},7", *lines(3))
    assert refused(path) == "F: line 5: 2026-09-01 09:10:00 was counted otherwise in line 4: remove one of them"


def test_every_mistake_is_told_with_its_line_up_to_twenty(tmp_path: Path) -> None:
    path = written(tmp_path, *lines(0, 1), "x,1", f"{START},-1")
    assert [line.split(": ")[1] for line in refused(path).splitlines()] == ["line 4", "line 5"]
    assert len(refused(written(tmp_path, *["x,1"] * 99)).splitlines()) == 20


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "F: empty: write timestamp,count"),
        (b"\n\n", "F: empty"),
        (b"timestamp,count\n", "F: 0 rows: a series has at least two"),
        (b"timestamp,count\n2026-09-01,5\n", "F: 1 row: a series has at least two"),
        (b"2026-09-01,5\n2026-09-02,5\n", "F: line 1: no header that can be used: write timestamp"),
        (b"timestamp,count\n2026-09-01,5\n2026-09-01,5\n", "all rows have one timestamp"),
        (b"timestamp,count\n2026-09-01,5\n2026-09-08,5\n", "rows are mostly 7 days, 0:00:00 apart: a step is between"),
        (b"timestamp,count\n1788224400.1,5\n1788224400.2,5\n", "a step is between a second and a day"),
        ("timestamp,count\n2026-09-01,5\n".encode("utf-16"), "F: line 1: not UTF-8: save the file"),
        (b"timestamp,count\n2026-09-01,5\n\xff,5\n", "F: line 3: not UTF-8"),
        (b"timestamp,count\n" + b"9" * 20_000, "F: line 2: longer than a line of counts"),
        (b"timestamp,count\n2026-09-01,5\x00\n", "F: line 2: "),
        (gzip.compress(PLAIN)[:-20], "cannot be unpacked any further"),
        (lzma.compress(PLAIN)[:-40], "cannot be unpacked any further"),
        (b"\x1f\x8bnonsense that is not packed at all", "cannot be unpacked any further"),
    ],
)  # fmt: skip
def test_a_file_that_is_no_series_says_what_to_do(tmp_path: Path, content: bytes, words: str) -> None:
    path = tmp_path / "counts.csv"
    path.write_bytes(content)
    assert words in refused(path)


def test_uneven_rows_are_refused_with_the_first_of_them(tmp_path: Path) -> None:
    minutes = [0, 5, 10, 15, 17, 21, 25, 28, 33, 38]
    path = written(tmp_path, *[f"{START + timedelta(minutes=one)},1" for one in minutes])
    assert refused(path).startswith("F: line 6: rows are mostly 0:05:00 apart, but 50% lie off that: sum the counts up")


def test_a_hole_of_years_is_refused_for_there_is_nothing_to_learn(tmp_path: Path) -> None:
    path = written(tmp_path, *lines(0, 1, 2), *lines(3_000_000))
    assert "4 rows in 3000001 steps of 0:05:00: cut the file at its longest hole" in refused(path)


def test_negatives_and_authors_are_known_by_the_header(tmp_path: Path) -> None:
    rows = [f"{line},0,0" for line in lines(0, 1)]
    found = read(written(tmp_path, *rows, header="timestamp,count,negative,authors"))
    assert found.has_negatives
    assert found.has_authors
    assert not read(written(tmp_path, *lines(0, 1))).has_negatives
