"""Which scorer runs a model: the one module beside `__main__` that names the adapters of nlp.scorer.Scorer.

Their modules are imported when one is opened, so that a command which scores nothing loads no runtime.
"""

from pathlib import Path

from nlp.config import Engine, NlpConfig
from nlp.inference.manifest import UnusableModel
from nlp.scorer import Scorer
from stream.errors import ConfigError, Mistake


def open_scorer(config: NlpConfig, *, threads: int | None = None) -> Scorer:
    """Open the model of configs/nlp.yml, on so many threads instead of those said there.

    Raises ConfigError where the model is not what it says or its runtime is not installed.
    """
    try:
        if config.scorer is Engine.TORCH:
            from nlp.scorers.torch import TorchScorer

            return TorchScorer(config.model, checkpoint=config.checkpoint)
        from nlp.scorers.openvino import OpenVinoScorer

        return OpenVinoScorer(config.model, threads=config.threads if threads is None else threads)
    except UnusableModel as error:
        raise ConfigError([Mistake("nlp.yml", "model", str(error))]) from error
    except ModuleNotFoundError as error:
        raise ConfigError([Mistake("nlp.yml", "scorer", f"{config.scorer}: {error.name} is not installed")]) from error


def open_folder(folder: Path) -> Scorer:
    """Open a model folder of ours in its form for CPUs; raises UnusableModel where it is not what it says."""
    from nlp.scorers.openvino import OpenVinoScorer

    return OpenVinoScorer(folder)


def open_reference(folder: Path) -> Scorer:
    """Open the safetensors of a model folder of ours, which its other forms are held against; raises UnusableModel."""
    from nlp.scorers.torch import TorchScorer

    return TorchScorer(folder)
