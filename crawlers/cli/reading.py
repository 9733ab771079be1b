"""What the commands share: the configuration, the engines, a source by its name."""

from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from difflib import get_close_matches
from pathlib import Path

import click
from sqlalchemy import Engine
from structlog import get_logger

from crawlers.config import CrawlersConfig
from crawlers.health import reconcile
from crawlers.source import Source
from stream.config import StreamConfig
from stream.engines import apply_topics, open_producer, open_state_engine, refuse_absent
from stream.errors import ConfigError
from stream.log.broker import Producer
from stream.process.clock import Clock
from stream.process.configuration import Configuration
from stream.state.database import disposing

LISTED = 20  # sources that are named in one sentence

log = get_logger(__name__)


def read_configs(configs: Path) -> tuple[StreamConfig, CrawlersConfig]:
    """Reads stream.yml and crawlers.yml and checks them together."""
    configuration = Configuration(configs)
    stream = configuration.add("stream.yml", StreamConfig)
    crawlers = configuration.add("crawlers.yml", CrawlersConfig)
    return stream(), crawlers()


@contextmanager
def opened_engines(stream: StreamConfig, config: CrawlersConfig, clock: Clock) -> Iterator[tuple[Engine, Producer]]:
    """Opens the state, which now knows the sources that are configured, and the log."""
    tell_where_new(stream)
    apply_topics(stream)
    with ExitStack() as stack:
        engine = stack.enter_context(disposing(open_state_engine(stream)))
        reconcile(engine, config.current, clock.now())
        yield engine, stack.enter_context(closing(open_producer(stream, clock)))


def tell_where_new(stream: StreamConfig) -> None:
    """Says that an installation begins where there was none: a wrong `var` would look like an empty one."""
    try:
        refuse_absent(stream, "log", "state")
    except ConfigError:
        log.warning("an installation begins here: is `var` of stream.yml right?", var=str(stream.var))


def no_source(config: CrawlersConfig, name: str) -> str:
    """Says that no source has this name, and which there are; of many the likest one, and what lists them."""
    names = sorted(config.sources)
    if not names:
        return f"no source {name!r} in crawlers.yml; there are none yet: describe one under `sources:`"
    if len(names) <= LISTED:
        return f"no source {name!r} in crawlers.yml; there are {', '.join(names)}"
    alike = "".join(f", but {one}" for one in get_close_matches(name, names, 1))
    return f"no source {name!r} in crawlers.yml{alike}; `python -m crawlers sources` lists all {len(names)}"


def known_source(config: CrawlersConfig, name: str) -> Source:
    """Finds a source that may be read, or says why there is none."""
    if name not in config.sources:
        raise click.ClickException(no_source(config, name))
    if not config.sources[name].enabled:
        raise click.ClickException(f"{name} is switched off in crawlers.yml (enabled: false)")
    if (entry := config.opt_out(config.sources[name])) is not None:
        raise click.ClickException(
            f"{name} is not asked: {entry} is on opted_out in crawlers.yml, its owner does not want to be read"
        )
    return config.sources[name]
