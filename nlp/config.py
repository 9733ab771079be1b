"""configs/nlp.yml: which model scores, and how much of the machine it takes."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

from pydantic import Field, model_validator
from pydantic.dataclasses import dataclass

from nlp.inference.checkpoint import Checkpoint
from stream.process.configuration import STRICT, Configuration


class Engine(StrEnum):
    """What runs the model."""

    OPENVINO = "openvino"
    TORCH = "torch"


@dataclass(frozen=True, kw_only=True, config=STRICT)
class NlpConfig:
    """`model` is a model folder; `threads` of the CPU serve openvino, 0 for every core.

    `checkpoint` says what a folder that is not ours (a transformers checkpoint) does not say of itself.
    """

    scorer: Engine = Engine.OPENVINO
    model: Path = Path("nlp/model")
    threads: Annotated[int, Field(ge=0, le=1024)] = 0
    checkpoint: Checkpoint | None = None

    @model_validator(mode="after")
    def _torch_runs_what_is_not_ours(self) -> "NlpConfig":
        if self.checkpoint is not None and self.scorer is not Engine.TORCH:
            raise ValueError("a checkpoint that is not ours runs on torch: say `scorer: torch`")
        return self


def read_nlp(configs: Path) -> NlpConfig:
    """Raises stream.errors.ConfigError naming every mistake."""
    return Configuration(configs).add("nlp.yml", NlpConfig)()
