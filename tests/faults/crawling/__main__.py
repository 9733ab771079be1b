"""`make faults-crawl`: kill one crawl fifty times and more while its forum changes, then judge log and requests."""

import signal
import sys
from datetime import timedelta
from pathlib import Path
from random import Random, SystemRandom
from shutil import rmtree
from time import monotonic

import click
from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from scripts.demo.forum import open_forum
from scripts.demo.world import World
from stream.process.logs import configure
from tests.faults.crawling.asked import Judged, Sort, Why, judge
from tests.faults.crawling.killing import Requests, Siege, Stuck, in_the_log, moments, write_configs
from tests.faults.crawling.posts import Account, account
from tests.faults.crawling.recorded import RECORDED, besiege
from tests.faults.crawling.site import SITE, SOURCE, write_site
from tests.faults.processes import AheadClock, Stage

HOME = Path("var/faults/crawling")
KILLS = 60
LASTING = timedelta(hours=2.5)  # that the forum is written on: longer than what passes between the kills
HOURLY, DAILY = 3660.0, 25 * 3600.0  # seconds until young, and older, threads are read again


@click.command()
@click.option("--kills", default=KILLS, show_default=True, help="How often the crawl is killed.")
@click.option("--seed", type=int, help="Repeat the forum and the moments of an earlier run.")
@click.option("--captures", type=click.Path(path_type=Path, exists=True, file_okay=False), help="Recorded forums.")
def main(kills: int, seed: int | None, captures: Path | None) -> None:
    """Kill one crawl again and again until it is through; judge what the log holds and what the site was asked."""
    seed = SystemRandom().randrange(10**6) if seed is None else seed
    signal.signal(signal.SIGTERM, lambda _number, _frame: sys.exit(1))  # so that no crawl outlives it
    rmtree(HOME, ignore_errors=True)
    HOME.mkdir(parents=True)
    with (HOME / "driver.log").open("w", encoding="utf-8") as log:
        configure("faults", stream=log)
        (HOME / "made").mkdir()
        good = _besiege(HOME / "made", kills, seed)
        if captures is not None:
            good &= _besiege_recorded(captures, HOME / RECORDED, kills // 2, seed)
        sys.exit(0 if good else 1)


def _besiege(home: Path, kills: int, seed: int) -> bool:
    chance, clock, requests, started = Random(seed), AheadClock(), Requests(), monotonic()
    begun_at = clock.now()
    world = write_site(chance, begun_at, LASTING)
    click.echo(f"{kills} kills to come (seed {seed})")
    with open_forum(world, clock, requests) as forum:
        write_configs(home / "configs", var=home / "var", source={"url": f"{forum}forum.php"})
        words = ("crawlers", "crawl", SOURCE, "--configs", str(home / "configs"))
        siege = Siege(Stage("crawl", words, home / "crawl.log"), clock, requests, chance)
        try:
            with Progress(console=Console(stderr=True)) as bar:
                task = bar.add_task("killed", total=kills)
                for died in siege.kill_all(moments(chance, kills)):
                    bar.update(task, completed=died)
            siege.pass_by(max(0.0, (begun_at + LASTING - clock.now()).total_seconds()))
            for seconds in (HOURLY, DAILY, 0.0):
                siege.in_peace()
                siege.pass_by(seconds)
            quiet = len(requests.asked)
            siege.in_peace()
        except Stuck as error:
            click.echo(f"stuck: {error}", err=True)
            return False
        finally:
            siege.stage.kill("the end")
    (home / "requests.log").write_text("".join(f"{one.crawl} {one.at} {one.path}\n" for one in requests.asked), "utf-8")
    records, refused = in_the_log(home / "configs")
    asked = judge(world, requests.asked, {one.number for one in siege.crawls if one.killed})
    found = account(world, SITE, records, siege.crawls, clock.now())
    if refused:
        found.complaints["quarantined"].append(f"{refused} records")
    if again := [one.path for one in requests.asked[quiet:] if "viewthread" in one.path]:
        asked.breaches.append(f"a crawl with nothing to do read {len(again)} pages of threads")
    _show(world, siege, asked, found, f"seed {seed}, {monotonic() - started:.0f} s")
    return not (asked.breaches or found.complaints or siege.surprises)


def _besiege_recorded(folder: Path, home: Path, kills: int, seed: int) -> bool:
    started = monotonic()
    outcome = besiege(folder, home, kills, Random(seed))
    click.echo(f"{RECORDED}, recorded: seed {seed}, {monotonic() - started:.0f} s")
    for name, figure in outcome.figures.items():
        click.echo(f"{name}: {figure}")
    for line in outcome.broken:
        click.echo(f"broken: {line}")
    return not outcome.broken


def _show(world: World, siege: Siege, asked: Judged, found: Account, title: str) -> None:
    console = Console(width=None if sys.stdout.isatty() else 120)
    deaths = Table("killed at", "kills", title=title)
    for place, number in sorted(siege.deaths.items()):
        deaths.add_row(place, str(number))
    deaths.add_row("in all", str(siege.deaths.total()))
    console.print(deaths)
    pages = Table("page", "pages", "asked", *(why for why in Why), "most", title="what the site was asked, and why")
    for sort in Sort:
        own = {place: times for place, times in asked.pages.items() if place[0] is sort}
        counted = [str(asked.why[sort, why] or "") for why in Why]
        pages.add_row(sort, str(len(own)), str(sum(own.values())), *counted, str(max(own.values(), default=0)))
    console.print(pages)
    figures = {
        "crawls that ended by themselves": sum(not one.killed for one in siege.crawls),
        "threads of the site": len(world.threads),
        "threads cut off by a kill, in all and at most": f"{sum(asked.cut)}, {max(asked.cut, default=0)}",
        **found.figures,
        **{name: len(told) for name, told in found.complaints.items()},
        "pages beyond": len(asked.breaches),
    }
    for name, figure in figures.items():
        console.print(f"{name}: {figure}", highlight=False)
    for line in (*asked.breaches[:10], *(line for told in found.complaints.values() for line in told[:5])):
        click.echo(f"broken: {line}")
    for line in siege.surprises:
        click.echo(f"unexpected: {line}")


if __name__ == "__main__":
    main()
