"""A run's folder: what is found there after a kill, and what is refused."""

import json
from pathlib import Path

import pytest

torch = pytest.importorskip("torch", reason="make test brings torch and transformers")

from nlp.training.fit.runs import Run, best_device, precision  # noqa: E402
from tests.nlp.training.toy import tiny_settings, write_data  # noqa: E402


@pytest.fixture
def run(tmp_path: Path) -> Run:
    return Run(tmp_path / "a" / "run")


def test_the_folder_is_made_with_all_above_it(run: Run) -> None:
    assert run.folder.is_dir()
    assert Run(run.folder).folder == run.folder


def test_before_the_first_checkpoint_there_is_none(run: Run) -> None:
    assert run.load("last") is None


def test_a_checkpoint_comes_back_as_it_was_saved(run: Run) -> None:
    run.save("last", {"model": {"weight": torch.arange(3.0)}, "step": 7})
    found = run.load("last")
    assert found is not None
    assert found["step"] == 7
    assert torch.equal(found["model"]["weight"], torch.arange(3.0))


def test_a_later_checkpoint_takes_the_place_of_the_former(run: Run) -> None:
    for step in (1, 2):
        run.save("last", {"step": step})
    assert run.load("last") == {"step": 2}
    assert [path.name for path in run.folder.iterdir()] == ["last.pt"]


def test_a_kill_amid_writing_leaves_the_former_checkpoint(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    run.save("last", {"step": 1})

    def killed(_state: object, path: Path) -> None:
        path.write_bytes(b"half")
        raise KeyboardInterrupt

    monkeypatch.setattr(torch, "save", killed)
    with pytest.raises(KeyboardInterrupt):
        run.save("last", {"step": 2})
    assert run.load("last") == {"step": 1}


def test_a_checkpoint_that_would_run_code_is_not_loaded(run: Run) -> None:
    torch.save({"step": Path("/")}, run.folder / "last.pt")  # a pickled object that is no plain value
    with pytest.raises(Exception, match="weights_only"):
        run.load("last")


def test_the_curve_is_a_line_a_note_and_goes_on_after_a_restart(run: Run) -> None:
    run.note(step=1, loss=0.5)
    Run(run.folder).note(step=2, loss=0.25, weights="mean")
    found = [json.loads(line) for line in (run.folder / "curve.jsonl").read_text("utf-8").splitlines()]
    assert found == [{"step": 1, "loss": 0.5}, {"step": 2, "loss": 0.25, "weights": "mean"}]


def test_a_run_tells_settings_data_torch_and_rows(run: Run, tmp_path: Path) -> None:
    data = write_data(tmp_path / "data")
    run.describe(tiny_settings(), data)
    run.count({"read": 5, "kept": 3})
    about = json.loads((run.folder / "run.json").read_text("utf-8"))
    assert about["rows"] == {"read": 5, "kept": 3}
    assert about["torch"] == torch.__version__
    assert about["settings"]["shape"]["hidden"] == 64
    assert set(about["data"]) == {
        "corpus/weibo.txt.xz",
        "sentiment/dev_chnsenticorp.jsonl",
        "sentiment/dev_smp_usual.jsonl",
        "sentiment/dev_smp_virus.jsonl",
        "sentiment/train.jsonl.xz",
    }


def test_a_changed_data_file_has_another_hash(run: Run, tmp_path: Path) -> None:
    data = write_data(tmp_path / "data")
    run.describe(tiny_settings(), data)
    before = json.loads((run.folder / "run.json").read_text("utf-8"))["data"]
    with (data / "sentiment" / "dev_smp_usual.jsonl").open("a", encoding="utf-8") as file:
        file.write("\n")
    run.describe(tiny_settings(), data)
    after = json.loads((run.folder / "run.json").read_text("utf-8"))["data"]
    assert [name for name in before if before[name] != after[name]] == ["sentiment/dev_smp_usual.jsonl"]


def test_the_device_is_one_that_is_there() -> None:
    assert best_device().type == ("cuda" if torch.cuda.is_available() else "cpu")


def test_a_processor_computes_all_steps_in_the_precision_that_was_tried_first() -> None:
    one = torch.ones(4, 4)
    found = []
    for _ in range(3):
        with precision(torch.device("cpu")):
            found.append((one @ one).dtype)
    assert set(found) in ({torch.bfloat16}, {torch.float32})
