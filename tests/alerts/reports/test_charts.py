"""Charts: PNGs that are drawn with Chinese, and without it where the machine has no such font."""

from datetime import datetime
from pathlib import Path

import pytest

from alerts import pictures
from alerts.pictures import FONT, chinese_font
from alerts.reports import charts
from alerts.reports.charts import NO_FONT, bar_chart, comparison_chart, trend_chart
from alerts.reports.document import Illustration
from alerts.reports.phrases import change, part, period, span
from alerts.reports.wave import TrendStep
from tests.alerts.reports.conftest import HOUR, MINUTE


def drawn(now: datetime) -> list[Illustration]:
    steps = [TrendStep(now + n * HOUR, n + 3, n) for n in range(5)]
    return [
        trend_chart(steps, HOUR, "走势", [(now + HOUR, "立案"), (now + 2 * HOUR, "澄清")]), trend_chart([], HOUR, "空"),
        bar_chart([("负面", 3)], "倾向"), comparison_chart([("停电", 3, 5), ("电费", 0, 0)], "比较"),
    ]  # fmt: skip


def test_every_chart_is_a_picture_with_its_caption(now: datetime) -> None:
    assert [one.caption for one in drawn(now)] == ["走势", "空", "倾向", "比较"]
    assert all(one.png.startswith(b"\x89PNG") for one in drawn(now))


def test_the_same_counts_are_the_same_bytes(now: datetime) -> None:
    assert drawn(now) == drawn(now)


def test_without_a_chinese_font_that_is_said(now: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(charts, "chinese_font", lambda: None)
    assert all(one.caption.endswith(NO_FONT) for one in drawn(now))


def test_the_font_is_the_bundled_one_then_one_of_the_machine_then_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert FONT.is_file()
    assert chinese_font() == "Wenfeng Sans SC"
    monkeypatch.setattr(pictures, "ELSEWHERE", ("DejaVu Sans",))
    assert chinese_font(tmp_path / "absent.otf") == "DejaVu Sans"
    monkeypatch.setattr(pictures, "ELSEWHERE", ())
    assert chinese_font(tmp_path / "absent too.otf") is None


@pytest.mark.parametrize(
    ("length", "words"),
    [
        (0 * MINUTE, "0 秒"), (0.5 * MINUTE, "30 秒"), (12 * MINUTE, "12 分钟"), (HOUR, "1 小时"),
        (HOUR + 5 * MINUTE, "1 小时 5 分钟"), (52 * HOUR, "2 天 4 小时"), (72 * HOUR, "3 天"),
    ],
)  # fmt: skip
def test_spans_are_written_as_people_say_them(length: object, words: str) -> None:
    assert span(length) == words  # type: ignore[arg-type]


def test_changes_shares_and_periods_are_written_as_people_say_them(now: datetime) -> None:
    assert [change(*pair) for pair in ((0, 0), (0, 3), (10, 15), (10, 4))] == ["持平", "新出现", "增 50%", "减 60%"]
    assert (part(None), part(0.256)) == ("—", "26%")
    assert period(now, now + HOUR) == "2026年9月21日 14:02 至 9月21日 15:02"
    assert period(now, now.replace(year=2027)) == "2026年9月21日 14:02 至 2027年9月21日 14:02"
