"""The settings of a training run, strictly read from configs/training.yml."""

from dataclasses import field
from pathlib import Path
from typing import Annotated

from pydantic import Field, PositiveInt
from pydantic.dataclasses import dataclass

from stream.process.configuration import STRICT, Configuration


@dataclass(frozen=True, kw_only=True, config=STRICT)
class Shape:
    """The encoder: a BERT with heads of hidden / heads dimensions and feed-forward layers four times as wide."""

    layers: int
    hidden: int
    heads: int
    positions: int


@dataclass(frozen=True, kw_only=True, config=STRICT)
class Vocabulary:
    """Byte-pair merges over characters: tokens, single characters among them, the longest token, corpus lines read."""

    size: int
    alphabet: int
    longest: int
    every: int


@dataclass(frozen=True, kw_only=True, config=STRICT)
class Pretraining:
    """Masked language model: warm-up, constant rate, linear decay over the last `decay` steps."""

    steps: int
    warmup: int
    decay: int
    rate: float
    rows: int
    length: int
    masked: float
    compiled: bool
    checkpoint: int


@dataclass(frozen=True, kw_only=True, config=STRICT)
class Adaptation:
    """Pre-training goes on for so many steps on the texts of the labelled rows, their labels unseen; 0 for none."""

    steps: int
    warmup: int
    rate: float


@dataclass(frozen=True, kw_only=True, config=STRICT)
class Teacher:
    """The character n-gram logistic regression whose soft labels the student also learns."""

    features: int
    strength: float
    posts: int


@dataclass(frozen=True, kw_only=True, config=STRICT)
class Stage:
    """One stage of fine-tuning: `runs` of so many epochs each, whose weights are averaged."""

    runs: PositiveInt
    epochs: int
    rate: float
    teacher: float


@dataclass(frozen=True, kw_only=True, config=STRICT)
class NarrowStage(Stage):
    """The stage of the emotion rows, or a `share` of them, and the sentences.

    `also` are rows of other sources, lest it unlearn them.
    """

    share: float = 1.0
    also: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, config=STRICT)
class AgainStage(NarrowStage):
    """The stage in which a model that ships learns sentences written since, shown `sentences` times an epoch.

    Of the weights it began with a share is `kept`, lest it unlearn what no row of the stage shows.
    """

    sentences: int
    kept: Annotated[float, Field(ge=0.0, lt=1.0)] = 0.0


@dataclass(frozen=True, kw_only=True, config=STRICT)
class FineTuning:
    """What the stages share, and the stages. `most` rows are taken of a source that knows only polarities, or as many
    as `other` says of it by name, and every written sentence is shown `sentences` times an epoch: they are few beside
    the posts.

    What a stage leaves is the mean of its weights, each step's share fading by `average`. The head learns at `head`
    times a stage's rate, the topmost layer at the rate, each one below at `per_layer` of the one above it.
    """

    most: int
    other: dict[str, int] = field(default_factory=dict)
    average: float
    head: float = 1.0
    per_layer: float = 1.0
    sentences: int = 1
    dropout: float
    decay: float
    tokens: int
    broad: Stage
    narrow: NarrowStage
    again: AgainStage


@dataclass(frozen=True, kw_only=True, config=STRICT)
class Settings:
    """Everything a run depends on but the data. `abstain` is the share of dev texts too doubtful for a label."""

    seed: int
    shape: Shape
    vocabulary: Vocabulary
    pretraining: Pretraining
    adaptation: Adaptation
    teacher: Teacher
    finetuning: FineTuning
    abstain: float


def load_settings(path: Path) -> Settings:
    """Read the settings in a YAML file; raises stream.errors.ConfigError naming every mistake."""
    return Configuration(path.parent).add(path.name, Settings)()
