"""The picture of a series: that it is drawn, of the size promised, with Chinese that the font has."""

from datetime import timedelta
from pathlib import Path

import pytest

from alerts.detection.series.detector import Sides
from alerts.replay.picture import draw
from alerts.replay.rows import CountRow
from alerts.replay.series import Replay, whole
from alerts.replay.trace import Trace
from stream.process.clock import SHANGHAI
from tests.alerts.detection.series.offices import MONDAY, drawn, office

HOUR = timedelta(hours=1)


def gathered(counts: list[float | None], step: timedelta = HOUR) -> Trace:
    run, trace = Replay(step, 1.0, Sides.BOTH, negatives=False, authors=False), Trace(step, len(counts))
    rows = [
        CountRow(number + 2, "", MONDAY + number * step, count)
        for number, count in enumerate(counts)
        if count is not None
    ]
    for at, row in whole(rows, step):
        trace.add(at, run.judge(at, row), run.window())
    return trace


def size(path: Path) -> tuple[int, int]:
    begin = path.read_bytes()[:24]
    assert begin.startswith(b"\x89PNG")
    return int.from_bytes(begin[16:20]), int.from_bytes(begin[20:24])


def test_a_month_with_an_outbreak_a_hole_and_a_silence_is_drawn(tmp_path: Path) -> None:
    counts: list[float | None] = list(drawn(office(40.0), 28, HOUR))
    counts[500:503] = [900.0] * 3
    counts[300:330] = [None] * 30
    counts[610:620] = [0.0] * 10
    trace = gathered(counts)
    assert trace.flags
    assert trace.unseen
    path = tmp_path / "picture.png"
    draw(trace, path, name="话题.csv", what="帖子", budget=1.0, zone=SHANGHAI)
    assert size(path) == (1600, 700)
    assert path.stat().st_size > 20_000


@pytest.mark.parametrize("step", [timedelta(seconds=1), timedelta(minutes=5), timedelta(days=1)])
@pytest.mark.parametrize("count", [0.0, 3.0, 1e12])
def test_series_of_two_rows_of_nothing_and_of_very_much_are_drawn(
    tmp_path: Path, step: timedelta, count: float
) -> None:
    path = tmp_path / "picture.png"
    draw(gathered([count, count], step), path, name="a.csv", what="负面", budget=0.25, zone=SHANGHAI)
    assert size(path) == (1600, 700)
