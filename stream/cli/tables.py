"""What the commands of `python -m stream` show to a person at a terminal."""

import sys
from collections.abc import Sequence
from datetime import datetime

from rich.console import Console, Group, RenderableType
from rich.table import Column, Table

from stream.log.quarantine import Quarantined
from stream.messages import Act, Label, ScoredPost
from stream.process.clock import SHANGHAI
from stream.status import Status

SHOWN = 90  # characters of a post in a table's row
LABEL_NAMES = {Label.NEGATIVE: "负面", Label.NEUTRAL: "中性", Label.POSITIVE: "正面", Label.UNCERTAIN: "待人工判断"}

ACT_NAMES = {
    Act.APPEAL: "诉求",
    Act.QUESTION: "疑问",
    Act.STATEMENT: "陈述",
    Act.MOCKERY: "嘲讽",
    Act.CALL: "号召",
}
UNVERIFIED = "【待核实】"  # a post with a cue: nobody has found out whether it is true


def show(what: RenderableType) -> None:
    """A terminal has its own width; a file or a pipe gets one in which ids and reasons stay whole."""
    console = Console() if sys.stdout.isatty() else Console(width=160)
    console.print(what, markup=False, highlight=False)


def status_tables(status: Status) -> Group:
    """Topics, groups, stages, and one line each for the index and the quarantine."""
    topics = Table("topic", "partitions", "kept", "written", title="log")
    for topic in status.topics:
        topics.add_row(topic.topic, str(topic.partitions), str(topic.kept), str(topic.written))
    groups = Table("group", "topic", "lag", "lost unread", title="groups")
    for group in status.groups:
        groups.add_row(group.group, group.topic, str(group.lag), str(group.gap))
    stages = Table("stage", "source", "processes", "told", "done", "rejected", "lag s", title="the last hour")
    for one in status.stages:
        lag = "" if one.lag is None else f"{one.lag:.1f}"
        counts = (str(one.processes), one.told_at, str(one.done), str(one.rejected), lag)
        stages.add_row(one.stage, one.source or "", *counts)
    indexed = f"indexed {status.indexed} ({_counts(status.labels)})"
    quarantined = f"quarantined {sum(status.quarantined.values())}"
    if status.quarantined:
        quarantined += f" ({_counts(status.quarantined)})"
    return Group(topics, groups, stages, indexed, quarantined)


def hits_table(posts: Sequence[ScoredPost], total: int) -> Table:
    """Found posts, for analysts: in Chinese, local time, the beginning of each text."""
    table = Table("时间", "站点", "倾向", "负面概率", "意图", "内容", title=f"{total} 条")
    for post in posts:
        negative = "" if post.negative is None else f"{post.negative:.2f}"
        act = ACT_NAMES[post.act] if post.act else ""
        text = " ".join(f"{UNVERIFIED if post.cues else ''} {post.title} {post.text}".split())[:SHOWN]
        table.add_row(local(post.charted_at), post.site, LABEL_NAMES[post.label], negative, act, text)
    return table


def quarantine_table(entries: Sequence[Quarantined]) -> Table:
    """Each quarantined record: where it lay, why it was refused, whether it was replayed."""
    table = Table(Column("id", no_wrap=True), "stage", "topic", "offset", "reason", "detail", "replayed")
    for entry in entries:
        place = f"{entry.topic}/{entry.partition}"
        replayed = "" if entry.replayed_at is None else local(entry.replayed_at)
        table.add_row(entry.id, entry.stage, place, str(entry.offset), entry.reason, entry.detail, replayed)
    return table


def local(moment: datetime) -> str:
    """A time as staff read it."""
    return moment.astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M")


def _counts(numbers: dict[str, int]) -> str:
    return ", ".join(f"{name} {number}" for name, number in numbers.items())
