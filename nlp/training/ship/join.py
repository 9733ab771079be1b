"""A model folder and, inside it, the larger model that reads what matters: what nlp.inference.cascade runs."""

import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from nlp.inference.manifest import FILE, Larger, hashes, read_manifest
from nlp.inference.prediction import joint_logits
from nlp.inference.wide import WIDE
from nlp.scorer import Scorer
from nlp.training.fit.calibration import by_set, calibrate, dev_with_polarities, joint_share, joint_sureness
from nlp.training.fit.teacher import ensemble_labels
from nlp.training.settings import Settings
from nlp.training.ship.graph import GRAPH, write_manifest

INSIDE = "larger"
SHIPPED = ("config.json", "tokenizer.json", *GRAPH, WIDE)  # not its safetensors, which are twice as large


def join(settings: Settings, data: Path, folder: Path, larger: Path, *, scorer: Callable[[Path], Scorer]) -> Larger:
    """Copy the model of `larger`, as far as the CPU runs it, into `folder`; return how both make one answer.

    That is fitted on the dev sets and the held-back sentences. One that is there already is replaced. `scorer` opens a
    model folder. Raises nlp.inference.manifest.UnusableModel where either folder is not what its manifest says.
    """
    fast, best = read_manifest(folder), read_manifest(larger)
    rows = dev_with_polarities(data)
    texts = [row.text for many in rows.values() for row in many]
    quick, close = (ensemble_labels([scorer(one)], texts) for one in (folder, larger))
    share = joint_share(quick, close, rows)
    sure = joint_sureness(quick, close, share, rows)
    fitted = calibrate(by_set(joint_logits(quick, close, share), rows), rows, settings.abstain)
    how = Larger(folder=INSIDE, sure=sure, share=share, temperature=fitted.temperature, threshold=fitted.threshold)
    inside = folder / INSIDE
    shutil.rmtree(inside, ignore_errors=True)
    inside.mkdir()
    names = [name for name in SHIPPED if name in best.files]
    for name in names:
        shutil.copyfile(larger / name, inside / name)
    write_manifest(replace(best, files=hashes(inside, names)), inside)
    write_manifest(replace(fast, files=fast.files | hashes(folder, [f"{INSIDE}/{FILE}"]), larger=how), folder)
    return how
