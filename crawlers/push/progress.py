"""How far an import is, for a person at a terminal."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn


@contextmanager
def row_counter(path: Path) -> Iterator[Callable[[int], None]]:
    """Shows a line on standard error that counts the rows of `path`.

    The number of all rows is unknown until the end.
    """
    columns = (SpinnerColumn(), TextColumn("{task.description}"), TextColumn("{task.completed:,.0f} rows"))
    with Progress(*columns, TimeElapsedColumn(), console=Console(stderr=True)) as progress:
        task = progress.add_task(path.name, total=None)
        yield lambda rows: progress.update(task, completed=rows)
