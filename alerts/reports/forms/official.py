"""A report as docx in the layout of 公文 (GB/T 9704-2012): A4, its margins, its fonts, a line of 28 points.

Fonts are named, not embedded: 方正小标宋简体, 仿宋, 黑体 and 楷体 are on the machines of offices, and a program without
them takes what it has; names in a run are also given for its East Asian characters, or Word would ignore them there.
"""

import io
from typing import Any

from docx import Document
from docx.document import Document as Docx
from docx.enum.table import WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_LINE_SPACING, WD_TAB_ALIGNMENT
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt, RGBColor
from docx.text.paragraph import Paragraph

from alerts.reports.document import Block, Heading, Illustration, OfficialReport, Prose, ReportLayout, ReportTable
from alerts.reports.phrases import day_of_year

PAGE, TOP, BOTTOM, LEFT, RIGHT = (Mm(210), Mm(297)), Mm(37), Mm(35), Mm(28), Mm(26)  # GB/T 9704-2012, 5.2
TEXT_WIDTH = 156.0  # millimetres
LINE = Pt(28)
SECOND, THIRD, FOURTH, SMALL = Pt(22), Pt(16), Pt(14), Pt(10.5)  # 二号, 三号, 四号, 五号
TITLE_FONT, BODY_FONT, HEAD_FONT, KAI, SONG = "方正小标宋简体", "仿宋", "黑体", "楷体", "宋体"
LATIN = "Times New Roman"
RED = RGBColor(0xC0, 0x10, 0x10)
INTERNAL = "内部资料"


def to_docx(report: OfficialReport) -> bytes:
    """Writes the report; equal reports are equal bytes but for the archive's times."""
    document = Document()
    _lay_out(document, report)
    _head(document, report)
    for block in report.blocks:
        _WRITERS[type(block)](document, block, report.form)
    _signature(document, report)
    written = io.BytesIO()
    document.save(written)
    return written.getvalue()


def _lay_out(document: Docx, report: OfficialReport) -> None:
    section = document.sections[0]
    section.page_width, section.page_height = PAGE
    section.top_margin, section.bottom_margin, section.left_margin, section.right_margin = TOP, BOTTOM, LEFT, RIGHT
    section.header_distance, section.footer_distance = Mm(20), Mm(25)
    document.core_properties.title = report.title
    document.core_properties.author = report.unit
    document.core_properties.created = report.made_at.replace(tzinfo=None)
    _font(document.styles["Normal"], _body_font(report.form), _body_size(report.form))
    header = section.header.paragraphs[0]
    header.style = document.styles["Normal"]  # the style of headers has stops of its own, for another page
    header.paragraph_format.tab_stops.add_tab_stop(Mm(TEXT_WIDTH), alignment=WD_TAB_ALIGNMENT.RIGHT)
    _run(header, f"{report.unit}\t{INTERNAL}", SONG, SMALL)
    footer = section.footer.paragraphs[0]
    footer.alignment = WD_ALIGN_PARAGRAPH.CENTER
    _run(footer, "— ", SONG, FOURTH)
    _page_number(footer)
    _run(footer, " —", SONG, FOURTH)


def _head(document: Docx, report: OfficialReport) -> None:
    """Writes 密级 at the right, the series with its number, and the title."""
    if report.classified:
        _run(_paragraph(document, WD_ALIGN_PARAGRAPH.RIGHT), report.classified, HEAD_FONT, THIRD)
    series = _paragraph(document, WD_ALIGN_PARAGRAPH.CENTER)
    _run(series, report.number, BODY_FONT, THIRD).font.color.rgb = RED
    _rule_below(series)
    daily = report.form is ReportLayout.DAILY
    title = _paragraph(document, WD_ALIGN_PARAGRAPH.CENTER)
    title.paragraph_format.space_before = title.paragraph_format.space_after = Pt(14)
    _run(title, report.title, HEAD_FONT if daily else TITLE_FONT, THIRD if daily else SECOND)
    _run(_paragraph(document, WD_ALIGN_PARAGRAPH.CENTER), f"（{report.period}）", KAI, FOURTH)


def _heading(document: Docx, block: Heading, form: ReportLayout) -> None:
    paragraph = _paragraph(document, WD_ALIGN_PARAGRAPH.LEFT)
    paragraph.paragraph_format.first_line_indent = 2 * _body_size(form)
    paragraph.paragraph_format.keep_with_next = True
    _run(paragraph, block.text, HEAD_FONT if block.level == 1 else KAI, _body_size(form))


def _prose(document: Docx, block: Prose, form: ReportLayout) -> None:
    paragraph = _paragraph(document, WD_ALIGN_PARAGRAPH.JUSTIFY)
    paragraph.paragraph_format.first_line_indent = 2 * _body_size(form)
    _run(paragraph, block.text, _body_font(form), _body_size(form))


def _grid(document: Docx, block: ReportTable, form: ReportLayout) -> None:
    table = document.add_table(rows=0, cols=len(block.head), style="Table Grid")
    table.alignment, table.autofit = WD_TABLE_ALIGNMENT.CENTER, False
    widths = [TEXT_WIDTH * one / sum(block.widths) for one in block.widths]
    for column, width in zip(table.columns, widths, strict=True):
        column.width = Mm(width)
    for at, texts in enumerate((block.head, *block.rows)):
        row = table.add_row()
        _unbroken(row, head=at == 0)
        for cell, text, width in zip(row.cells, texts, widths, strict=True):
            cell.width = Mm(width)
            paragraph = cell.paragraphs[0]
            paragraph.paragraph_format.space_before = paragraph.paragraph_format.space_after = Pt(2)
            paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER if at == 0 else WD_ALIGN_PARAGRAPH.LEFT
            _run(paragraph, text, HEAD_FONT if at == 0 else SONG, SMALL)
    after = document.add_paragraph()
    after.paragraph_format.line_spacing = Pt(8)


def _illustration(document: Docx, block: Illustration, form: ReportLayout) -> None:
    picture = document.add_paragraph()
    picture.alignment = WD_ALIGN_PARAGRAPH.CENTER
    picture.paragraph_format.keep_with_next = True
    shape = picture.add_run().add_picture(io.BytesIO(block.png), width=Mm(TEXT_WIDTH))
    shape._inline.docPr.set("descr", block.caption)
    _run(_paragraph(document, WD_ALIGN_PARAGRAPH.CENTER), block.caption, SONG, SMALL)


def _signature(document: Docx, report: OfficialReport) -> None:
    for text in (report.unit, day_of_year(report.made_at)):
        paragraph = _paragraph(document, WD_ALIGN_PARAGRAPH.RIGHT)
        paragraph.paragraph_format.right_indent = 2 * _body_size(report.form)
        paragraph.paragraph_format.keep_together = True
        _run(paragraph, text, _body_font(report.form), _body_size(report.form))


_WRITERS: dict[type[Block], Any] = {Heading: _heading, Prose: _prose, ReportTable: _grid, Illustration: _illustration}


def _body_font(form: ReportLayout) -> str:
    return SONG if form is ReportLayout.DAILY else BODY_FONT


def _body_size(form: ReportLayout) -> Pt:
    return FOURTH if form is ReportLayout.DAILY else THIRD


def _paragraph(document: Docx, alignment: WD_ALIGN_PARAGRAPH) -> Paragraph:
    paragraph = document.add_paragraph()
    paragraph.alignment = alignment
    shape = paragraph.paragraph_format
    shape.space_before = shape.space_after = Pt(0)
    shape.line_spacing_rule, shape.line_spacing = WD_LINE_SPACING.EXACTLY, LINE
    return paragraph


def _run(paragraph: Paragraph, text: str, font: str, size: Pt) -> Any:
    run = paragraph.add_run(text)
    _font(run, font, size)
    return run


def _font(styled: Any, font: str, size: Pt) -> None:
    styled.font.name, styled.font.size = LATIN, size
    fonts = styled.element.get_or_add_rPr().get_or_add_rFonts()
    fonts.set(qn("w:eastAsia"), font)
    fonts.set(qn("w:hint"), "eastAsia")


def _page_number(paragraph: Paragraph) -> None:
    """Puts a field that counts pages: python-docx has no call for one."""
    for kind, code in (("begin", None), (None, "PAGE"), ("end", None)):
        run = _run(paragraph, "", SONG, FOURTH)
        element: Any = OxmlElement("w:instrText" if code else "w:fldChar")
        if code:
            element.text = code
        else:
            element.set(qn("w:fldCharType"), kind)
        run._r.append(element)


def _rule_below(paragraph: Paragraph) -> None:
    """Draws the red line under the number."""
    borders: Any = OxmlElement("w:pBdr")
    line: Any = OxmlElement("w:bottom")
    for key, value in (("val", "single"), ("sz", "12"), ("space", "4"), ("color", "C01010")):
        line.set(qn(f"w:{key}"), value)
    borders.append(line)
    paragraph._p.get_or_add_pPr().append(borders)


def _unbroken(row: Any, *, head: bool) -> None:
    """Keeps a row on one page; the head is repeated on each."""
    properties = row._tr.get_or_add_trPr()
    properties.append(OxmlElement("w:cantSplit"))
    if head:
        properties.append(OxmlElement("w:tblHeader"))
