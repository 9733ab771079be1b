"""A larger model inside a model folder: here the shipped one inside itself."""

import json
from pathlib import Path
from shutil import copytree, ignore_patterns

import pytest

from nlp.config import Closely, Engine, NlpConfig
from nlp.engines import open_scorer
from nlp.inference.manifest import FILE, UnusableModel, larger_of, read_manifest
from nlp.scorer import Score
from nlp.training.ship.join import LARGER, join
from stream.errors import ConfigError

MODEL = Path(__file__).parents[4] / "nlp" / "model"
TEXT = "停电三天没人管,气死我了"


@pytest.fixture
def joined(tmp_path: Path) -> Path:
    """The fast model of the folder that ships, and as its larger one another of that name."""
    for name in ("fast", "best"):
        copytree(MODEL, tmp_path / name, ignore=ignore_patterns(LARGER))
        manifest = json.loads((tmp_path / name / FILE).read_text("utf-8"))
        manifest["larger"] = None
        manifest["files"] = {file: digest for file, digest in manifest["files"].items() if "/" not in file}
        manifest["name"] = name
        (tmp_path / name / FILE).write_text(json.dumps(manifest), "utf-8")
    join(tmp_path / "fast", tmp_path / "best")
    return tmp_path / "fast"


def names(config: NlpConfig) -> set[str]:
    """What the scores of two texts say scored them, the first of which matters."""
    scorer = open_scorer(config, threads=1)
    answers = scorer.score([TEXT, "今天开会"], [True, False])
    assert all(isinstance(one, Score) for one in answers)
    return {one.model for one in answers if isinstance(one, Score)} | {scorer.name}


def test_a_joined_folder_is_one_scorer_that_names_both(joined: Path) -> None:
    version = read_manifest(joined).version
    assert names(NlpConfig(model=joined)) == {f"fast@{version}+best@{version}"}
    assert names(NlpConfig(model=joined, larger=Closely.ALL)) == {f"best@{version}"}
    assert names(NlpConfig(model=joined, larger=Closely.NONE)) == {f"fast@{version}"}


def test_the_larger_one_runs_beside_a_fast_one_on_torch(joined: Path) -> None:
    pytest.importorskip("transformers", reason="make test brings torch and transformers")
    version = read_manifest(joined).version
    assert names(NlpConfig(model=joined, scorer=Engine.TORCH)) == {f"fast@{version}+best@{version}"}


def test_only_what_the_cpu_runs_is_copied(joined: Path) -> None:
    assert larger_of(joined) == joined / LARGER
    assert not (joined / LARGER / "model.safetensors").exists()
    assert set(read_manifest(joined / LARGER).files) == {path.name for path in (joined / LARGER).iterdir()} - {FILE}


def test_joining_again_replaces_the_one_before(joined: Path) -> None:
    (joined / LARGER / "old.bin").touch()
    before = read_manifest(joined)
    join(joined, joined.parent / "best")
    assert not (joined / LARGER / "old.bin").exists()
    assert read_manifest(joined) == before


def test_a_larger_one_that_is_not_what_was_joined_is_refused(joined: Path) -> None:
    manifest = joined / LARGER / FILE
    manifest.write_text(manifest.read_text("utf-8").replace('"best"', '"other"'), "utf-8")
    with pytest.raises(ConfigError, match=r"larger/manifest\.json is not the file of the manifest"):
        open_scorer(NlpConfig(model=joined))


def test_a_graph_that_was_changed_inside_is_refused(joined: Path) -> None:
    with (joined / LARGER / "openvino.bin").open("ab") as file:
        file.write(b"\0")
    with pytest.raises(ConfigError, match=r"openvino\.bin is not the file of the manifest"):
        open_scorer(NlpConfig(model=joined))


def test_a_folder_that_is_no_model_is_not_joined(joined: Path, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(UnusableModel, match="no model manifest"):
        join(joined, tmp_path / "empty")
    assert larger_of(joined) == joined / LARGER
