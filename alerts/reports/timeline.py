"""What happened in a case and who did it, as a table; letters that arrived stand in `case show` alone. Pure."""

from collections.abc import Sequence

from alerts.casefile.tables import EventKind
from alerts.desk.cases import HistoryEntry
from alerts.desk.telling import KnownNames, added, who
from alerts.notify.contents.quotes import clean
from alerts.reports.document import ReportTable
from alerts.reports.phrases import minute
from alerts.words import STAGE_NAMES, VERDICT_NAMES, event_name

LEFT_OUT = frozenset({EventKind.SENT})


def event_rows(history: Sequence[HistoryEntry], names: KnownNames) -> ReportTable:
    """Makes the table: when, who, what, with every word of the record."""
    told = [one for one in history if one.kind not in LEFT_OUT]
    return ReportTable(("时间", "何人", "事项"), tuple(_row(one, names) for one in told), (2, 1.7, 5))


def _row(entry: HistoryEntry, names: KnownNames) -> tuple[str, ...]:
    parts = [clean(entry.note, 400)] if entry.note else []
    parts += [f"结论：{VERDICT_NAMES[entry.verdict]}"] if entry.verdict else []
    parts += [f"转入「{STAGE_NAMES.get(entry.stage, entry.stage)}」"] if entry.stage else []
    parts += added(entry, names)
    words = "；".join(parts)
    return (minute(entry.at), who(entry), event_name(entry.kind) + (f"：{words}" if words else ""))
