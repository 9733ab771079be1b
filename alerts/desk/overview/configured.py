"""What crawlers.yml says of the sources, as far as it is ours to read."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from stream.config import switched_on
from stream.errors import ConfigError


@dataclass(frozen=True, slots=True)
class ConfiguredSource:
    """A source that is switched on: its key, and what stands there as its cron line, None where nothing does."""

    key: str
    cron: str | None


def configured_sources(configs: Path) -> tuple[ConfiguredSource, ...]:
    """Reads the sources of crawlers.yml that are switched on; () without such a file, or for one that is wrong."""
    try:
        named = switched_on(configs).items()
    except ConfigError:
        return ()
    return tuple(ConfiguredSource(str(key), _cron(one)) for key, one in named)


def _cron(one: Any) -> str | None:
    line = one.get("cron") if isinstance(one, dict) else None
    return line if isinstance(line, str) else None
