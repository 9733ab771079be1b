"""The steps of training as commands call them: torch and its kin are loaded only when one of them runs."""

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import Any

from rich.console import Group

from nlp.inference.manifest import Larger
from nlp.scorer import Scorer
from nlp.training.errors import NoTexts, PackagesMissing
from nlp.training.measure.agreement import ENOUGH, Agreement, agreement
from nlp.training.measure.speed import NEEDED, WANTED, Load, Speed, contenders, measure_all, sample
from nlp.training.settings import Settings


@dataclass(frozen=True, slots=True)
class Evaluation:
    """What run_evaluate found: for the terminal, for a document, as values, and as it goes into a marked document."""

    shown: Group
    markdown: str
    figures: dict[str, Any]
    renewed: Callable[[str], str]


def run_fetch(out: Path) -> float:
    """Run nlp.training.fit.fetched.fetch; return how far the encoder is from its maker's graph."""
    with _packages():
        from nlp.training.fit.fetched import fetch
    return fetch(out)


def run_pretrain(settings: Settings, data: Path, out: Path, start: Path | None) -> None:
    """Run nlp.training.fit.pretrain."""
    with _packages():
        from nlp.training.fit.pretrain import pretrain
    pretrain(settings, data, out, start)


def run_distill(settings: Settings, data: Path, out: Path, models: Sequence[Scorer]) -> None:
    """Leave the teacher's soft labels in the folder `out`, for run_train."""
    with _packages():
        from nlp.training.fit.teacher import write_soft_labels
    write_soft_labels(settings, data, out, models)


def run_train(
    settings: Settings, data: Path, pretrained: Path, out: Path,
    *, teacher: Path | None, feedback: Path | None, again: bool,
) -> None:  # fmt: skip
    """Run nlp.training.fit.train."""
    with _packages():
        from nlp.training.fit.train import train
    train(settings, data, pretrained, out, teacher=teacher, feedback=feedback, again=again)


def run_export(
    settings: Settings, data: Path, tuned: Path, out: Path, *, name: str, version: str, scorer: Callable[[Path], Scorer]
) -> list[str]:
    """Run nlp.training.ship.export; return the known sentences that the model gets wrong."""
    with _packages():
        from nlp.training.ship.export import export
    return export(settings, data, tuned, out, name=name, version=version, scorer=scorer)


def run_evaluate(
    settings: Settings, data: Path, models: Sequence[tuple[Scorer, float | None]], *, cache: Path
) -> Evaluation:
    """Run nlp.training.measure.evaluate over models with their temperatures."""
    with _packages():
        from nlp.training.measure.classifiers import Candidate
        from nlp.training.measure.evaluate import evaluate
        from nlp.training.measure.report import as_group, as_markdown, renewed
    report = evaluate(settings, data, [Candidate(*one) for one in models], cache=cache)
    return Evaluation(as_group(report), as_markdown(report), report.as_json(), partial(renewed, report=report))


def run_quantize(
    folder: Path, data: Path, out: Path, *, most_lost: float, scorer: Callable[[Path], Scorer]
) -> dict[str, tuple[float, float]]:
    """Run nlp.training.ship.quantize."""
    with _packages():
        from nlp.training.ship.quantize import quantize
    return quantize(folder, data, out, most_lost=most_lost, scorer=scorer)


def run_rebuild(folder: Path) -> bool:
    """Run nlp.training.ship.graph.rebuild."""
    with _packages():
        from nlp.training.ship.graph import rebuild
    return rebuild(folder)


def run_join(settings: Settings, data: Path, folder: Path, larger: Path, *, scorer: Callable[[Path], Scorer]) -> Larger:
    """Run nlp.training.ship.join; return how both models make one answer."""
    with _packages():
        from nlp.training.ship.join import join
    return join(settings, data, folder, larger, scorer=scorer)


def run_bench(load: Load, folder: Path, files: Sequence[Path], variants: Mapping[str, Load]) -> dict[str, Speed]:
    """Run nlp.training.measure.speed; return the speeds by contender, `variants` of ours among them."""
    with _packages():
        for package in NEEDED:
            version(package)
    return measure_all(contenders(load, folder, os.cpu_count() or 1, variants), _sample(files, WANTED))


def run_agreement(one: Scorer, other: Scorer, files: Sequence[Path]) -> Agreement:
    """Run nlp.training.measure.agreement over the first posts of the files."""
    return agreement(one, other, _sample(files, ENOUGH))


def _sample(files: Sequence[Path], most: int) -> list[str]:
    if texts := sample(files, most):
        return texts
    raise NoTexts("no line of these files has a `text`: give JSONL, a post a line")


@contextmanager
def _packages() -> Iterator[None]:
    try:
        yield
    except ModuleNotFoundError as error:
        raise PackagesMissing(
            f"{error.name} is not installed: training and measuring need the packages of requirements/test.txt"
        ) from error
