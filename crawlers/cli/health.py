"""`python -m crawlers health`: how every source stands, for a person, for a program, and as an exit code."""

import json
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import click
from rich.console import Console
from rich.table import Table

from crawlers.cli.lists import show_lists, told_list
from crawlers.cli.reading import no_source
from crawlers.config import CrawlersConfig
from crawlers.health import all_sources
from crawlers.source import Source
from stream.cli.options import configs_option, explaining_errors
from stream.config import StreamConfig
from stream.engines import open_state_engine, refuse_absent
from stream.messages import wire_time
from stream.process.clock import SystemClock, local_time
from stream.process.configuration import Configuration
from stream.state.database import disposing
from stream.state.source_health import SourceHealth
from stream.state.source_lists import SourceList, lists_of_current
from stream.state.source_standing import Condition, SourceFact, Standing, fact_of, judge

OFF = "off"  # enabled: false
NOT_WELL = 1
_SHORT = "%m-%d %H:%M"


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceLine:
    """A source with what is known of it; `fact` and `standing` are None where it is switched off."""

    name: str
    source: Source
    fact: SourceFact | None
    standing: Standing | None

    @property
    def is_well(self) -> bool:
        """Whether nobody need look. One that was never read is waited for only where it has a rhythm."""
        if self.standing is None or self.standing.condition.is_well:
            return True
        return self.standing.condition is Condition.UNREAD and not self._has_rhythm

    @property
    def _has_rhythm(self) -> bool:
        return getattr(self.source, "cron", None) is not None or getattr(self.source, "every", None) is not None

    @property
    def word(self) -> str:
        """Its state."""
        return OFF if self.standing is None else self.standing.condition.value


@click.command("health")
@configs_option
@click.argument("source", required=False)
@click.option("--json", "as_json", is_flag=True, help="One JSON object instead of a table.")
def health_command(configs: Path, source: str | None, as_json: bool) -> None:
    """Show how every source stands, since when, and its last good page; the worst first.

    With SOURCE, show that one alone, and of each of its lists what the site says that there is, what is held here,
    what is missing, and until when everything that was listed was read.

    Exit code 0: all are well, 1: at least one is not.
    """
    now = SystemClock().now()
    with explaining_errors():
        configuration = Configuration(configs)
        stream_of = configuration.add("stream.yml", StreamConfig)
        crawlers_of = configuration.add("crawlers.yml", CrawlersConfig)
        stream, config = stream_of(), crawlers_of()
        if source is not None and source not in config.sources:
            raise click.UsageError(no_source(config, source))  # 2: 1 says that a source is not well
        refuse_absent(stream, "state")
        with disposing(open_state_engine(stream)) as engine:
            rows, lists = all_sources(engine), lists_of_current(engine)
    wanted = config.sources if source is None else {source: config.sources[source]}
    lines = standings(wanted, rows, now)
    if as_json:
        told = [_told(line, lists.get(line.name, ())) for line in lines]
        click.echo(json.dumps({"at": wire_time(now), "sources": told}, ensure_ascii=False))
    else:
        _show(lines)
        if source is not None:
            show_lists(lists.get(source, ()))
    sys.exit(0 if all(line.is_well for line in lines) else NOT_WELL)


def standings(sources: Mapping[str, Source], rows: Mapping[str, SourceHealth], now: datetime) -> list[SourceLine]:
    """Judges every configured source at `now`: those that are not well first, those switched off last."""
    lines = [_line(name, source, rows.get(name), now) for name, source in sources.items()]
    return sorted(lines, key=lambda line: (line.standing is None, line.is_well, line.name))


def _line(name: str, source: Source, row: SourceHealth | None, now: datetime) -> SourceLine:
    if not source.enabled:
        return SourceLine(name=name, source=source, fact=None, standing=None)
    if row is None:
        unread = Standing(condition=Condition.UNREAD, why="never read")
        return SourceLine(name=name, source=source, fact=None, standing=unread)
    fact = fact_of(row)
    return SourceLine(name=name, source=source, fact=fact, standing=judge(fact, now))


def _show(lines: list[SourceLine]) -> None:
    """Prints a table within 80 columns, then a line for each source that is not well."""
    console = Console(highlight=False, markup=False)
    if not lines:
        console.print("no sources yet: describe one under `sources:` in crawlers.yml")
        return
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    table.add_column("source", overflow="fold", max_width=24)
    for column in ("state", "since", "last good page"):
        table.add_column(column, no_wrap=True)
    for column in ("read", "usual"):
        table.add_column(column, no_wrap=True, justify="right")
    for line in lines:
        table.add_row(line.name, line.word, *_cells(line))
    console.print(table)
    for line in lines:
        if line.standing is not None and line.standing.why:
            console.print(f"{line.name}: {line.standing.why}")


def _cells(line: SourceLine) -> tuple[str, str, str, str]:
    fact, since = line.fact, line.standing.since if line.standing else None
    if fact is None:
        return "", "", "", ""
    good = fact.page_at or fact.succeeded_at
    usual = "" if fact.norm is None else f"{fact.norm:.0f}"
    return _short(since), _short(good) or "never", str(fact.read), usual


def _short(moment: datetime | None) -> str:
    return local_time(moment, _SHORT) if moment else ""


def _told(line: SourceLine, lists: Sequence[SourceList]) -> dict[str, object]:
    standing, fact = line.standing, line.fact
    told: dict[str, object] = {"source": line.name, "state": line.word, "well": line.is_well}
    if standing is not None:
        told |= {"since": _wire(standing.since), "sign": standing.sign.value, "why": standing.why}
    if fact is not None:
        told |= {
            "last_good_page": _wire(fact.page_at or fact.succeeded_at),
            "last_success": _wire(fact.succeeded_at),
            "due": _wire(fact.due_at),
            "rests_until": _wire(fact.rests_until),
            "expires": _wire(fact.expires_at),
            "newest": _wire(fact.newest_at or fact.news_at),
            "read": fact.read,
            "usual": fact.norm,
            "drift": fact.drift,
            "failed_in_a_row": fact.failed_in_a_row,
            "usual_a_page": fact.page_norm,
            "page_drift": fact.page_drift,
            "not_understood": fact.not_understood,
            "lost": list(fact.details.lost),
            "lists": [told_list(one) for one in lists],
            "unknown": dict(fact.details.unknown),
        }
    return told


def _wire(moment: datetime | None) -> str | None:
    return wire_time(moment) if moment else None
