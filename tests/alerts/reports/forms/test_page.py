"""HTML and text of a report: the same content, nothing fetched, nobody's markup."""

import re
from dataclasses import replace
from datetime import datetime

import pytest
from lxml import html

from alerts.reports.document import Heading, Illustration, OfficialReport, Prose, ReportLayout, ReportTable
from alerts.reports.forms.page import to_html
from alerts.reports.forms.plain import to_text


@pytest.fixture
def report(now: datetime) -> OfficialReport:
    return OfficialReport(
        form=ReportLayout.OFFICIAL, unit="宣传部", series="舆情快报", issue=3, classified="内部", title="报告",
        period="9月21日", made_at=now,
        blocks=(
            Heading("一、概况"), Heading("（一）走势", 2), Prose("正文"),
            ReportTable(("甲", "乙"), (("1", "2"),), (1, 3)),
            Illustration("图 1", b"png"),
        ),
    )  # fmt: skip


def test_the_page_says_all_that_the_report_does(report: OfficialReport) -> None:
    page = html.fromstring(to_html(report))
    assert page.findtext(".//h1") == "报告"
    assert [one.text for one in page.iter("h2", "h3")] == ["一、概况", "（一）走势"]
    assert [one.text for one in page.iter("th", "td")] == ["甲", "乙", "1", "2"]
    assert page.findtext(".//figcaption") == "图 1"
    words = page.text_content()
    for told in ("宣传部", "内部资料", "内部", "舆情快报〔2026〕第3期", "正文", "2026年9月21日"):
        assert told in words


def test_charts_lie_in_the_page_and_nothing_is_fetched(report: OfficialReport) -> None:
    written = to_html(report)
    assert 'src="data:image/png;base64,cG5n"' in written
    assert not re.search(r"<script|<link|@import|url\(|https?://", written)


def test_words_of_strangers_are_never_markup(report: OfficialReport) -> None:
    nasty = '<img src=x onerror="alert(1)">'
    written = to_html(
        replace(report, title=nasty, blocks=(Prose(nasty), Heading(nasty), ReportTable((nasty,), ((nasty,),), (1,))))
    )
    assert "<img" not in written
    assert written.count("&lt;img src=x") == 6


def test_text_has_headings_tables_and_captions(report: OfficialReport) -> None:
    assert to_text(report).splitlines() == [
        "宣传部　内部资料　内部", "舆情快报〔2026〕第3期", "报告", "（9月21日）", "", "一、概况",
        "（一）走势", "正文", "甲\t乙", "1\t2",
        "［图 1］",
    ]  # fmt: skip
