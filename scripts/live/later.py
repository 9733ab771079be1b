"""One crawl as it would be days later: `python -m scripts.live.later SOURCE --configs FOLDER --days 8`."""

from contextlib import closing
from datetime import datetime, timedelta
from logging import CRITICAL
from pathlib import Path

import click
from structlog import configure, make_filtering_bound_logger

from crawlers.cli.reading import opened_engines, read_configs
from crawlers.pull.crawl import CrawlEnvironment
from crawlers.pull.loop import CrawlLoop
from crawlers.scheduling.crawling import NotNow, crawl_in_turn
from stream.log.broker import SCORED
from stream.process.clock import SystemClock
from stream.process.holders import holder


class LaterClock(SystemClock):
    """The machine's clock, set forward: for what an installation does days later."""

    def __init__(self, later: timedelta) -> None:
        self._later = later

    def now(self) -> datetime:
        return super().now() + self._later


@click.command()
@click.argument("source")
@click.option("--configs", required=True, type=click.Path(path_type=Path))
@click.option("--days", required=True, type=float)
def main(source: str, configs: Path, days: float) -> None:
    """Crawl SOURCE as `crawlers crawl` does, with a clock that is DAYS ahead; says how it ended in its words."""
    configure(wrapper_class=make_filtering_bound_logger(CRITICAL))
    clock = LaterClock(timedelta(days=days))
    stream, config = read_configs(configs)
    with opened_engines(stream, config, clock) as (engine, producer), closing(CrawlLoop()) as loop:
        environment = CrawlEnvironment(
            loop=loop,
            producer=producer,
            engine=engine,
            clock=clock,
            voice_key=config.voice_secret,
            contact=config.contact,
            samples=stream.var / "samples",
            keep=stream.topic(SCORED).keep,
        )
        tally = crawl_in_turn(source, config.pulled[source], environment, opted_out=(), holder=holder())
    if isinstance(tally, NotNow):
        raise click.ClickException(tally.why)
    changes = f"{tally.new} new, {tally.changed} changed, {tally.deleted} deleted"
    click.echo(f"{source}: {tally.state()} ({tally.pages} pages, {changes}) {tally.reason()}")


if __name__ == "__main__":
    main()
