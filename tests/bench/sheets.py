"""What every benchmark is made of: work counted by clock and by processor, tables of it, aims held against it."""

import json
import os
import platform
import subprocess
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from importlib.metadata import version
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path
from time import perf_counter, process_time
from typing import Any

from rich.console import Console
from rich.table import Table

PER_SECOND, PER_CORE, TIMES = "a second", "a core second", "times"
MARK = "<!-- figures of make bench -->\n"
LIBRARIES = ("kafka-python", "confluent-kafka", "elasticsearch", "openvino", "transformers", "snownlp", "scrapy")

Cell = float | str


@dataclass(frozen=True, slots=True)
class Spent:
    """How long so many things took: on the clock, and of the processor by this process with all its threads."""

    count: int
    wall: float
    core: float

    @property
    def rates(self) -> dict[str, Cell]:
        return {PER_SECOND: self.count / self.wall, PER_CORE: self.count / self.core}


@dataclass(frozen=True, slots=True)
class Aim:
    """A figure that was asked for beside the one that was reached."""

    what: str
    wanted: float
    reached: float
    unit: str
    at_most: bool = False

    @property
    def met(self) -> bool:
        return self.reached <= self.wanted if self.at_most else self.reached >= self.wanted


@dataclass(slots=True)
class Sheet:
    """One table: rows by name, each with cells by column."""

    key: str
    title: str
    rows: dict[str, Mapping[str, Cell]] = field(default_factory=dict)
    aims: list[Aim] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def compare(self, base: str, column: str = PER_CORE) -> None:
        """Adds how many times the row `base` each row is, by `column`."""
        least = self.rows[base][column]
        assert isinstance(least, float)
        for name, row in self.rows.items():
            if isinstance(reached := row.get(column), float):
                self.rows[name] = {**row, TIMES: reached / least}

    def columns(self) -> list[str]:
        """Every column of any row, in the order of their appearance; the comparison last."""
        seen = dict.fromkeys(column for row in self.rows.values() for column in row)
        return sorted(seen, key=lambda column: column == TIMES)


def spent(count: int, act: Callable[[], object]) -> Spent:
    """What `act` on `count` things costs."""
    wall, core = perf_counter(), process_time()
    act()
    return Spent(count, perf_counter() - wall, process_time() - core)


def apart(act: Callable[..., Any], *given: object) -> Any:
    """What `act` returns in a fresh process of its own: nobody's threads, caches or heap count for the next."""
    ours, theirs = get_context("spawn").Pipe()
    process = get_context("spawn").Process(target=_answer, args=(theirs, act, given))
    process.start()
    theirs.close()
    try:
        good, answer = ours.recv()
    except EOFError as error:
        raise RuntimeError(f"{act.__name__} ended without an answer") from error
    finally:
        process.join()
    if not good:
        raise RuntimeError(f"{act.__name__}: {answer}")
    return answer


def _answer(to: Connection, act: Callable[..., Any], given: Sequence[object]) -> None:
    try:
        to.send((True, act(*given)))
    except Exception as error:  # told to the parent, which raises it
        to.send((False, repr(error)))
        raise


def show(sheet: Sheet, console: Console) -> None:
    """Prints the table and what is to be said of it."""
    table = Table("", title=sheet.title, title_justify="left")
    for column in sheet.columns():
        table.add_column(column, justify="right")
    for name, row in sheet.rows.items():
        table.add_row(name, *(_words(row.get(column, "")) for column in sheet.columns()))
    console.print(table)
    for note in sheet.notes:
        console.print(f"  {note}", style="dim", highlight=False)


def show_aims(sheets: Sequence[Sheet], console: Console) -> None:
    """What was asked for and what was reached, of all tables."""
    table = Table("aim", "wanted", "reached", "", title="aims", title_justify="left")
    for aim in (aim for sheet in sheets for aim in sheet.aims):
        table.add_row(aim.what, *_told(aim), style=None if aim.met else "yellow")
    console.print(table)


def save(path: Path, sheets: Sequence[Sheet], conditions: Mapping[str, object]) -> None:
    """All of it as JSON, with the conditions it was measured under."""
    path.parent.mkdir(parents=True, exist_ok=True)
    told = {"conditions": conditions, "sheets": {one.key: asdict(one) for one in sheets}}
    path.write_text(json.dumps(told, ensure_ascii=False, indent=1), "utf-8")


def paste(path: Path, sheets: Sequence[Sheet], conditions: Mapping[str, object]) -> None:
    """Renews what follows the mark in a document; raises ValueError where it has none."""
    kept, mark, _ = path.read_text("utf-8").partition(MARK)
    if not mark:
        raise ValueError(f"{path}: no line {MARK.strip()} says where the figures go")
    path.write_text(f"{kept}{mark}\n{as_markdown(sheets, conditions)}", "utf-8")


def as_markdown(sheets: Sequence[Sheet], conditions: Mapping[str, object]) -> str:
    """The aims first, then every table."""
    libraries = conditions.get("libraries")
    versions = ", ".join(f"{name} {one}" for name, one in libraries.items()) if isinstance(libraries, Mapping) else ""
    aims = [aim for sheet in sheets for aim in sheet.aims]
    lines = [
        f"By `make bench` on {conditions.get('began')}, {conditions.get('processors')} processors"
        f" ({conditions.get('processor')}), Python {conditions.get('python')}; {versions}. The ratios are the claim.",
        "",
        *_markdown_rows(["aim", "wanted", "reached", ""], [[aim.what, *_told(aim)] for aim in aims]),
    ]
    for sheet in sheets:
        columns = sheet.columns()
        rows = [[name, *(_words(row.get(column, "")) for column in columns)] for name, row in sheet.rows.items()]
        lines += ["", f"## {sheet.title[:1].upper()}{sheet.title[1:]}", "", *_markdown_rows(["", *columns], rows)]
        lines += [line for note in sheet.notes for line in ("", note)]
    return "\n".join(lines) + "\n"


def _markdown_rows(head: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    marks = ["---", *["---:"] * (len(head) - 1)]
    return [f"| {' | '.join(cells)} |" for cells in (head, marks, *rows)]


def _told(aim: Aim) -> tuple[str, str, str]:
    wanted = f"{'≤' if aim.at_most else '≥'} {_words(aim.wanted)} {aim.unit}"
    return wanted, _words(aim.reached), "met" if aim.met else "missed"


def conditions(began: datetime) -> dict[str, object]:
    """Where and of what. The load beside the number of processors says how quiet the machine was."""
    return {
        "began": began.isoformat(timespec="seconds"),
        "commit": _commit(),
        "processor": _processor(),
        "processors": os.cpu_count(),
        "load": os.getloadavg(),
        "python": platform.python_version(),
        "libraries": {name: version(name) for name in LIBRARIES},
    }


def _processor() -> str:
    lines = Path("/proc/cpuinfo").read_text("utf-8").splitlines() if Path("/proc/cpuinfo").exists() else []
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), platform.machine())


def _commit() -> str:
    told = subprocess.run(["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True, check=False)
    return told.stdout.strip()


def _words(cell: Cell) -> str:
    if isinstance(cell, str):
        return cell
    return f"{cell:,.0f}" if abs(cell) >= 100 else f"{cell:.3g}"
