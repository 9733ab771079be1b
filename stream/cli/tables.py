"""What the commands of `python -m stream` show to a person at a terminal."""

import sys
from collections.abc import Sequence
from datetime import datetime

from rich.console import Console, Group, RenderableType
from rich.table import Column, Table

from stream.log.quarantine import Quarantined
from stream.process.clock import local_time
from stream.status import Status


def show(what: RenderableType, *, width: int = 160) -> None:
    """Prints for a person: a terminal has its own width, a file or a pipe gets `width`, so that ids stay whole."""
    console = Console() if sys.stdout.isatty() else Console(width=width)
    console.print(what, markup=False, highlight=False)


def status_tables(status: Status) -> Group:
    """Says which stages run, topics, groups, and one line each for the index and the quarantine; 80 columns suffice."""
    title = f"stages, {_local(status.at)} Beijing time"
    running = Table("stage", "state", "processes", "last sign of life", title=title)
    for stage in status.running:
        running.add_row(stage.stage, stage.state.value, str(stage.processes or ""), _told(stage.last))
    topics = Table("topic", "partitions", "kept", "written", title="log")
    for topic in status.topics:
        topics.add_row(topic.topic, str(topic.partitions), str(topic.kept), str(topic.written))
    groups = Table("group", "topic", "lag", "lost unread", title="groups")
    for group in status.groups:
        groups.add_row(group.group, group.topic, str(group.lag), str(group.gap))
    told = Table("stage", "source", "told", "done", "rejected", "lag s", title="the last hour")
    for one in status.stages:
        lag = "" if one.lag is None else f"{one.lag:.1f}"
        told.add_row(one.stage, one.source or "", _local(one.told_at)[-5:], str(one.done), str(one.rejected), lag)
    sources = Table("source", "state", "since", "last good page", title="sources")
    for source in status.sources:
        sources.add_row(source.source, source.state, _told(source.since), _told(source.last_good))
    indexed = f"indexed {status.indexed} ({_counts(status.labels)})"
    quarantined = f"quarantined {sum(status.quarantined.values())}"
    if status.quarantined:
        quarantined += f" ({_counts(status.quarantined)})"
    return Group(
        running,
        topics,
        _unless_empty(groups, "no group has read from the log yet"),
        _unless_empty(told, "no stage has told of its work in the last hour"),
        _unless_empty(sources, "no source was ever read"),
        indexed,
        quarantined,
    )


def quarantine_table(entries: Sequence[Quarantined]) -> RenderableType:
    """Lists each quarantined record: where it lay, why it was refused, whether it was replayed."""
    if not entries:
        return "nothing is quarantined"
    table = Table(Column("id", no_wrap=True), "stage", "topic", "offset", "reason", "detail", "replayed")
    for entry in entries:
        place = f"{entry.topic}/{entry.partition}"
        replayed = "" if entry.replayed_at is None else local_time(entry.replayed_at)
        table.add_row(entry.id, entry.stage, place, str(entry.offset), entry.reason, entry.detail, replayed)
    return table


def _local(wire: str) -> str:
    return local_time(datetime.fromisoformat(wire))


def _told(wire: str | None) -> str:
    return "" if wire is None else _local(wire)


def _unless_empty(table: Table, words: str) -> RenderableType:
    return table if table.row_count else words


def _counts(numbers: dict[str, int]) -> str:
    return ", ".join(f"{name} {number}" for name, number in numbers.items())
