"""`python -m scripts.demo`: the whole pipeline over six scripted weeks and a rumour, offline, in about a minute."""

import sys
from collections.abc import Sequence
from contextlib import ExitStack, closing
from datetime import datetime, timedelta
from functools import partial
from os import environ
from pathlib import Path
from shutil import rmtree
from time import monotonic

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from sqlalchemy import select

from alerts.casefile.tables import CaseRow, EventRow
from alerts.detection.signals import Signal
from scripts.demo.counts import Counts, count
from scripts.demo.forum import AccessLog, open_forum
from scripts.demo.inbox import open_inbox
from scripts.demo.mailbox import Mailbox, open_mailbox
from scripts.demo.marks import levels, marks
from scripts.demo.moments import FIRST_LETTER, keep_moment
from scripts.demo.picture import Panel, Picture, draw
from scripts.demo.settings import SITE, write_configs
from scripts.demo.stages import Stages
from scripts.demo.story import DAYS, MONDAY, RUMOUR_DAY, START, tell
from scripts.demo.telling import Teller
from scripts.demo.timetable import archive, last_days, ordinary_monday
from scripts.demo.walk import Walk
from stream.engines import open_consumer, open_log_admin
from stream.log.broker import QUARANTINE
from stream.log.quarantine import entries
from stream.process.clock import ScriptedClock
from stream.process.logs import configure
from stream.state.database import transaction

VAR = Path("var/demo")
BILLS = "bill"  # the topic that Mondays fill


@click.command()
@click.option("--var", type=click.Path(path_type=Path), help="A new folder for what it leaves; var/demo by default.")
def main(var: Path | None) -> None:
    """Run the whole pipeline over a made-up forum: six weeks, a rumour, letters. Exits 1 if anything gets lost."""
    started = monotonic()
    environ["no_proxy"] = environ["NO_PROXY"] = "127.0.0.1"  # the forum is here, whatever the network's way out
    if var is None:
        rmtree(VAR, ignore_errors=True)
    folder = var or VAR
    folder.mkdir(parents=True)
    console = Console(width=None if sys.stdout.isatty() else 150, highlight=False)
    story, access, clock = tell(), AccessLog(), ScriptedClock(START)
    command = partial(in_shell, folder)
    with ExitStack() as stack:
        configure("demo", stream=stack.enter_context((folder / "demo.log").open("w", encoding="utf-8")))
        forum = stack.enter_context(open_forum(story.world, clock, access, story.silent))
        mailbox = stack.enter_context(open_mailbox(folder / "letters"))
        inbox = stack.enter_context(open_inbox())
        write_configs(folder / "configs", var=folder, forum=forum, smtp_port=mailbox.port, inbox=inbox)
        stages = Stages(folder / "configs", clock, stack)
        keep = partial(keep_moment, folder, FIRST_LETTER)
        steps = Walk(stages, clock, story, Teller(console), mailbox, inbox, keep)
        paint(stages, walk(steps, console), folder)
        counts = counted(stages, clock, mailbox, access)
    console_command = "make console" if folder == VAR else f"make console VAR={folder}"
    for line in (
        f"letters: {folder}/letters (open them in a mail program), picture: {folder}/story.png, log: {folder}/demo.log",
        f"see the case: {command('alerts', 'case show 1')}",
        f"write its report: {command('alerts', f'report case 1 --out {folder}/case-1.docx')}",
        f"hand out its evidence: {command('alerts', f'evidence 1 --out {folder}/case-1.zip')}",
        f"search the index: {command('stream', 'search 变电站')}",
        f"open the console: {console_command} (before anybody acted: {console_command} AT={FIRST_LETTER})",
        f"{access.requests} requests to the forum; {monotonic() - started:.0f} seconds for {DAYS} days",
        *(f"lost: {name}" for name in counts.lost),
        in_one_line(counts),
    ):
        console.print(line, soft_wrap=True)
    sys.exit(1 if counts.lost else 0)


def in_shell(folder: Path, package: str, words: str) -> str:
    """A command over what the demo left."""
    return f".venv/bin/python -m {package} {words} --configs {folder}/configs"


def in_one_line(counts: Counts) -> str:
    """What the demo ends with."""
    return (
        f"crawled {counts.crawled}, scored {counts.scored}, indexed {counts.indexed} posts (the others are later "
        f"versions of these), quarantined {counts.quarantined}, cases {counts.cases}, letters {counts.letters}, "
        f"lost {len(counts.lost)}"
    )


def walk(steps: Walk, console: Console) -> Sequence[Signal]:
    """Six weeks in one round, a Monday by the half hour, the last days by the minute; what every look judged."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True) as progress:
        steps.go(archive(), progress, "six ordinary weeks, crawled at once")
        steps.go(ordinary_monday(), progress, "an ordinary Monday morning, a round every half an hour")
        steps.tell_ordinary()
        steps.go(last_days(), progress, "the last days, a round every few minutes")
        return steps.signals


def paint(stages: Stages, signals: Sequence[Signal], folder: Path) -> None:
    """The picture of the first case, from the index, the looks and the case's record; none without a case."""
    with transaction(stages.engine) as session:
        case = session.scalar(select(CaseRow).order_by(CaseRow.id).limit(1))
        events = list(session.scalars(select(EventRow).order_by(EventRow.id))) if case else []
    if case is None:
        return
    desks = {key: desk.name for key, desk in stages.context.config.desks.items()}
    topic, bills = (stages.context.topic_name(key) for key in (case.topic, BILLS))
    steps = marks([event for event in events if event.case_id == case.id], desks)
    usual = levels(signals, case.topic)
    picture = Picture(
        title=f"一则传言的始末：事件 {case.id}「{topic}」",
        weeks=(START, START + timedelta(days=DAYS)),
        monday=Panel(f"平常的周一：「{bills}」", BILLS, _hours(MONDAY, 7, 12), levels(signals, BILLS)),
        waves=(
            Panel(f"「{topic}」，9月22日", case.topic, _hours(RUMOUR_DAY, 13, 21), usual, steps),
            Panel(f"「{topic}」复燃，9月23日", case.topic, _hours(RUMOUR_DAY, 31, 39), usual, steps),
        ),
        footer="数据：演示索引、每次研判与处置记录；公司、论坛、人物均为虚构。负面由随附的中文模型判定；"
        "预警线按雷同折算后的条数计。",
    )
    draw(picture, stages.reader, folder)


def _hours(midnight: datetime, since: int, until: int) -> tuple[datetime, datetime]:
    return midnight + timedelta(hours=since), midnight + timedelta(hours=until)


def counted(stages: Stages, clock: ScriptedClock, mailbox: Mailbox, access: AccessLog) -> Counts:
    """The last line's numbers."""
    with closing(open_log_admin(stages.stream)) as admin:
        aside = open_consumer(stages.stream, clock, "demo.look", [QUARANTINE])
        with closing(aside):
            quarantined = list(entries(aside, admin.ends(QUARANTINE)))
        return count(admin, stages.reader, stages.engine, quarantined, mailbox, site=SITE, served=access.served())


if __name__ == "__main__":
    main()
