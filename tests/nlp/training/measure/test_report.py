"""The figures of an evaluation as tables, from a report made up for the purpose."""

import json
from typing import Any

import pytest
from rich.console import Console

pytest.importorskip("sklearn", reason="make test brings scikit-learn")

from nlp.training.measure.classifiers import REGRESSION
from nlp.training.measure.evaluate import COVERAGES, RIGHT, SIX, THREE, Report
from nlp.training.measure.report import as_group, as_markdown, comparison, comparisons, notes, renewed, sheets
from nlp.training.metrics import Figure
from nlp.training.texts.evaluation_sets import MOSTLY_NEUTRAL, POWER, SECTORS

SETS = ("usual", "virus", "chnsenticorp", MOSTLY_NEUTRAL, POWER, SECTORS)


def report(**changes: Any) -> Report:
    alike = {
        SIX: Figure(0.7, 0.65, 0.75), THREE: Figure(0.8, 0.7, 0.9), RIGHT: Figure(0.75, 0.7, 0.8),
        "negative P": Figure(0.6, 0.5, 0.7), "ECE": Figure(0.03, 0.02, 0.05),
    }  # fmt: skip
    figures = {name: {who: dict(alike) for who in ("a@1", REGRESSION)} for name in SETS}
    given: dict[str, Any] = {
        "model": "a@1",
        "figures": figures,
        "slices": {"short": figures["usual"]},
        "kinds": {"question": figures["usual"]},
        "rows": {"usual": 2000, "virus": 1500, POWER: 50, SECTORS: 710, "short": 1234, "question": 67},
        "gains": {name: {SIX: Figure(0.05, 0.01, 0.09)} for name in SETS},
        "coverage": {name: {"a@1": dict.fromkeys(COVERAGES, 0.9)} for name in SETS},
        "cross_fitted": {"a@1": dict.fromkeys(SETS, 0.02)},
        "speeds": {"a@1": 1353.4},
        "seconds": {"model": 6.2},
        "about": {"strengths": {4.0: 0.675, 8.0: 0.672}, "strength": 4.0, "rows": {"read": 33742, "kept": 33199}},
    }
    return Report(**given | changes)


def test_every_set_and_classifier_has_a_line() -> None:
    _, main, slices, kinds, coverage = sheets(report())
    assert [line[:2] for line in main.lines] == [[name, who] for name in SETS for who in ("a@1", REGRESSION)]
    assert slices.lines[0][:3] == ["short", "1,234", "a@1"]
    assert {line[0] for line in slices.lines} == {"short", POWER}
    assert kinds.lines[0][:3] == ["question", "67", "a@1"]
    assert coverage.columns[2:] == ["100%", "90%", "80%", "70%", "50%"]
    assert all(len(line) == len(sheet.columns) for sheet in (main, slices, kinds, coverage) for line in sheet.lines)


def test_a_figure_that_is_not_there_is_an_empty_cell_and_so_is_an_unknown_speed() -> None:
    _, main, *_ = sheets(report())
    first, second, *_ = main.lines
    assert first[2] == "0.700 [0.650, 0.750]"
    assert first[6] == ""
    assert (first[-1], second[-1]) == ("1,353", "")


def test_what_is_wanted_stands_beside_what_each_model_reaches() -> None:
    kinds = {"question": report().figures["usual"], "thanks": {"a@1": {RIGHT: Figure(0.5, 0.4, 0.6)}}}
    wanted, *_ = sheets(report(kinds=kinds, rows=report().rows | {"thanks": 45}))
    assert wanted.columns == ["figure", "aim", "a@1"], "the regression is no model"
    found = {line[0]: line[1:] for line in wanted.lines}
    assert found["usual: six-class F1"] == ["≥ 0.745", "0.700"]
    assert found["mostly neutral: negative P"] == ["≥ 0.55", "0.600"]
    assert found["twelve sectors: worst kind"] == ["≥ 0.7", "0.500 (thanks)"]
    assert found["chnsenticorp: ECE"] == ["≤ 0.04", "0.030"]


@pytest.mark.parametrize(
    ("gain", "shown"),
    [
        (Figure(0.02, 0.001, 0.04), "the baseline is beaten"),
        (Figure(0.02, 0.0, 0.04), "NOT SHOWN"),
        (Figure(-0.02, -0.04, -0.001), "NOT SHOWN"),
    ],
)
def test_a_gain_is_one_only_where_its_whole_interval_is_above_zero(gain: Figure, shown: str) -> None:
    assert shown in comparison(gain)
    assert f"{gain.value:+.3f}" in comparison(gain)


def test_the_comparisons_are_those_of_the_sets_that_count() -> None:
    found = comparisons(report())
    assert [line.partition(":")[0] for line in found] == ["usual", "virus"]


def test_the_notes_tell_rows_strengths_and_time() -> None:
    told = "\n".join(notes(report()))
    assert "read 33,742, kept 33,199" in told
    assert "C = 4.0, chosen by cross-validation" in told
    assert "a@1: usual 0.020, virus 0.020" in told
    assert POWER not in told
    assert "model 6.2 s" in told


def test_markdown_has_a_rule_under_each_heading() -> None:
    lines = as_markdown(report()).splitlines()
    headings = [place for place, line in enumerate(lines) if line.startswith("| ") and "---" in lines[place + 1]]
    assert len(headings) == 5
    assert all(lines[place].count("|") == lines[place + 1].count("|") for place in headings)


def test_the_terminal_shows_the_same_words_unread_as_markup() -> None:
    console = Console(width=250, record=True, file=open("/dev/null", "w", encoding="utf-8"))  # noqa: SIM115
    console.print(as_group(report()))
    told = console.export_text()
    assert "0.700 [0.650, 0.750]" in told
    assert "the baseline is beaten" in told
    console.file.close()


def test_only_what_stands_between_the_marks_is_renewed() -> None:
    document = "before\n<!-- figures -->\nold\n<!-- end -->\nafter\n"
    found = renewed(document, report())
    assert "old" not in found
    assert [line for line in found.splitlines() if line in ("before", "after")] == ["before", "after"]
    assert found.count("Every classifier on every set") == 1
    assert renewed(found, report()) == found


def test_a_document_without_marks_stays_as_it_is() -> None:
    assert renewed("no marks\n", report()) == "no marks\n"


def test_the_figures_go_into_json_and_come_back() -> None:
    again = json.loads(json.dumps(report().as_json()))
    assert again["figures"]["usual"]["a@1"][SIX] == {"value": 0.7, "low": 0.65, "high": 0.75}
