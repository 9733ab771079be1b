"""`make faults`, `make faults-long`: kill every stage at every named place, then judge what is left."""

import signal
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from datetime import timedelta
from functools import partial
from pathlib import Path
from random import Random, SystemRandom
from shutil import rmtree
from time import monotonic, sleep

import click
from rich.console import Console
from rich.table import Table

from alerts.notify.holding.digest import STEP
from alerts.notify.tables import OVER
from scripts.demo.forum import open_forum
from scripts.demo.mailbox import open_mailbox
from stream.errors import Retryable
from stream.process.logs import configure
from tests.faults.answering import open_answers
from tests.faults.evidence import Evidence, gather
from tests.faults.loop import PLACES, Loop, Stuck, latest_hit
from tests.faults.oracle import Broken, check, check_running, in_words
from tests.faults.processes import deaths
from tests.faults.world import LethalMailbox, ServedWords, StoppableClock, write_configs, write_world
from tests.installation import EMBEDDED, REAL, NoEngines, fresh_engines

HOME = Path("var/faults")
LOOK = 25  # deaths between two looks at what must hold at any moment
TRIES = 20
REFRESH = 3.0  # seconds: Elasticsearch shows what it was given after two
LASTING = timedelta(hours=4)  # that the forum is written on, if it must


@click.command()
@click.option("--faults", default=0, help="How many deaths at least; by default one at every place.")
@click.option("--engines", type=click.Choice([EMBEDDED, REAL]), default=EMBEDDED, show_default=True)
@click.option("--seed", type=int, help="Repeat the hits of an earlier run.")
def main(faults: int, engines: str, seed: int | None) -> None:
    """Kill every stage of a working installation at every failpoint; judge what is left by the oracle."""
    seed = SystemRandom().randrange(10**6) if seed is None else seed
    home = HOME / engines
    signal.signal(signal.SIGTERM, lambda _number, _frame: sys.exit(1))  # so that no stage outlives it
    rmtree(home, ignore_errors=True)
    home.mkdir(parents=True)
    with (home / "driver.log").open("w", encoding="utf-8") as log:
        configure("faults", stream=log)
        try:
            good = _faults(home, faults, engines, seed)
        except NoEngines as error:
            raise click.ClickException(str(error)) from error
    sys.exit(0 if good else 1)


def _faults(home: Path, faults: int, engines: str, seed: int) -> bool:
    chance, started = Random(seed), monotonic()
    places = sum(map(len, PLACES.values()))
    times = max(1, -(-faults // places))
    owed = {stage: deaths(of, chance, times, partial(latest_hit, stage)) for stage, of in PLACES.items()}
    clock, served, early = StoppableClock(), ServedWords(), dict[str, Sequence[str]]()
    mailbox = LethalMailbox(home / "letters")
    with ExitStack() as stack:
        world = write_world(chance, clock.now(), LASTING)
        forum = stack.enter_context(open_forum(world, clock, served))
        stack.enter_context(open_mailbox(mailbox.folder, mailbox))
        answers = stack.enter_context(open_answers(mailbox))
        lines = stack.enter_context(fresh_engines(engines, "faults"))
        configs = home / "configs"
        ports = {"smtp_port": mailbox.port, "imap_port": answers.port}
        write_configs(configs, var=home / "var", forum=forum, engines=lines, **ports)
        loop = Loop(configs, home, owed, mailbox, chance, answers.unread)
        try:
            loop.settle_in()
            total = loop.left
            click.echo(f"{engines}: {total} deaths to die (seed {seed})")
            for left in loop.run():
                if (total - left) % 10 == 0:
                    click.echo(f"{monotonic() - started:6.0f} s: {total - left} of {total}", err=True)
                if (total - left) % LOOK == LOOK - 1:
                    early |= check_running(patiently(partial(gather, configs, settle=REFRESH)))
            click.echo(f"{monotonic() - started:6.0f} s: draining", err=True)
            loop.drain(clock)
        except Stuck as error:
            click.echo(f"stuck: {error}", err=True)
            return False
        finally:
            loop.close()
        kills = loop.tally.of("alerts")
        judged = partial(gather, configs, served=served.words, mails=mailbox.took, answers=answers.names())
        evidence = patiently(partial(judged, mail_kills=kills))
    broken = {f"{name}, while it ran": told for name, told in early.items()} | check(evidence)
    _show(loop, evidence, broken, f"{engines} engines, seed {seed}, {monotonic() - started:.0f} s")
    return not broken and not loop.tally.surprises


def patiently(look: Callable[[], Evidence]) -> Evidence:
    """Looks again where a busy engine answered in part only: the judge is not what is tried here."""
    for _ in range(TRIES - 1):
        try:
            return look()
        except Retryable:
            sleep(REFRESH)
    return look()


def _show(loop: Loop, evidence: Evidence, broken: Broken, title: str) -> None:
    table = Table("stage", "killed at", "kills", title=title)
    for (stage, place), number in sorted(loop.tally.deaths.items()):
        table.add_row(stage, place, str(number))
    lost = len(broken.get("I1", ())) + len(broken.get("I3", ()))
    doubled = len(broken.get("I4", ())) + len(broken.get("I5", ()))
    copies = len(evidence.mails) - len({mail.message_id for mail in evidence.mails})
    table.add_section()
    for name, number in _figures(loop, evidence, lost=lost, doubled=doubled, copies=copies).items():
        table.add_row("", name, str(number))
    Console(width=None if sys.stdout.isatty() else 120).print(table)
    click.echo(in_words(broken))
    for line in loop.tally.surprises:
        click.echo(f"unexpected: {line}")


def _figures(loop: Loop, evidence: Evidence, **judged: int) -> Mapping[str, int]:
    return {
        "kills in all": loop.tally.deaths.total(),
        "posts served": len(evidence.served),
        "posts in the index": len(evidence.indexed),
        "posts erased": len(evidence.erased),
        "records in quarantine": len({entry.id for entry in evidence.quarantine}),
        "cases": len(evidence.cases),
        "letters": len(evidence.letters),
        "lost": judged["lost"],
        "doubled in index or counts": judged["doubled"],
        "second copies of letters": judged["copies"],
        "letters told in digests or by newer ones": sum(row.instead not in (None, OVER) for row in evidence.letters),
        "digests": sum(row.step == STEP for row in evidence.letters),
        "answers by mail": len(evidence.replies),
        "acts refused since a case had gone on": loop.tally.refused,
    }


if __name__ == "__main__":
    main()
