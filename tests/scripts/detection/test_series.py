"""Reading real series, and what is said of a folder that cannot be read."""

import json
import lzma
from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest

from scripts.detection.series import BadSeries, read_series
from scripts.detection.tables import series_folder

ROWS = [f"2026-03-02 00:{5 * number:02}:53,{number}" for number in range(12)]


def write(folder: Path, rows: list[str], *, packed: bool = False, windows: list[list[str]] | None = None) -> Path:
    text = "\n".join(["timestamp,value", *rows]).encode()
    (folder / ("a.csv.xz" if packed else "a.csv")).write_bytes(lzma.compress(text) if packed else text)
    spans = [["2026-03-02 00:10:53", "2026-03-02 00:20:53"]] if windows is None else windows
    (folder / "windows.json").write_text(json.dumps({"a.csv": spans}), "utf-8")
    return folder


@pytest.mark.parametrize("packed", [False, True])
def test_a_series_is_read_with_its_windows(tmp_path: Path, packed: bool) -> None:
    (one,) = read_series(write(tmp_path, ROWS, packed=packed))
    assert (one.name, one.step, one.windows) == ("a", timedelta(minutes=5), [(2, 4)])
    assert one.counts.tolist() == list(range(12))
    assert one.moments[0].isoformat() == "2026-03-02T00:00:53+08:00"
    assert one.weeks == pytest.approx(1 / (7 * 24))


def test_a_missing_row_is_a_step_that_was_not_observed(tmp_path: Path) -> None:
    (one,) = read_series(write(tmp_path, ROWS[:4] + ROWS[5:]))
    assert len(one.moments) == 12
    assert np.flatnonzero(np.isnan(one.counts)).tolist() == [4]


def test_a_window_between_rows_is_of_the_rows_inside(tmp_path: Path) -> None:
    (one,) = read_series(write(tmp_path, ROWS, windows=[["2026-03-02 00:09:00", "2026-03-02 00:22:00"]]))
    assert one.windows == [(2, 4)]


def test_a_row_without_a_number_is_told_by_its_line(tmp_path: Path) -> None:
    with pytest.raises(BadSeries, match=r"a\.csv: line 4: needs a timestamp and a value"):
        read_series(write(tmp_path, [*ROWS[:2], "2026-03-02 00:10:53,many", *ROWS[3:]]))


def test_rows_that_go_back_in_time_are_told_by_their_line(tmp_path: Path) -> None:
    with pytest.raises(BadSeries, match=r"a\.csv: line 5: goes back in time; sort the rows"):
        read_series(write(tmp_path, [*ROWS[:3], ROWS[1], *ROWS[3:]]))


def test_a_series_of_one_row_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadSeries, match="two rows at least"):
        read_series(write(tmp_path, ROWS[:1]))


def test_a_folder_without_labels_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadSeries, match=r"windows\.json: no such file"):
        read_series(tmp_path)


def test_a_labelled_series_that_is_not_there_is_named(tmp_path: Path) -> None:
    (tmp_path / "windows.json").write_text('{"b.csv": []}', "utf-8")
    with pytest.raises(BadSeries, match=r"b\.csv is labelled, but neither"):
        read_series(tmp_path)


def test_the_folder_of_series_is_found_among_files_of_posts(tmp_path: Path) -> None:
    posts, empty, folder = tmp_path / "posts.jsonl", tmp_path / "empty", tmp_path / "series"
    posts.write_text("{}", "utf-8")
    empty.mkdir()
    folder.mkdir()
    write(folder, ROWS)
    assert series_folder([posts, empty, folder]) == folder
    assert series_folder([posts, empty]) is None
