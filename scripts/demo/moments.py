"""The story's moments that are kept to be looked at afterwards: all databases as they were, and their configuration."""

import sqlite3
from contextlib import closing
from pathlib import Path
from shutil import copytree

from yaml import safe_dump, safe_load

FIRST_LETTER = "first-letter"


def keep_moment(folder: Path, name: str) -> Path:
    """Copies the databases of `folder`, which are in use, into a folder below it; returns that of its configuration."""
    into = folder / "moments" / name
    into.mkdir(parents=True)
    for database in sorted(folder.glob("*.db")):
        with closing(sqlite3.connect(database)) as found, closing(sqlite3.connect(into / database.name)) as copy:
            found.backup(copy)
    configs = Path(copytree(folder / "configs", into / "configs"))
    stream = configs / "stream.yml"
    said = safe_load(stream.read_text("utf-8")) | {"var": str(into)}
    stream.write_text(safe_dump(said, allow_unicode=True, sort_keys=False), "utf-8")
    return configs


def configs_of(folder: Path, moment: str | None) -> Path:
    """Finds the configuration of a moment that was kept; of the story's end for None."""
    return folder / "configs" if moment is None else folder / "moments" / moment / "configs"
