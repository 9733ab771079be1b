"""A report as one HTML file that needs no other: charts lie in it, nothing is fetched, no script runs."""

from base64 import b64encode
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from alerts.reports.document import Illustration, OfficialReport, ReportTable
from alerts.reports.phrases import day_of_year

TEMPLATES = Path(__file__).parent / "templates"


def to_html(report: OfficialReport) -> str:
    """Writes the report; whatever posts say is text, never markup."""
    blocks = [(type(block).__name__, block) for block in report.blocks]
    template = _ENVIRONMENT.get_template("report.html.j2")
    return template.render(
        report=report, blocks=blocks, made_on=day_of_year(report.made_at), columns=_columns, encoded=_encoded
    )


def _columns(grid: ReportTable) -> list[tuple[int, str]]:
    """Pairs each head with its part of the width in percent."""
    whole = sum(grid.widths)
    return [(round(100 * width / whole), head) for width, head in zip(grid.widths, grid.head, strict=True)]


def _encoded(picture: Illustration) -> str:
    return b64encode(picture.png).decode()


_ENVIRONMENT = Environment(
    loader=FileSystemLoader(TEMPLATES),
    undefined=StrictUndefined,
    autoescape=select_autoescape(default_for_string=True, enabled_extensions=("j2",)),
    trim_blocks=True,
    lstrip_blocks=True,
)
