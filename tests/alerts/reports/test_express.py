"""快报 as a document."""

from datetime import UTC, datetime

import pytest

from alerts.reports.document import Prose
from alerts.reports.express import express_report
from alerts.reports.forms.plain import to_text

NOW = datetime(2026, 9, 21, 6, 2, tzinfo=UTC)


def test_its_first_line_is_its_title_and_the_others_are_its_paragraphs() -> None:
    made = express_report(("关于涉停电信息的情况报告（较大）", "一、内容：x。"), unit="宣传部", issue=3, now=NOW)
    assert (made.title, made.number) == ("关于涉停电信息的情况报告（较大）", "舆情快报〔2026〕第3期")
    assert made.blocks == (Prose("一、内容：x。"),)
    assert made.period == "截至9月21日 14:02"
    assert "一、内容：x。" in to_text(made)


def test_of_nothing_there_is_no_report() -> None:
    with pytest.raises(ValueError, match="not enough values"):
        express_report((), unit="宣传部", issue=1, now=NOW)
