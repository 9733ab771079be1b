"""Which scorer runs a model: the one module beside `__main__` that names the adapters of nlp.scorer.Scorer.

Their modules are imported when one is opened, so that a command which scores nothing loads no runtime.
"""

from pathlib import Path

from nlp.config import Closely, Engine, NlpConfig
from nlp.inference.cascade import CascadeScorer
from nlp.inference.manifest import UnusableModel, larger_of
from nlp.scorer import Scorer
from stream.errors import ConfigError, Mistake


def open_scorer(config: NlpConfig, *, threads: int | None = None) -> Scorer:
    """Open the model of configs/nlp.yml, on so many threads instead of those said there; with its larger one, if any.

    Raises ConfigError where the model is not what it says or its runtime is not installed.
    """
    threads = config.threads if threads is None else threads
    try:
        fast = _open_fast(config, threads)
        how = None if config.larger is Closely.NONE or config.checkpoint else larger_of(config.model)
        if how is None:
            return fast
        from nlp.scorers.openvino import OpenVinoScorer

        # On OpenVINO, whatever runs the fast one: it ships as a graph alone.
        best = OpenVinoScorer(config.model / how.folder, threads=threads)
        return CascadeScorer(fast, best, how, everything=config.larger is Closely.ALL, unsure=config.unsure)
    except UnusableModel as error:
        raise ConfigError([Mistake("nlp.yml", "model", str(error))]) from error
    except ModuleNotFoundError as error:
        raise ConfigError([Mistake("nlp.yml", "scorer", f"{config.scorer}: {error.name} is not installed")]) from error


def _open_fast(config: NlpConfig, threads: int) -> Scorer:
    if config.scorer is Engine.TORCH:
        from nlp.scorers.torch import TorchScorer

        return TorchScorer(config.model, checkpoint=config.checkpoint)
    from nlp.scorers.openvino import OpenVinoScorer

    return OpenVinoScorer(config.model, threads=threads)


def open_folder(folder: Path) -> Scorer:
    """Open a model folder of ours for CPUs, its larger one aside; raises UnusableModel where it is not what it says."""
    from nlp.scorers.openvino import OpenVinoScorer

    return OpenVinoScorer(folder)


def open_reference(folder: Path) -> Scorer:
    """Open the safetensors of a model folder of ours, which its other forms are held against; raises UnusableModel."""
    from nlp.scorers.torch import TorchScorer

    return TorchScorer(folder)
