"""快报: the report upward as a document, in the words in which the page of a case drafts it. Pure."""

from collections.abc import Sequence
from datetime import datetime

from alerts.reports.document import OfficialReport, Prose, ReportLayout
from alerts.reports.phrases import minute

SERIES = "舆情快报"


def express_report(lines: Sequence[str], *, unit: str, issue: int, now: datetime) -> OfficialReport:
    """Composes the document; the first of the `lines` is its title. `ValueError` where there are none."""
    title, *rest = lines
    return OfficialReport(
        form=ReportLayout.OFFICIAL, unit=unit, series=SERIES, issue=issue, classified="", title=title,
        period=f"截至{minute(now)}", made_at=now, blocks=tuple(map(Prose, rest)),
    )  # fmt: skip
