"""`make live`: what is installed is set up on the loopback, filled, crawled, changed, crawled again, and judged."""

import signal
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import asdict, replace
from datetime import UTC, datetime, timedelta
from logging import CRITICAL
from pathlib import Path
from tempfile import TemporaryDirectory

import click
from rich.console import Console
from rich.table import Table
from structlog import configure, make_filtering_bound_logger

from scripts.engines.process import Broken
from scripts.live.changes import Wanted, after, made, wanted
from scripts.live.corpus import is_opening, written
from scripts.live.crawling import Installation, installed
from scripts.live.fields import disagreements
from scripts.live.judging import Stage, Verdict, judge, named
from scripts.live.needs import NODEBB, WORDPRESS, Need, advice, missing
from scripts.live.nodebb import nodebb
from scripts.live.orders import to_change, to_open, to_write
from scripts.live.site import NotToBeHad, Site
from scripts.live.wordpress import wordpress

KEPT = Path("var/live").resolve()  # what npm fetched, for the next run
WEEK = timedelta(days=8)  # in which every thread is due again
SITES: Mapping[str, tuple[Sequence[Need], Callable[[Path], AbstractContextManager[Site]]]] = {
    "wordpress": (WORDPRESS, wordpress),
    "wordpress-plain": (WORDPRESS, lambda home: wordpress(home, rewritten=False)),
    "nodebb": (NODEBB, lambda home: nodebb(home, KEPT)),
}


@click.command()
@click.option("--only", type=click.Choice(list(SITES)), help="Only this one.")
@click.option("--threads", default=140, show_default=True, type=click.IntRange(60, 2000), help="How many to write.")
def main(only: str | None, threads: int) -> None:
    """Set up WordPress and NodeBB on this machine, crawl them, and print how much of them was found."""
    configure(wrapper_class=make_filtering_bound_logger(CRITICAL))  # what went wrong is in the table
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that the servers are ended then too
    verdicts: list[Verdict] = []
    broken = False
    for name, (needs, set_up) in SITES.items():
        if only not in (None, name):
            continue
        if packages := missing(needs):
            click.echo(advice(name, packages))
            continue
        try:
            with TemporaryDirectory(prefix="wenfeng-live-") as home:
                Path(home).chmod(0o711)  # its servers' user passes through
                verdicts += _judged(Path(home), set_up, threads)
        except NotToBeHad as error:
            click.echo(f"{name} skipped: {error}")
        except Broken as error:
            click.echo(f"{name}: {error}", err=True)
            broken = True
    _show(verdicts)
    sys.exit(1 if broken or any(verdict.faults for verdict in verdicts) else 0)


def _judged(home: Path, set_up: Callable[[Path], AbstractContextManager[Site]], threads: int) -> Iterator[Verdict]:
    began = time.monotonic()
    with set_up(home) as site:
        installation = installed(home / "wenfeng")
        _tell(site, began, "answers")
        before = written(datetime.now(UTC), threads)
        site.do(to_open())
        site.do(to_write(before, site.markup))
        _tell(site, began, f"holds {len(before)} threads, {sum(len(one.replies) for one in before)} replies")
        _tell(site, began, installation.add(site.url, site.name).splitlines()[0])
        first = list(wanted(before))
        rounds = Rounds(site, installation, began)
        yield rounds.crawled("first", first, first)
        changes = made(before, datetime.now(UTC))
        site.do(to_change(changes, site.markup))
        later = list(wanted(after(before, changes)))
        yield rounds.crawled("at once", first, later, settled=False)
        yield rounds.crawled("a week on", first, later, later=WEEK)


class Rounds:
    """The crawls of one site, one after the other."""

    def __init__(self, site: Site, installation: Installation, began: float) -> None:
        self.site, self.installation, self.began = site, installation, began
        self.read: set[tuple[str, datetime]] = set()

    def crawled(
        self,
        crawl: str,
        first: Sequence[Wanted],
        now: Sequence[Wanted],
        *,
        settled: bool = True,
        later: timedelta = timedelta(0),
    ) -> Verdict:
        """Crawls and judges."""
        self.site.front.asked.clear()
        name = self.site.name
        ended = self.installation.crawl(name, later)
        _tell(self.site, self.began, f"{crawl}: {ended}")
        sent = sorted(self.installation.sent(), key=lambda post: post.observed_at)
        known = {post.native_id: post for post in sent}
        stage = self._stage(crawl, first, now, settled=settled)
        new = [post for post in sent if (post.id, post.observed_at) not in self.read]
        verdict = judge(stage, known, new, self.site.front.asked)
        self.read |= {(post.id, post.observed_at) for post in new}
        found = self.installation.searchable(later)
        there = [post for post in known.values() if post.deleted_at is None]
        differing = [one.native_id for one in there if (hit := found.get(one.id)) is None or hit.text != one.text]
        faults = [f"not so in the index, {len(differing)}: {', '.join(differing[:6])}"] if differing else []
        if crawl == "first" and self.site.reply == "comment":
            faults += disagreements(self.installation.url(name))
        return replace(verdict, faults=(*verdict.faults, *faults))

    def _stage(self, crawl: str, first: Sequence[Wanted], now: Sequence[Wanted], *, settled: bool) -> Stage:
        site = self.site
        openings = {key for key in site.known if is_opening(key)}
        natives = named(site.known, openings, opening=site.opening, reply=site.reply)
        before, after = ({one.key: one for one in some} for some in (first, now))
        edited = frozenset(natives[key] for key, one in after.items() if key in before and before[key].text != one.text)
        gone = frozenset(natives[key] for key in before.keys() - after.keys())
        changed = frozenset(natives[key] for key, one in after.items() if before.get(key) != one)
        moved = [one for some in (before, after) for one in some.values() if natives[one.key] in changed | gone]
        openings_of = frozenset(natives[one.thread] for one in moved)
        parents = {
            natives[key]: replace(one, parent=one.parent if site.answers_opening or one.parent != one.thread else None)
            for key, one in after.items()
        }
        return Stage(
            site=site.name,
            crawl=crawl,
            wanted=parents,
            natives=natives,
            edited=edited,
            gone=gone,
            touched=changed | gone | openings_of,
            settled=settled,
        )


def _tell(site: Site, began: float, what: str) -> None:
    click.echo(f"{time.monotonic() - began:6.1f} s {site.name} {what}")


def _show(verdicts: Sequence[Verdict]) -> None:
    table = Table(title="live servers, crawled by the ordinary commands")
    columns = [name for name in Verdict.__dataclass_fields__ if name != "faults"]
    for column in columns:
        table.add_column(column)
    for verdict in verdicts:
        told = asdict(verdict)
        cells = [f"{value:.4g}" if isinstance(value, float) else str(value) for value in map(told.get, columns)]
        table.add_row(*cells, style="bold red" if verdict.faults else None)
    if verdicts:
        Console(width=None if sys.stdout.isatty() else 140).print(table)
    for verdict in verdicts:
        for fault in verdict.faults:
            click.echo(f"{verdict.site}, {verdict.crawl}: {fault}")


if __name__ == "__main__":
    main()
