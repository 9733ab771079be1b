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


def test_a_contender_scores_the_first_texts_shared_among_its_processes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    found = measure_all([Contender("two", noting_load, processes=2, threads=1, posts=10)], TEXTS)
    shares = [file.read_text("utf-8").splitlines() for file in tmp_path.glob("*.txt")]
    bare = [sorted(line for line in share if line.removeprefix("1 ") in TEXTS) for share in shares]
    assert sorted(bare) == [[f"1 {text}" for text in TEXTS[start:10:2]] for start in (0, 1)]
    speed = found["two"]
    assert speed.per_second > 0
    assert speed.per_core > 0
    assert speed.p50 <= speed.p99
    assert speed.memory > 1


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
