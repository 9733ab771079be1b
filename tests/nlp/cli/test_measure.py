"""The commands as a person calls them: help, refusals, and what they leave."""

import json
from pathlib import Path
from shutil import copytree

import pytest
from click.testing import CliRunner, Result

from nlp.cli.commands import COMMANDS, main
from stream.errors import EXIT_CONFIG
from tests.nlp.training.toy import write_data

SHIPPED = Path(__file__).parents[3] / "configs"
NEEDS_DATA = ("pretrain", "distill", "train", "export", "evaluate", "quantize")

pytestmark = pytest.mark.filterwarnings("ignore")


@pytest.fixture
def configs(tmp_path: Path) -> Path:
    copytree(SHIPPED, tmp_path / "configs")
    return tmp_path / "configs"


def run(*words: object) -> Result:
    return CliRunner().invoke(main, [str(word) for word in words])


@pytest.mark.parametrize("name", [command.name for command in COMMANDS])
def test_every_command_is_registered_and_says_what_it_is_for(name: str) -> None:
    answer = run(name, "--help")
    assert answer.exit_code == 0
    assert f"Usage: main {name}" in answer.output
    assert len(answer.output.splitlines()[2].strip()) > 20


@pytest.mark.parametrize("name", NEEDS_DATA)
def test_a_folder_of_data_that_is_not_there_is_told_before_anything_starts(name: str, tmp_path: Path) -> None:
    answer = run(name, tmp_path / "nowhere", tmp_path / "out")
    assert answer.exit_code == 2
    assert "does not exist" in answer.output
    assert not (tmp_path / "out").exists()


def test_rebuild_refuses_a_folder_that_is_no_model(tmp_path: Path) -> None:
    pytest.importorskip("transformers", reason="make test brings torch and transformers")
    answer = run("rebuild", tmp_path)
    assert answer.exit_code == 1
    assert answer.output.startswith("Error: ")
    assert "no model manifest" in answer.output


def test_distill_refuses_a_teacher_that_is_no_model(configs: Path, tmp_path: Path) -> None:
    data = write_data(tmp_path / "data")
    answer = run("distill", "--configs", configs, data, tmp_path / "out", "--by", tmp_path)
    assert answer.exit_code == 1
    assert "no model manifest" in answer.output


def test_evaluate_tells_a_model_that_cannot_be_used_as_a_mistake(configs: Path, tmp_path: Path) -> None:
    (configs / "nlp.yml").write_text(f"model: {tmp_path}", "utf-8")
    answer = run("evaluate", "--configs", configs, tmp_path)
    assert answer.exit_code == EXIT_CONFIG
    assert answer.output.startswith("nlp.yml: model: ")


def test_quantize_refuses_a_model_that_is_in_int8_already(configs: Path, tmp_path: Path) -> None:
    pytest.importorskip("transformers", reason="make test brings torch and transformers")
    (configs / "nlp.yml").write_text(f"model: {SHIPPED.parent / 'nlp' / 'model'}", "utf-8")
    answer = run("quantize", "--configs", configs, write_data(tmp_path / "data"), tmp_path / "out")
    assert answer.exit_code == 1
    assert "in int8 already" in answer.output
    assert not (tmp_path / "out").exists()


def test_evaluate_leaves_its_figures_where_it_is_told_to(configs: Path, tmp_path: Path) -> None:
    pytest.importorskip("transformers", reason="make test brings torch and transformers")
    (configs / "nlp.yml").write_text(f"model: {SHIPPED.parent / 'nlp' / 'model'}", "utf-8")
    document = tmp_path / "card.md"
    document.write_text("<!-- figures -->\nold\n<!-- end -->\n", "utf-8")
    answer = run(
        "evaluate", "--configs", configs, write_data(tmp_path / "data"), "--markdown", "--into", document,
        "--out", tmp_path / "figures.json", "--cache", tmp_path / "cache",
    )  # fmt: skip
    assert answer.exit_code == 0, answer.output
    assert "Every classifier on every set" in answer.output
    figures = json.loads((tmp_path / "figures.json").read_text("utf-8"))
    assert set(figures["figures"]) == {
        "usual",
        "virus",
        "chnsenticorp",
        "mostly neutral",
        "power company",
        "twelve sectors",
    }
    assert figures["model"].startswith("wenfeng-mini@")
    assert "old" not in document.read_text("utf-8")
    assert list((tmp_path / "cache").glob("regression-*.npz"))
