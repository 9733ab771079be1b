"""Which scorer is opened for which configuration, and what is loaded before."""

import subprocess
import sys
from pathlib import Path

import pytest

from nlp.config import Closely, Engine, NlpConfig
from nlp.engines import open_folder, open_reference, open_scorer
from nlp.inference.manifest import UnusableModel, read_manifest
from nlp.scorer import Score
from stream.errors import ConfigError

ROOT = Path(__file__).parents[2]
MODEL = ROOT / "nlp" / "model"

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::FutureWarning")


def test_the_shipped_model_is_opened_on_openvino_by_default() -> None:
    scorer = open_scorer(NlpConfig(model=MODEL), threads=1)
    assert type(scorer).__name__ == "CascadeScorer"
    assert scorer.name == "+".join(read_manifest(folder).full_name for folder in (MODEL, MODEL / "larger"))


def test_the_fast_model_alone_is_opened_where_it_is_asked_for() -> None:
    scorer = open_scorer(NlpConfig(model=MODEL, larger=Closely.NONE), threads=1)
    assert type(scorer).__name__ == "OpenVinoScorer"
    assert scorer.name == read_manifest(MODEL).full_name


def test_torch_is_opened_where_it_is_asked_for() -> None:
    pytest.importorskip("transformers", reason="make test brings torch and transformers")
    scorer = open_scorer(NlpConfig(model=MODEL, scorer=Engine.TORCH, larger=Closely.NONE))
    assert type(scorer).__name__ == "TorchScorer"


def test_a_folder_and_its_reference_answer_alike() -> None:
    pytest.importorskip("transformers", reason="make test brings torch and transformers")
    [fast], [exact] = (open_one(MODEL).score(["停电三天没人管,气死我了"]) for open_one in (open_folder, open_reference))
    assert isinstance(fast, Score)
    assert isinstance(exact, Score)
    assert fast.label == exact.label
    assert fast.negative == pytest.approx(exact.negative, abs=0.05)


@pytest.mark.parametrize("engine", Engine)
def test_a_model_that_cannot_be_used_is_a_mistake_in_nlp_yml(engine: Engine, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"nlp\.yml: model: .*no model manifest") as refused:
        open_scorer(NlpConfig(scorer=engine, model=tmp_path))
    assert isinstance(refused.value.__cause__, UnusableModel)


def test_a_runtime_that_is_not_installed_is_a_mistake_in_nlp_yml(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "torch", None)
    with pytest.raises(ConfigError, match=r"nlp\.yml: scorer: torch: torch is not installed"):
        open_scorer(NlpConfig(scorer=Engine.TORCH, model=MODEL))


@pytest.mark.parametrize("open_one", [open_folder, open_reference])
def test_a_folder_that_is_no_model_is_refused(open_one: object, tmp_path: Path) -> None:
    with pytest.raises(UnusableModel, match="no model manifest"):
        open_one(tmp_path)  # type: ignore[operator]


def test_a_command_that_scores_nothing_loads_no_runtime() -> None:
    script = (
        "import sys; import nlp.cli.commands\n"
        "print(sorted({'openvino', 'torch', 'transformers', 'sklearn', 'scipy', 'snownlp'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_opening_the_fast_form_loads_no_torch() -> None:
    script = (
        "import sys; from pathlib import Path; from nlp.engines import open_folder\n"
        "open_folder(Path('nlp/model')); print('torch' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
