"""How far an import is, for a person at a terminal."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn, TimeRemainingColumn


@contextmanager
def row_counter(path: Path) -> Iterator[Callable[[int, float], None]]:
    """Shows a bar on standard error: the share of `path` that is read, and the number of its rows so far."""
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TaskProgressColumn(),
        TextColumn("{task.fields[rows]:,} rows"),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=Console(stderr=True)) as progress:
        task = progress.add_task(path.name, total=1.0, rows=0)
        yield lambda rows, share: progress.update(task, completed=share, rows=rows)
