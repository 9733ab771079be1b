"""What every command begins with: the checked configuration, what it opens by it, and mistakes in words."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from functools import wraps
from pathlib import Path
from typing import Concatenate, ParamSpec

import click

from alerts.casefile.context import CaseContext
from alerts.casefile.guards.failures import FOLDER, Failures
from alerts.config import AlertsConfig, unknown_owners
from alerts.desk.register import Register
from alerts.detection.triggers import unknown_names
from alerts.notify.holding.policy import unknown_topics
from alerts.workflow.cases import Refused
from stream.cli.options import configs_option, explaining_errors
from stream.config import StreamConfig, raw_sources, switched_on
from stream.engines import open_index_reader, open_state_engine
from stream.errors import ConfigError
from stream.process.configuration import Configuration
from stream.process.logs import configure
from stream.responses.evidence import key_misplaced
from stream.state.database import disposing
from stream.topics import TopicsConfig

P = ParamSpec("P")


@dataclass(frozen=True)
class Settings:
    """What the three files say, and what crawlers.yml calls the sources."""

    stream: StreamConfig
    alerts: AlertsConfig
    topics: TopicsConfig
    configs: Path
    source_names: Mapping[str, str] = field(default_factory=dict)


def read_settings(configs: Path) -> Settings:
    """Reads and checks the configuration; `ConfigError` with every mistake."""
    configuration = Configuration(configs)
    stream = configuration.add("stream.yml", StreamConfig)
    alerts = configuration.add("alerts.yml", AlertsConfig)
    topics = configuration.add("topics.yml", TopicsConfig)
    configuration.check()
    for place, owner in unknown_owners(alerts(), topics()):
        configuration.refuse(str(configs / "topics.yml"), f"{place}.owner", f"alerts.yml has no desk {owner!r}")
    for key, words in unknown_names(alerts().triggers, topics().watched, topics().cues):
        configuration.refuse(str(configs / "alerts.yml"), key, words)
    for key, words in unknown_topics(alerts().routes, topics().watched):
        configuration.refuse(str(configs / "alerts.yml"), key, words)
    path = alerts().evidence_key_file
    if path is not None and (misplaced := key_misplaced(stream(), path)) is not None:
        configuration.refuse(str(configs / "alerts.yml"), "evidence_key_file", misplaced)
    return Settings(stream(), alerts(), topics(), configs, source_names(configs))


def source_names(configs: Path) -> Mapping[str, str]:
    """Reads what people call the sources, by their keys: those of crawlers.yml with a `name`.

    A file that is not there or wrong names none: `crawlers check-config` says what is wrong, and letters go out.
    """
    try:
        sources = raw_sources(configs)
    except ConfigError:
        return {}
    named = {key: one.get("name") for key, one in sources.items() if isinstance(one, dict)}
    return {str(key): name.strip() for key, name in named.items() if isinstance(name, str) and name.strip()}


def read_sources(configs: Path) -> tuple[str, ...]:
    """Names the sources that crawlers.yml has switched on; () without such a file. The rest is not ours to read."""
    return tuple(switched_on(configs))


def with_settings(command: Callable[Concatenate[Settings, P], None]) -> Callable[..., None]:
    """Gives a command the checked configuration as its first argument, people its mistakes and refusals in words."""

    @configs_option
    @wraps(command)
    def run(configs: Path, *args: P.args, **kwargs: P.kwargs) -> None:
        with explaining_errors():
            configure("alerts")
            try:
                command(read_settings(configs), *args, **kwargs)
            except Refused as refused:
                raise click.ClickException(refused.detail) from refused

    return run


@contextmanager
def open_register(settings: Settings) -> Iterator[Register]:
    """Opens the state database, for commands that need no post."""
    with disposing(open_state_engine(settings.stream)) as engine:
        yield Register(engine, settings.alerts, settings.topics, settings.source_names)


@contextmanager
def open_context(settings: Settings) -> Iterator[CaseContext]:
    """Opens the state database and the index."""
    with closing(open_index_reader(settings.stream)) as reader, disposing(open_state_engine(settings.stream)) as engine:
        yield CaseContext(
            engine, reader, settings.alerts, settings.topics, settings.stream.index_name, settings.source_names,
            Failures(settings.stream.var / FOLDER),
        )  # fmt: skip
