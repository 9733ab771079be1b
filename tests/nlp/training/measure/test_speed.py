"""Measuring speed."""

import os
from collections.abc import Sequence
from pathlib import Path

import pytest

pytest.importorskip("psutil", reason="make test installs it")

from click.testing import CliRunner

from nlp.cli.commands import main
from nlp.training.measure.speed import Contender, ScoreTexts, measure_all, sample

TEXTS = [f"第{number}条" for number in range(12)]


def noting_load(threads: int) -> ScoreTexts:
    """Notes, in the folder of the run, who scored what with how many threads."""

    def score(texts: Sequence[str]) -> None:
        with Path(f"{os.getpid()}.txt").open("a", encoding="utf-8") as out:
            out.writelines(f"{threads} {text}\n" for text in texts)

    return score


def test_a_contender_scores_the_first_texts_after_the_next_ones_shared_among_its_processes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    found = measure_all([Contender("two", noting_load, processes=2, threads=1, posts=8)], TEXTS)
    shares = [file.read_text("utf-8").splitlines() for file in tmp_path.glob("*.txt")]
    bare = [[line for line in share if line.removeprefix("1 ") in TEXTS] for share in shares]
    assert sorted(bare) == [[f"1 {TEXTS[at]}" for at in order] for order in ((8, 10, 0, 2, 4, 6), (9, 11, 1, 3, 5, 7))]
    speed = found["two"]
    assert speed.at_first is not None
    assert speed.at_first > 0
    assert speed.per_second > 0
    assert speed.per_core > 0
    assert speed.p50 <= speed.p99
    assert speed.memory > 1


def test_without_other_texts_nothing_is_said_of_the_first_ones(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert measure_all([Contender("one", noting_load)], TEXTS)["one"].at_first is None


def test_a_sample_is_the_texts_of_the_files_in_order(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text('{"text": "甲"}\n{"label": 1}\n', "utf-8")
    (tmp_path / "b.jsonl").write_text('{"text": ""}\n{"text": "乙"}\n', "utf-8")
    assert sample([tmp_path / "a.jsonl", tmp_path / "b.jsonl"]) == ["甲", "乙"]


def test_files_without_a_text_are_refused_in_one_sentence(tmp_path: Path) -> None:
    empty = tmp_path / "empty.jsonl"
    empty.write_text('{"label": 1}\n', "utf-8")
    done = CliRunner().invoke(main, ["bench", str(empty)])
    assert done.exit_code == 1
    assert "no line of these files has a `text`" in done.output
