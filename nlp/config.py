"""configs/nlp.yml: which model scores, and how much of the machine it takes."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

from pydantic import Field
from pydantic.dataclasses import dataclass

from stream.config import STRICT


class Engine(StrEnum):
    """What runs the model."""

    OPENVINO = "openvino"
    TORCH = "torch"


@dataclass(frozen=True, kw_only=True, config=STRICT)
class NlpConfig:
    """`model` is a model folder; `threads` of the CPU serve openvino, 0 for every core."""

    scorer: Engine = Engine.OPENVINO
    model: Path = Path("nlp/model")
    threads: Annotated[int, Field(ge=0, le=1024)] = 0
