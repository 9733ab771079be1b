"""A report as plain text, for a screen: headings, paragraphs, tables by tabs; of a chart its caption."""

from collections.abc import Iterator

from alerts.reports.document import Heading, Illustration, OfficialReport, Prose, ReportTable


def to_text(report: OfficialReport) -> str:
    """Writes the report."""
    return "\n".join(_lines(report)) + "\n"


def _lines(report: OfficialReport) -> Iterator[str]:
    yield f"{report.unit}　内部资料" + (f"　{report.classified}" if report.classified else "")
    yield from (report.number, report.title, f"（{report.period}）")
    for block in report.blocks:
        match block:
            case Heading(text, level):
                yield from ("", text) if level == 1 else (text,)
            case Prose(text):
                yield text
            case ReportTable(head, rows):
                yield from ("\t".join(cells) for cells in (head, *rows))
            case Illustration(caption):
                yield f"［{caption}］"
