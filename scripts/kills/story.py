"""The demo's story with every stage a process of its own, killed on the way, against the same story left in peace."""

from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from random import Random

from sqlalchemy import func, select

from alerts.records import CaseRow
from scripts.demo.forum import AccessLog, open_forum
from scripts.demo.mailbox import Mailbox, open_mailbox
from scripts.demo.settings import write_configs
from scripts.demo.stages import Stages
from scripts.demo.story import START, tell
from scripts.demo.walk import RUMOUR_DAY
from scripts.kills.processes import Killer
from stream.clock import ScriptedClock
from stream.export import export_lines
from stream.state import transaction

PARTS = ("crawl", "score", "index", "alerts")
# Days before the rumour, then the rumour: fewer rounds than the demo walks, for each stage is a process here.
MOMENTS = (
    *(START + timedelta(days=day, hours=21) for day in (2, 5, 8, 11, 14, 17, 19, 20)),
    *(RUMOUR_DAY + timedelta(hours=14, minutes=15 * quarter) for quarter in range(15)),
    *(RUMOUR_DAY + timedelta(hours=18, minutes=45 * step) for step in range(5)),
)


ROUNDS = tuple((moment + timedelta(seconds=at), part) for moment in MOMENTS for at, part in enumerate(PARTS))
DEEDS = tuple(
    (RUMOUR_DAY + timedelta(hours=17, minutes=minute), f"act 1 {words}")
    for minute, words in (
        (31, "acknowledge li_qiang 收到"),
        (33, "judge li_qiang 需核实"),
        (35, "report li_qiang 已报工作组"),
        (37, "verify wu_tao 系演练 谣言"),
        (39, "clarify li_qiang 已发布情况说明"),
    )
)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a story left: the index line by line, cases, and how often each letter was accepted, by Message-ID."""

    posts: tuple[bytes, ...]
    cases: int
    letters: Counter[str]
    killed: dict[str, int]


def story(home: Path, kills: int, dice: Random) -> Iterator[tuple[str, int, bool, str]]:
    """(stage, kills, good, verdict) of each stage, last of the whole."""
    calm, rough = _run(home / "calm", 0, dice), _run(home / "rough", kills, dice)
    for stage, killed in rough.killed.items():
        yield stage, killed, killed >= kills, "started again, the story went on"
    same = rough.posts == calm.posts
    yield "index after all", 0, same, f"{len(rough.posts)} posts, {'equal byte for byte' if same else 'DIFFER'}"
    yield "cases", 0, rough.cases == calm.cases, f"{rough.cases}, {calm.cases} without kills"
    copies, allowed = rough.letters.total() - len(rough.letters), rough.killed["alerts"]
    good = rough.letters.keys() == calm.letters.keys() and copies <= allowed
    lost = len(calm.letters.keys() - rough.letters.keys())
    yield (
        "letters",
        0,
        good,
        f"{len(rough.letters)} of {len(calm.letters)}, lost {lost}, {copies} copies for {allowed} kills",
    )


def _run(home: Path, kills: int, dice: Random) -> Outcome:
    killer = Killer(dice)
    for part in PARTS:
        killer.owe(part, kills)
    told, clock = tell(), ScriptedClock(START)
    with ExitStack() as stack:
        forum = stack.enter_context(open_forum(told.world, clock, AccessLog()))
        mailbox = stack.enter_context(open_mailbox(home / "letters"))
        configs = home / "configs"
        write_configs(configs, var=home, forum=forum, smtp_port=mailbox.port)
        (home / "voice.key").write_text("the same in both runs", "utf-8")
        for moment, part in sorted({*ROUNDS, *DEEDS}):
            clock.turn_to(moment)
            killer.run(part.split()[0], ["scripts.kills.stage", str(configs), moment.isoformat(), *part.split()])
        return _outcome(Stages(configs, clock, stack), clock, mailbox, killer)


def _outcome(stages: Stages, clock: ScriptedClock, mailbox: Mailbox, killer: Killer) -> Outcome:
    with transaction(stages.engine) as session:
        cases = session.scalar(select(func.count()).select_from(CaseRow)) or 0
    return Outcome(
        posts=tuple(export_lines(stages.reader, clock.now())),
        cases=cases,
        letters=Counter(str(letter["Message-ID"]) for letter in mailbox.letters),
        killed=killer.kills,
    )
