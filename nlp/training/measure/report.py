"""The figures of an evaluation as tables: for the terminal, and as Markdown to paste."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from rich.console import Group
from rich.markup import escape
from rich.table import Table

from nlp.training.measure.classifiers import REGRESSION
from nlp.training.measure.evaluate import ALARMS, COVERAGES, RIGHT, SIX, THREE, Report
from nlp.training.metrics import Figure
from nlp.training.texts.data import WITH_EMOTIONS
from nlp.training.texts.evaluation_sets import MOSTLY_NEUTRAL, POWER, SECTORS

MAIN = (
    SIX,
    THREE,
    RIGHT,
    "negative P",
    "negative R",
    "ECE before",
    "ECE",
    "labelled",
    "right of these",
    "right of the rest",
)
SLICED = (SIX, THREE, "negative P", "negative R", ALARMS)
BY_KIND = (RIGHT, ALARMS, "ECE")
MOST_MISCALIBRATED = 0.04
LEAST_OF_A_KIND = 0.7  # right, of the texts of one kind
AIMS = {  # what the model is to reach, at least
    "usual": {SIX: 0.745, THREE: 0.855},
    "virus": {SIX: 0.64, THREE: 0.80},
    MOSTLY_NEUTRAL: {THREE: 0.66, "negative P": 0.55},
    "chnsenticorp": {RIGHT: 0.92},
    SECTORS: {THREE: 0.85},
}


@dataclass(frozen=True, slots=True)
class Sheet:
    """A table of words."""

    title: str
    columns: Sequence[str]
    lines: Sequence[Sequence[str]]


def sheets(report: Report) -> list[Sheet]:
    """Lay out every table of a report."""
    return [_aims(report), _main(report), _slices(report), _kinds(report), _coverage(report)]


def comparisons(report: Report) -> list[str]:
    """Say what the paired bootstrap shows of the model and the regression, where the model must be better."""
    return [f"{name}: {comparison(report.gains[name][SIX])}" for name in WITH_EMOTIONS]


def comparison(gain: Figure) -> str:
    """Say whether a difference of model and regression is one: its whole interval lies above zero."""
    shown = "the baseline is beaten" if gain.low > 0 else "NOT SHOWN to beat the baseline"
    return f"model - regression in {SIX} = {gain.value:+.3f} [{gain.low:+.3f}, {gain.high:+.3f}]: {shown}"


def notes(report: Report) -> list[str]:
    """Say what the tables rest on, and where the time went."""
    tried = ", ".join(f"C = {strength}: {value:.3f}" for strength, value in report.about["strengths"].items())
    rows = ", ".join(f"{name} {count:,}" for name, count in report.about["rows"].items())
    cross_fitted = "; ".join(
        f"{classifier}: {', '.join(f'{name} {value:.3f}' for name, value in found.items() if name != POWER)}"
        for classifier, found in report.cross_fitted.items()
    )
    seconds = ", ".join(f"{name} {value:.1f} s" for name, value in report.seconds.items())
    return [
        f"training rows: {rows}",
        f"regression: C = {report.about['strength']}, chosen by cross-validation on training rows ({tried})",
        f"ECE with the temperature fitted on the other half of the rows: {cross_fitted}",
        f"where the time went (the baselines' share when they were last computed): {seconds}",
    ]


def as_group(report: Report) -> Group:
    """Render for the terminal."""
    found: list[Table | str] = []
    for sheet in sheets(report):
        table = Table(*sheet.columns, title=sheet.title)
        for line in sheet.lines:
            table.add_row(*map(escape, line))
        found.append(table)
    return Group(*found, *map(escape, comparisons(report)), *map(escape, notes(report)))


def as_markdown(report: Report) -> str:
    """Render for a document."""
    parts = [_markdown(sheet) for sheet in sheets(report)]
    said = [f"- {line}" for line in (*comparisons(report), *notes(report))]
    return "\n\n".join([*parts, "\n".join(said)]) + "\n"


def renewed(document: str, report: Report) -> str:
    """Return a document with the figures between its marks `<!-- figures -->` and `<!-- end -->`."""
    return as_markdown(report).join(re.split(r"(?<=<!-- figures -->\n).*?(?=<!-- end -->)", document, flags=re.DOTALL))


def _aims(report: Report) -> Sheet:
    """Hold the model, and models beside it, against what is wanted of one."""
    models = [who for who in next(iter(report.kinds.values())) if who != REGRESSION]
    lines = [
        [f"{name}: {figure}", f"≥ {aim}", *(f"{report.figures[name][who][figure].value:.3f}" for who in models)]
        for name, aims in AIMS.items()
        for figure, aim in aims.items()
    ]
    least = {who: min((row[who][RIGHT].value, kind) for kind, row in report.kinds.items()) for who in models}
    lines.append(
        [f"{SECTORS}: worst kind", f"≥ {LEAST_OF_A_KIND}", *(f"{value:.3f} ({kind})" for value, kind in least.values())]
    )
    lines += [
        [
            f"{name}: ECE",
            f"≤ {MOST_MISCALIBRATED}",
            *(f"{report.figures[name][who]['ECE'].value:.3f}" for who in models),
        ]
        for name in report.figures
    ]
    return Sheet("What is wanted, and what is reached", ["figure", "aim", *models], lines)


def _main(report: Report) -> Sheet:
    lines = [
        [name, classifier, *_cells(figures, MAIN), _speed(report.speeds.get(classifier))]
        for name, row in report.figures.items()
        for classifier, figures in row.items()
    ]
    return Sheet("Every classifier on every set, with 95 % intervals", ["set", "classifier", *MAIN, "posts/s"], lines)


def _slices(report: Report) -> Sheet:
    found = report.slices | {POWER: _only(report.figures[POWER], [report.model, REGRESSION])}
    lines = [
        [kind, f"{report.rows[kind]:,}", classifier, *_cells(figures, SLICED)]
        for kind, row in found.items()
        for classifier, figures in row.items()
    ]
    title = "By kind of text (usual and virus together; false alarms: the share called negative of what is not)"
    return Sheet(title, ["kind", "rows", "classifier", *SLICED], lines)


def _kinds(report: Report) -> Sheet:
    lines = [
        [kind, f"{report.rows[kind]:,}", classifier, *_cells(figures, BY_KIND)]
        for kind, row in report.kinds.items()
        for classifier, figures in row.items()
    ]
    title = f"{SECTORS.capitalize()}, by what the sentences are: held back, nothing is trained on them"
    return Sheet(title, ["kind", "rows", "classifier", *BY_KIND], lines)


def _coverage(report: Report) -> Sheet:
    lines = [
        [name, classifier, *(f"{row[classifier][share]:.3f}" for share in COVERAGES)]
        for name, row in report.coverage.items()
        for classifier in row
    ]
    return Sheet(
        "Accuracy of polarity over the surest share of the rows",
        ["set", "classifier", *(f"{one:.0%}" for one in COVERAGES)],
        lines,
    )


def _cells(figures: Mapping[str, Figure], columns: Sequence[str]) -> list[str]:
    return [str(figures[name]) if name in figures else "" for name in columns]


def _speed(value: float | None) -> str:
    return "" if value is None else f"{value:,.0f}"


def _only(row: Mapping[str, dict[str, Figure]], names: Sequence[str]) -> dict[str, dict[str, Figure]]:
    return {name: row[name] for name in names}


def _markdown(sheet: Sheet) -> str:
    rows = [sheet.columns, ["---"] * len(sheet.columns), *sheet.lines]
    return f"{sheet.title}:\n\n" + "\n".join(f"| {' | '.join(row)} |" for row in rows)
