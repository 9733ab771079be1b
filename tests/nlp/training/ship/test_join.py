"""A larger model inside a model folder: here the shipped fast one inside itself, under another name."""

import json
from dataclasses import astuple
from pathlib import Path
from shutil import copytree, ignore_patterns

import pytest

pytest.importorskip("torch", reason="make test brings torch and transformers")
pytest.importorskip("transformers", reason="make test brings torch and transformers")
pytest.importorskip("sklearn", reason="make test brings scikit-learn")

from nlp.config import Closely, Engine, NlpConfig
from nlp.engines import open_scorer
from nlp.inference.manifest import FILE, UnusableModel, larger_of, read_manifest
from nlp.scorer import Score
from nlp.scorers.openvino import OpenVinoScorer
from nlp.training.commands import run_join
from nlp.training.settings import load_settings
from nlp.training.ship.join import INSIDE
from stream.errors import ConfigError
from tests.nlp.training.toy import write_data

ROOT = Path(__file__).parents[4]
MODEL, SETTINGS = ROOT / "nlp" / "model", load_settings(ROOT / "configs" / "training.yml")
TEXT = "停电三天没人管,气死我了"
SAID = [TEXT, "真好", "一直不来电怎么回事", "师傅来了又走了", "还行吧"]

pytestmark = pytest.mark.filterwarnings("ignore")


def write_model(folder: Path, name: str) -> Path:
    """Leave the fast model that ships in a folder, under a name."""
    copytree(MODEL, folder, ignore=ignore_patterns(INSIDE))
    manifest = json.loads((folder / FILE).read_text("utf-8")) | {"larger": None, "name": name, "version": "1"}
    manifest["files"] = {file: digest for file, digest in manifest["files"].items() if "/" not in file}
    (folder / FILE).write_text(json.dumps(manifest), "utf-8")
    return folder


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_data(tmp_path_factory.mktemp("join") / "data")


@pytest.fixture
def joined(data: Path, tmp_path: Path) -> Path:
    fast, best = (write_model(tmp_path / name, name) for name in ("fast", "best"))
    run_join(SETTINGS, data, fast, best, scorer=OpenVinoScorer)
    return fast


def names(config: NlpConfig) -> set[str]:
    """What the scores of two texts say scored them, the first of which matters."""
    scorer = open_scorer(config, threads=1)
    answers = scorer.score([TEXT, "今天开会"], [True, False])
    assert all(isinstance(one, Score) for one in answers)
    return {one.model for one in answers if isinstance(one, Score)} | {scorer.name}


def test_a_joined_folder_is_one_scorer_that_names_both(joined: Path) -> None:
    assert names(NlpConfig(model=joined)) == {"fast@1+best@1"}
    assert names(NlpConfig(model=joined, larger=Closely.ALL)) == {"fast@1+best@1"}
    assert names(NlpConfig(model=joined, larger=Closely.NONE)) == {"fast@1"}


def test_the_larger_one_runs_beside_a_fast_one_on_torch(joined: Path) -> None:
    assert names(NlpConfig(model=joined, scorer=Engine.TORCH)) == {"fast@1+best@1"}


def test_two_models_alike_answer_as_one_of_them_but_for_their_calibration(joined: Path) -> None:
    how = larger_of(joined)
    assert how is not None
    assert 0 <= how.share <= 1
    assert 0 < how.threshold < 1
    both, alone = (open_scorer(NlpConfig(model=joined, larger=which)) for which in (Closely.ALL, Closely.NONE))
    for one, other in zip(both.score(SAID), alone.score(SAID), strict=True):
        assert isinstance(one, Score)
        assert isinstance(other, Score)
        assert one.emotion is not None
        assert other.emotion is not None
        stands = max(astuple(other.emotion)) >= how.sure
        ratio = (other.emotion.angry / other.emotion.happy) ** (1 if stands else 1 / how.temperature)
        assert one.emotion.angry / one.emotion.happy == pytest.approx(ratio, rel=1e-2)


def test_only_what_the_cpu_runs_is_copied(joined: Path) -> None:
    assert not (joined / INSIDE / "model.safetensors").exists()
    assert set(read_manifest(joined / INSIDE).files) == {path.name for path in (joined / INSIDE).iterdir()} - {FILE}


def test_joining_again_replaces_the_one_before(joined: Path, data: Path) -> None:
    (joined / INSIDE / "old.bin").touch()
    before = read_manifest(joined)
    run_join(SETTINGS, data, joined, joined.parent / "best", scorer=OpenVinoScorer)
    assert not (joined / INSIDE / "old.bin").exists()
    assert read_manifest(joined) == before


def test_a_larger_one_that_is_not_what_was_joined_is_refused(joined: Path) -> None:
    manifest = joined / INSIDE / FILE
    manifest.write_text(manifest.read_text("utf-8").replace('"best"', '"other"'), "utf-8")
    with pytest.raises(ConfigError, match=r"larger/manifest\.json is not the file of the manifest"):
        open_scorer(NlpConfig(model=joined))


def test_a_graph_that_was_changed_inside_is_refused(joined: Path) -> None:
    with (joined / INSIDE / "openvino.bin").open("ab") as file:
        file.write(b"\0")
    with pytest.raises(ConfigError, match=r"openvino\.bin is not the file of the manifest"):
        open_scorer(NlpConfig(model=joined))


def test_a_folder_that_is_no_model_is_not_joined(joined: Path, data: Path, tmp_path: Path) -> None:
    before = read_manifest(joined)
    (tmp_path / "empty").mkdir()
    with pytest.raises(UnusableModel, match="no model manifest"):
        run_join(SETTINGS, data, joined, tmp_path / "empty", scorer=OpenVinoScorer)
    assert read_manifest(joined) == before
