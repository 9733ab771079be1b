"""crawlers.yml as it is now: read again whenever the file changes. A broken one changes nothing, and is told once."""

from collections.abc import Callable
from pathlib import Path

from structlog import get_logger

from crawlers.config import CrawlersConfig
from stream.errors import ConfigError

_Seen = tuple[int, int, int] | None

log = get_logger(__name__)


class WatchedConfig:
    """Holds the last configuration without mistakes. `read` reads it, or raises `ConfigError`."""

    def __init__(self, file: Path, read: Callable[[], CrawlersConfig]) -> None:
        self._file, self._read = file, read
        self._seen = self._look()
        self.config = read()

    def changed(self) -> bool:
        """Reads the file if it is another one than last time; tells whether `config` is."""
        seen = self._look()
        if seen == self._seen:
            return False
        self._seen = seen
        try:
            config = self._read()
        except ConfigError as error:
            mistakes = [str(one) for one in error.mistakes]
            log.error("crawlers.yml changed and has mistakes: the one before stays in force", mistakes=mistakes)
            return False
        before, self.config = self.config, config
        if config == before:
            return False
        new, gone = config.current - before.current, before.current - config.current
        log.info("crawlers.yml changed", added=sorted(new), removed=sorted(gone))
        return True

    def _look(self) -> _Seen:
        try:
            found = self._file.stat()
        except OSError:
            return None
        return found.st_mtime_ns, found.st_size, found.st_ino
