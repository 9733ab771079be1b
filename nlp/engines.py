"""How engines and models are opened: given to the commands by the one module that names adapters."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Engine

from nlp.config import NlpConfig
from nlp.scorer import Scorer
from stream.config import StreamConfig
from stream.index.port import Reader


@dataclass(frozen=True, slots=True, kw_only=True)
class Openers:
    """`scorer` opens the model of nlp.yml or ends the program, `threaded` does on so many threads.

    `folder` opens a model folder of ours in the form for CPUs, `exact` its safetensors.
    """

    state: Callable[[StreamConfig], Engine]
    reader: Callable[[StreamConfig], Reader]
    scorer: Callable[[NlpConfig], Scorer]
    threaded: Callable[[NlpConfig, int], Scorer]
    folder: Callable[[Path], Scorer]
    exact: Callable[[Path], Scorer]
