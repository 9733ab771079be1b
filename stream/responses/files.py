"""Files of captures in a folder: written whole or not at all, found by the posts that they show, removed by age."""

import os
from collections.abc import Collection, Iterator
from datetime import datetime
from pathlib import Path

from stream.responses.capture import DamagedCapture, about_of, time_of

PART = ".part"  # ends the name of a file that is being written


def write_whole(path: Path, raw: bytes, *, safely: bool = False) -> None:
    """Writes a file that nobody else may read; one of its name is replaced. `safely`: it outlives a loss of power.

    Raises OSError, with nothing left behind.
    """
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    part = path.with_name(f"{path.name}-{os.getpid()}{PART}")
    try:
        with open(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            file.write(raw)
            if safely:
                file.flush()
                os.fsync(file.fileno())
        part.replace(path)
    except OSError:
        part.unlink(missing_ok=True)
        raise


def entries(folder: Path) -> Iterator[tuple[datetime, os.DirEntry[str]]]:
    """Yields the files of ours in a folder with the time of their capture, also such as were never finished."""
    try:
        with os.scandir(folder) as found:
            for entry in found:
                if (at := time_of(entry.name)) is not None:
                    yield at, entry
    except (FileNotFoundError, NotADirectoryError):
        return


def showing(folder: Path, posts: Collection[str]) -> Iterator[Path]:
    """Yields the files that show any of the posts, in order of time."""
    wanted = frozenset(posts)
    for path in sorted(Path(entry.path) for _, entry in entries(folder) if not entry.name.endswith(PART)):
        try:
            with path.open("rb") as file:
                shown = about_of(file.readline())["posts"]
        except (FileNotFoundError, DamagedCapture):  # removed meanwhile; or cut off by a loss of power
            continue
        if not wanted.isdisjoint(map(str, shown)):
            yield path


def remove_before(folder: Path, moment: datetime, *, dry: bool = False) -> int:
    """Removes what was captured before `moment`; returns how many. `dry`: removes none."""
    past = [entry.path for at, entry in entries(folder) if at < moment]
    for path in () if dry else past:
        Path(path).unlink(missing_ok=True)
    return len(past)


def remove_showing(folder: Path, posts: Collection[str]) -> int:
    """Removes what shows any of the posts; returns how many files."""
    found = list(showing(folder, posts)) if posts else []
    for path in found:
        path.unlink(missing_ok=True)
    return len(found)
