"""One crawl of a host at a time: two side by side would ask twice as often as either was allowed to."""

from collections.abc import Iterator
from contextlib import contextmanager
from fcntl import LOCK_EX, LOCK_NB, flock
from pathlib import Path
from urllib.parse import quote

from structlog import get_logger

log = get_logger(__name__)


@contextmanager
def turn(folder: Path, host: str) -> Iterator[None]:
    """Waits until no process that keeps its turns in `folder` crawls `host`. One that dies gives its turn back."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / f"{quote(host, safe='')}.lock").open("wb") as file:
        try:
            flock(file, LOCK_EX | LOCK_NB)
        except BlockingIOError:
            log.info("crawl waits for another one of its host", host=host)
            flock(file, LOCK_EX)
        yield
