"""docx as GB/T 9704 has it, read back."""

import io
import zipfile
from datetime import datetime
from typing import Any

import pytest
from docx import Document
from docx.oxml.ns import qn
from docx.shared import Mm, Pt

from alerts.reports.document import (
    Block,
    Heading,
    Illustration,
    OfficialReport,
    Prose,
    ReportLayout,
    ReportTable,
    numbered,
)
from alerts.reports.forms.official import to_docx

PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c4890000000d49444154789c6360606060000000050001"
    "a5f645400000000049454e44ae426082"
)
BLOCKS: tuple[Block, ...] = (
    Heading("一、概况"), Heading("（一）走势", 2), Prose("正文一段。"),
    ReportTable(("甲", "乙"), (("1", "2"), ("3", "4")), (1, 3)),
    Illustration("图 1　走势", PNG),
)  # fmt: skip


@pytest.fixture
def report(now: datetime) -> OfficialReport:
    return OfficialReport(
        form=ReportLayout.OFFICIAL, unit="临江供电公司宣传部", series="舆情快报", issue=3, classified="内部",
        title="关于停电的报告", period="9月21日", made_at=now, blocks=BLOCKS,
    )  # fmt: skip


def read(report: OfficialReport) -> Any:
    return Document(io.BytesIO(to_docx(report)))


def run_of(document: Any, text: str) -> Any:
    return next(run for one in document.paragraphs for run in one.runs if run.text == text)


def east_asian(run: Any) -> str:
    return str(run._r.rPr.rFonts.get(qn("w:eastAsia")))


def test_the_page_is_a4_with_the_margins_of_the_standard(report: OfficialReport) -> None:
    section = read(report).sections[0]
    assert (round(section.page_width.mm), round(section.page_height.mm)) == (210, 297)
    margins = (section.top_margin, section.bottom_margin, section.left_margin, section.right_margin)
    assert [round(one.mm) for one in margins] == [37, 35, 28, 26]


def test_title_headings_and_text_have_their_fonts_and_sizes(report: OfficialReport) -> None:
    document = read(report)
    for text, font, size in (
        ("关于停电的报告", "方正小标宋简体", 22), ("一、概况", "黑体", 16), ("（一）走势", "楷体", 16),
        ("正文一段。", "仿宋", 16),
    ):  # fmt: skip
        run = run_of(document, text)
        assert (east_asian(run), run.font.size) == (font, Pt(size)), text
    text = next(one for one in document.paragraphs if one.text == "正文一段。")
    assert text.paragraph_format.line_spacing == Pt(28)
    assert text.paragraph_format.first_line_indent == 2 * Pt(16)


def test_the_daily_has_smaller_type(report: OfficialReport, now: datetime) -> None:
    daily = OfficialReport(
        form=ReportLayout.DAILY, unit="宣传部", series="每日舆情", issue=1, classified="", title="每日舆情", period="x",
        made_at=now, blocks=(Prose("正文"),),
    )  # fmt: skip
    document = read(daily)
    title, text = run_of(document, "每日舆情"), run_of(document, "正文")
    assert (east_asian(title), title.font.size) == ("黑体", Pt(16))
    assert (east_asian(text), text.font.size) == ("宋体", Pt(14))


def test_head_has_unit_internal_secrecy_and_number_and_the_foot_counts_pages(report: OfficialReport) -> None:
    document = read(report)
    assert document.sections[0].header.paragraphs[0].text == "临江供电公司宣传部\t内部资料"
    assert [one.text for one in document.paragraphs[:2]] == ["内部", "舆情快报〔2026〕第3期"]
    foot = document.sections[0].footer.paragraphs[0]
    assert foot.text == "— " + " —"
    assert [one.text for one in foot._p.iter(qn("w:instrText"))] == ["PAGE"]


def test_without_secrecy_there_is_no_line_for_it(report: OfficialReport, now: datetime) -> None:
    plain = OfficialReport(
        form=ReportLayout.OFFICIAL, unit="x", series="舆情快报", issue=1, classified="", title="t", period="p",
        made_at=now, blocks=(),
    )  # fmt: skip
    assert read(plain).paragraphs[0].text == "舆情快报〔2026〕第1期"


def test_tables_keep_widths_and_repeat_their_heads(report: OfficialReport) -> None:
    (table,) = read(report).tables
    assert [[cell.text for cell in row.cells] for row in table.rows] == [["甲", "乙"], ["1", "2"], ["3", "4"]]
    assert [round(one.width.mm) for one in table.columns] == [39, 117]
    assert table.rows[0]._tr.trPr.find(qn("w:tblHeader")) is not None
    assert table.rows[1]._tr.trPr.find(qn("w:tblHeader")) is None


def test_a_chart_fills_the_width_and_is_described(report: OfficialReport) -> None:
    (shape,) = read(report).inline_shapes
    assert shape.width == Mm(156)
    assert shape._inline.docPr.get("descr") == "图 1　走势"


def test_the_end_names_unit_and_day(report: OfficialReport) -> None:
    assert [one.text for one in read(report).paragraphs[-2:]] == ["临江供电公司宣传部", "2026年9月21日"]


def test_words_of_strangers_are_text_whatever_they_hold(report: OfficialReport, now: datetime) -> None:
    nasty = "<w:p/> & ]]> \u200b“引”"
    odd = OfficialReport(
        form=ReportLayout.OFFICIAL, unit="x", series="s", issue=1, classified="", title="t", period="p", made_at=now,
        blocks=(Prose(nasty),),
    )  # fmt: skip
    assert any(one.text == nasty for one in read(odd).paragraphs)
    with zipfile.ZipFile(io.BytesIO(to_docx(odd))) as parts:
        assert parts.testzip() is None


def test_sections_without_a_block_are_left_out_and_the_rest_counted() -> None:
    told = numbered([("甲", [Prose("1")]), ("乙", []), ("丙", [Prose("2")])])
    assert [one.text for one in told if isinstance(one, Heading)] == ["一、甲", "二、丙"]
