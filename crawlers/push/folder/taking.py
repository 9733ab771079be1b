"""Taking what lies still in a folder. A file is moved after the log has its rows: killed between, it is taken again."""

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from sqlalchemy import Engine
from structlog import get_logger

from crawlers.edge import line
from crawlers.health import Tally, recorded
from crawlers.push.files import ImportSummary, import_file, shortened
from crawlers.push.folder.source import FolderSource
from stream.errors import Rejected
from stream.log.broker import Producer
from stream.process.clock import Clock, local_time
from stream.process.failpoints import failpoint

DONE, FAILED = "done", "failed"
UNMENDED = "unread_files_in_failed"
_UNFINISHED = (".part", ".partial", ".tmp", ".crdownload", ".filepart")  # as programs name what they still write
_LONGEST_REASON = 160  # characters, in a source's line
_HIDDEN = (".", "~$")  # the latter is Excel's lock beside an open workbook
_OF_WINDOWS = ("thumbs.db", "ehthumbs.db", "desktop.ini")  # what Explorer writes into whatever folder it shows

log = get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class FolderSummary:
    """What became of the files of one look: rows sent and rejected, files by reason why they could not be read."""

    done: int = 0
    sent: int = 0
    rejected: int = 0
    failed: Mapping[str, int] = field(default_factory=dict)
    moving: int = 0


def take_folder(
    name: str, source: FolderSource, *, producer: Producer, engine: Engine, voice_key: bytes, clock: Clock
) -> FolderSummary:
    """Imports each file that lies still, and moves it; files that still grow are left for the next look.

    Raises `Rejected` where there is no such folder, and `Retryable` as an import does; its file stays where it is. As
    long as a file lies in `failed/`, the source is `partial`: somebody has to mend it, put it back, or remove it.
    """
    tally, taken, failed = Tally(), list[ImportSummary](), Counter[str]()
    with recorded(engine, name, source.site, tally, clock=clock, fresh_until=source.fresh_until, due_at=source.due_at):
        still, moving = _lying_still(source, clock)
        for path in still:
            try:
                summary = import_file(
                    path, source, name=name, producer=producer, engine=engine, voice_key=voice_key, clock=clock,
                    report_to=source.path / DONE,
                )  # fmt: skip
            except Rejected as error:
                failed[error.reason] += 1
                unread = {"reason": error.reason, "detail": error.detail}
                _move(path, source.path / FAILED, unread, clock.now(), _rejected_rows(path, source))
                continue
            failpoint("folder.taken")
            taken.append(summary)
            _settle(path, source, summary, clock.now())
        tally.pages = 1 + len(taken)
        tally.read, tally.new = sum(one.rows for one in taken), sum(one.sent for one in taken)
        for one in taken:
            tally.failures.update(one.reasons)
            tally.failures.update(one.remarks)
            tally.examples.update(one.examples)
        if lying := sorted(_files(source.path / FAILED)):
            tally.failures[UNMENDED] += len(lying)
            tally.examples[UNMENDED] = _why_unread(lying[0])
    return FolderSummary(
        done=len(taken),
        sent=sum(one.sent for one in taken),
        rejected=sum(one.rejected for one in taken),
        failed=dict(failed),
        moving=moving,
    )


def _lying_still(source: FolderSource, clock: Clock) -> tuple[list[Path], int]:
    """Finds the files, by name, that are as they were `still` ago; and how many are not."""
    if not source.path.is_dir():
        raise Rejected("no_such_folder", f"{source.path}: make it, or correct path")
    before = {path: _state(path) for path in _files(source.path)}
    if not before:
        return [], 0
    clock.sleep(source.still.total_seconds())
    lying = [path for path, state in before.items() if state is not None and _state(path) == state]
    return sorted(lying), len(before) - len(lying)


def _files(folder: Path) -> Iterator[Path]:
    """Yields what lies in a folder to be read: no folder, nothing hidden, no report of ours, nothing half written."""
    for path in folder.glob("*"):
        name = path.name.lower()
        unread = name.startswith(_HIDDEN) or name.endswith((*_UNFINISHED, ".report.json")) or name in _OF_WINDOWS
        if not unread and path.is_file() and not path.is_symlink():
            yield path


def _why_unread(path: Path) -> str:
    """Says of a file in `failed/` what is wrong with it, as the report beside it does; else its name."""
    try:
        told = json.loads(path.with_name(f"{path.name}.report.json").read_text("utf-8"))
    except (OSError, ValueError):  # somebody put the file there, or took the report away
        told = {}
    return line(str(told.get("detail") or path.name), _LONGEST_REASON)


def _state(path: Path) -> tuple[int, int] | None:
    """Reads size and time of the last change; None for a file that is not there any more."""
    with suppress(FileNotFoundError):
        found = path.stat()
        return found.st_size, found.st_mtime_ns
    return None


def _settle(path: Path, source: FolderSource, summary: ImportSummary, now: datetime) -> None:
    """Moves a file that was read: to `failed/` where not one of its rows was."""
    unread = summary.rows > 0 and summary.rejected == summary.rows
    told = {
        "rows": summary.rows, "sent": summary.sent, "unchanged": summary.unchanged, "rejected": summary.rejected,
        "reasons": summary.reasons, "remarks": summary.remarks,
    }  # fmt: skip
    _move(path, source.path / (FAILED if unread else DONE), told, now, summary.report)


def _rejected_rows(path: Path, source: FolderSource) -> Path | None:
    """Finds what an import that broke off has said of the rows before."""
    lines = source.path / DONE / f"{shortened(path.name)}.rejected.jsonl"
    return lines if lines.exists() else None


def _move(path: Path, to: Path, told: Mapping[str, object], now: datetime, lines: Path | None = None) -> None:
    """Moves a file under a name with the time, which no file there has, with a report of the same name beside it.

    The report is written first: a file that is moved has one. `lines` are the rows that were rejected or odd.
    """
    to.mkdir(exist_ok=True)
    name = shortened(path.name)
    stem = f"{local_time(now, '%Y%m%d-%H%M%S')} {name}"
    number = 1
    while (to / stem).exists():
        number += 1
        stem = f"{local_time(now, '%Y%m%d-%H%M%S')}-{number} {name}"
    odd = [json.loads(line) for line in lines.read_text("utf-8").splitlines()] if lines is not None else []
    report = {"file": path.name, **told, "lines": odd}
    words = json.dumps(report, ensure_ascii=False, indent=1)
    (to / f"{stem}.report.json").write_text(words, "utf-8", "backslashreplace")  # names that are no UTF-8
    if lines is not None:
        lines.unlink()
    with suppress(FileNotFoundError):  # somebody else took it at the same moment: what both sent landed on itself
        path.replace(to / stem)
    log.info("file taken", file=path.name, to=to.name)
