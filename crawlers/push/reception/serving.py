"""The reception's process: sources to routes, a desk behind them, served until a signal ends it."""

from collections.abc import Mapping
from contextlib import closing
from socket import AF_INET, AF_INET6, create_server, socket

import uvicorn
from sqlalchemy import Engine

from crawlers.intake import Origin
from crawlers.kinds import KINDS
from crawlers.push.reception.app import build_reception
from crawlers.push.reception.desk import Desk
from crawlers.push.reception.fetching import ServiceFetcher
from crawlers.push.reception.sources import ReceivedSource, ReceptionConfig, WecomSource
from stream.errors import ConfigError, Mistake
from stream.log.broker import Producer
from stream.process.clock import Clock
from stream.process.signals import stop_on_signals

_PATIENCE = 10  # seconds that requests have to be answered once the process is to end
_AT_ONCE = 256  # connections; more are told 503 at once


def receive(
    sources: Mapping[str, ReceivedSource],
    config: ReceptionConfig,
    *,
    producer: Producer,
    engine: Engine,
    clock: Clock,
    voice_key: bytes,
) -> None:
    """Receives until a signal ends it; what was answered is in the log. Nobody's address is logged.

    Raises `ConfigError` where the address cannot be listened on.
    """
    with closing(_listen(config)) as listening:
        desk = open_desk(sources, producer=producer, engine=engine, clock=clock, voice_key=voice_key)
        fetcher = open_fetcher(sources, desk, engine=engine, clock=clock)
        settings = uvicorn.Config(
            build_reception(sources, desk, fetcher, clock, secret=voice_key), log_config=None, access_log=False,
            server_header=False, proxy_headers=False, limit_concurrency=_AT_ONCE, timeout_graceful_shutdown=_PATIENCE,
        )  # fmt: skip
        with (
            stop_on_signals(),
            closing(desk),
            closing(fetcher),
        ):  # the server passes a signal on once it has ended: it is not to kill us
            uvicorn.Server(settings).run(sockets=[listening])


def _listen(config: ReceptionConfig) -> socket:
    host, port = config.bind
    try:
        return create_server((host, port), family=AF_INET6 if ":" in host else AF_INET)
    except OSError as error:
        words = f"{config.listen} cannot be listened on: {error.strerror}"
        raise ConfigError([Mistake("crawlers.yml", "reception.listen", words)]) from error


def open_desk(
    sources: Mapping[str, ReceivedSource], *, producer: Producer, engine: Engine, clock: Clock, voice_key: bytes
) -> Desk:
    """Opens the desk of these sources; whoever opened it closes it."""
    origins = {
        name: Origin(
            source=name,
            site=source.site,
            voice_key=voice_key,
            parser=KINDS[source.software].parser,
            version=KINDS[source.software].version,
            keep_voice=not source.internal,
        )
        for name, source in sources.items()
    }
    desk = Desk(sources, origins, producer=producer, engine=engine, clock=clock)
    desk.open()
    return desk


def open_fetcher(sources: Mapping[str, ReceivedSource], desk: Desk, *, engine: Engine, clock: Clock) -> ServiceFetcher:
    """Begins to fetch what customers write to 微信客服, where a source may; whoever opened it closes it."""
    callbacks = {name: source for name, source in sources.items() if isinstance(source, WecomSource)}
    fetcher = ServiceFetcher(callbacks, desk, engine=engine, clock=clock)
    fetcher.open()
    return fetcher
