"""A model folder and, inside it, the larger model that reads what matters: what nlp.inference.cascade runs."""

import shutil
from dataclasses import replace
from pathlib import Path

from nlp.inference.manifest import FILE, hashes, read_manifest
from nlp.inference.wide import WIDE
from nlp.training.ship.graph import GRAPH, write_manifest

LARGER = "larger"
SHIPPED = ("config.json", "tokenizer.json", *GRAPH, WIDE)  # not its safetensors, which are twice as large


def join(folder: Path, larger: Path) -> int:
    """Copy the model of `larger`, as far as the CPU runs it, into `folder`; return the bytes that it takes there.

    One that is there already is replaced. Raises nlp.inference.manifest.UnusableModel where either folder is not what
    its manifest says.
    """
    fast, best = read_manifest(folder), read_manifest(larger)
    inside = folder / LARGER
    shutil.rmtree(inside, ignore_errors=True)
    inside.mkdir()
    names = [name for name in SHIPPED if name in best.files]
    for name in names:
        shutil.copyfile(larger / name, inside / name)
    write_manifest(replace(best, files=hashes(inside, names)), inside)
    files = fast.files | hashes(folder, [f"{LARGER}/{FILE}"])
    write_manifest(replace(fast, files=files, larger=LARGER), folder)
    return sum(path.stat().st_size for path in inside.iterdir())
