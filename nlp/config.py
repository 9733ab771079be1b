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


class Closely(StrEnum):
    """Which posts the larger model reads, where the model folder holds one: those of the topics, all, or none."""

    TOPICS = "topics"
    ALL = "all"
    NONE = "none"


@dataclass(frozen=True, kw_only=True, config=STRICT)
class NlpConfig:
    """`model` is a model folder; `threads` of the CPU serve openvino, 0 for every core.

    `larger` says what the folder's larger model reads, and beside that it reads what the fast one holds no polarity to
    be likelier than `unsure`.

    `checkpoint` says what a folder that is not ours (a transformers checkpoint) does not say of itself.
    """

    scorer: Engine = Engine.OPENVINO
    model: Path = Path("nlp/model")
    threads: Annotated[int, Field(ge=0, le=1024)] = 0
    larger: Closely = Closely.TOPICS
    unsure: Annotated[float, Field(ge=0, le=1)] = 0.0
    checkpoint: Checkpoint | None = None

    @model_validator(mode="after")
    def _torch_runs_what_is_not_ours(self) -> "NlpConfig":
        if self.checkpoint is not None and self.scorer is not Engine.TORCH:
            raise ValueError("a checkpoint that is not ours runs on torch: say `scorer: torch`")
        return self

    @model_validator(mode="after")
    def _the_unsure_need_a_larger_model(self) -> "NlpConfig":
        if self.unsure and self.larger is not Closely.TOPICS:
            raise ValueError(
                f"`unsure` does nothing with `larger: {self.larger}`: leave it out, or say `larger: topics`"
            )
        return self


def read_nlp(configs: Path) -> NlpConfig:
    """Read nlp.yml; raises stream.errors.ConfigError naming every mistake."""
    return Configuration(configs).add("nlp.yml", NlpConfig)()
