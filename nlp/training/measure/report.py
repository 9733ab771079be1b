"""The figures of an evaluation as tables: for the terminal, and as Markdown to paste."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from rich.console import Group
from rich.markup import escape
from rich.table import Table

from nlp.training.measure.evaluate import ALARMS, COVERAGES, FLOORED, SIX, THREE, Report
from nlp.training.measure.judges import REGRESSION
from nlp.training.measure.metrics import Figure
from nlp.training.texts.exams import POWER

MAIN = (SIX, THREE, "negative P", "negative R", "ECE before", "ECE", "labelled", "right of these", "right of the rest")
SLICED = (SIX, THREE, "negative P", "negative R", ALARMS)


@dataclass(frozen=True, slots=True)
class Sheet:
    """A table of words."""

    title: str
    columns: Sequence[str]
    lines: Sequence[Sequence[str]]


def sheets(report: Report) -> list[Sheet]:
    """Every table of a report."""
    return [_main(report), _slices(report), _surest(report)]


def verdicts(report: Report) -> list[str]:
    """What the paired bootstrap says of the model and the regression, where the model must be better."""
    return [f"{name}: {verdict(report.leads[name][SIX])}" for name in FLOORED]


def verdict(lead: Figure) -> str:
    """Whether a difference of model and regression is one."""
    shown = "the floor is beaten" if lead.low > 0 else "NOT SHOWN to beat the floor"
    return f"model - regression in {SIX} = {lead.value:+.3f} [{lead.low:+.3f}, {lead.high:+.3f}]: {shown}"


def notes(report: Report) -> list[str]:
    """What the tables rest on, and where the time went."""
    tried = ", ".join(f"C = {strength}: {value:.3f}" for strength, value in report.about["strengths"].items())
    rows = ", ".join(f"{name} {count:,}" for name, count in report.about["rows"].items())
    crossed = "; ".join(
        f"{judge}: {', '.join(f'{name} {value:.3f}' for name, value in found.items() if name != POWER)}"
        for judge, found in report.crossed.items()
    )
    seconds = ", ".join(f"{name} {value:.1f} s" for name, value in report.seconds.items())
    return [
        f"training rows: {rows}",
        f"regression: C = {report.about['strength']}, chosen by cross-validation on training rows ({tried})",
        f"ECE with the temperature fitted on the other half of the rows: {crossed}",
        f"where the time went (the other judges' share when they were last computed): {seconds}",
    ]


def as_group(report: Report) -> Group:
    """For the terminal."""
    found: list[Table | str] = []
    for sheet in sheets(report):
        table = Table(*sheet.columns, title=sheet.title)
        for line in sheet.lines:
            table.add_row(*map(escape, line))
        found.append(table)
    return Group(*found, *map(escape, verdicts(report)), *map(escape, notes(report)))


def as_markdown(report: Report) -> str:
    """For a document."""
    parts = [_markdown(sheet) for sheet in sheets(report)]
    said = [f"- {line}" for line in (*verdicts(report), *notes(report))]
    return "\n\n".join([*parts, "\n".join(said)]) + "\n"


def pasted(document: str, report: Report) -> str:
    """A document with the figures between its marks `<!-- figures -->` and `<!-- end -->`."""
    return as_markdown(report).join(re.split(r"(?<=<!-- figures -->\n).*?(?=<!-- end -->)", document, flags=re.DOTALL))


def _main(report: Report) -> Sheet:
    lines = [
        [name, judge, *_cells(figures, MAIN), _speed(report.speeds.get(judge))]
        for name, row in report.figures.items()
        for judge, figures in row.items()
    ]
    return Sheet("Every judge on every set, with 95 % intervals", ["set", "judge", *MAIN, "posts/s"], lines)


def _slices(report: Report) -> Sheet:
    found = report.slices | {POWER: _only(report.figures[POWER], [report.model, REGRESSION])}
    lines = [
        [kind, f"{report.rows[kind]:,}", judge, *_cells(figures, SLICED)]
        for kind, row in found.items()
        for judge, figures in row.items()
    ]
    title = "By kind of text (usual and virus together; false alarms: the share called negative of what is not)"
    return Sheet(title, ["kind", "rows", "judge", *SLICED], lines)


def _surest(report: Report) -> Sheet:
    lines = [
        [name, judge, *(f"{row[judge][share]:.3f}" for share in COVERAGES)]
        for name, row in report.surest.items()
        for judge in row
    ]
    return Sheet(
        "Accuracy of polarity over the surest share of the rows",
        ["set", "judge", *(f"{one:.0%}" for one in COVERAGES)],
        lines,
    )


def _cells(figures: Mapping[str, Figure], columns: Sequence[str]) -> list[str]:
    return [str(figures[name]) if name in figures else "" for name in columns]


def _speed(value: float | None) -> str:
    return "" if value is None else f"{value:,.0f}"


def _only(row: Mapping[str, dict[str, Figure]], judges: Sequence[str]) -> dict[str, dict[str, Figure]]:
    return {judge: row[judge] for judge in judges}


def _markdown(sheet: Sheet) -> str:
    rows = [sheet.columns, ["---"] * len(sheet.columns), *sheet.lines]
    return f"{sheet.title}:\n\n" + "\n".join(f"| {' | '.join(row)} |" for row in rows)
