"""`terms`: what people suddenly speak of, and making a topic of it."""

import json
import sys
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path

import click
from rich.table import Column, Table

from alerts.cli.settings import Settings, read_settings, with_settings
from alerts.desk.terms import FILE, Span, adopt_term, excerpt, list_bursts, past_spans
from alerts.terms.adoption import NewTopic
from alerts.terms.bursts import BurstingTerm
from alerts.workflow.cases import Refused
from stream.cli.options import Group, configs_option, explaining_errors
from stream.cli.tables import show
from stream.engines import open_index_reader, refuse_absent
from stream.process.clock import SystemClock
from stream.topics import TopicsConfig


@click.group(cls=Group)
def terms() -> None:
    """See which terms burst against their own past, and make topics of them."""


@terms.command("list")
@click.option("--hours", type=click.FloatRange(0.25, 24 * 7), default=6, show_default=True, help="What is recent.")
@click.option("--past-days", type=click.FloatRange(0.5, 90), default=14, show_default=True, help="What is the past.")
@click.option("--limit", type=click.IntRange(1, 200), default=20, show_default=True, help="How many terms.")
@click.option("--json", "as_json", is_flag=True, help="One JSON array instead of a table.")
@with_settings
def list_command(settings: Settings, hours: float, past_days: float, limit: int, as_json: bool) -> None:
    """List terms said by far more authors than usual, of all posts whatever their topic, with examples."""
    now = SystemClock().now()
    past = past_spans(now, timedelta(hours=hours), timedelta(days=past_days))
    refuse_absent(settings.stream, "index")
    with (
        closing(open_index_reader(settings.stream)) as reader,
        click.progressbar(past, label=f"读取过去 {past_days:g} 天", file=sys.stderr) as spans,
    ):
        found = list_bursts(reader, Span(now - timedelta(hours=hours), now), spans, limit)
    if as_json:
        click.echo(json.dumps([as_values(one, now) for one in found], ensure_ascii=False))
    elif found:
        show(terms_table(found, settings.topics, now))
    else:
        click.echo(f"最近 {hours:g} 小时没有突增的词")


@terms.command("adopt")
@configs_option
@click.argument("term")
@click.option("--key", required=True, help="The topic's key: small letters, digits, - and _.")
@click.option("--name", required=True, help="What people call it.")
@click.option("--owner", required=True, help="The desk of alerts.yml that finds out the truth.")
@click.option("--dry-run", is_flag=True, help="Show what would be added, and change nothing.")
def adopt_command(configs: Path, term: str, key: str, name: str, owner: str, dry_run: bool) -> None:
    """Make TERM a topic of its own: adds it to topics.yml, where everything else stays as it is."""
    with explaining_errors():
        settings = read_settings(configs)
        try:
            topic = NewTopic(term=term, key=key, name=name, owner=owner)
            added = adopt_term(configs, settings.alerts, topic, dry_run=dry_run)
        except Refused as refused:
            raise click.ClickException(refused.detail) from refused
    click.echo(added)
    path = configs / FILE
    click.echo(f"未改动 {path}" if dry_run else f"已加入 {path}，重启 nlp 和 alerts 后生效；已入库的帖子不会重新归类")


def terms_table(found: list[BurstingTerm], topics: TopicsConfig, now: datetime) -> Table:
    """Makes the table for analysts: each term with one example."""
    numbers = [Column(name, justify="right", no_wrap=True) for name in ("人数", "平时", "帖数", "偏离")]
    table = Table(Column("词语", no_wrap=True), *numbers, "主题", "例子")
    for one in found:
        usual = f"{one.usual_authors:.1f}" if one.usual_authors >= 0.1 else "<0.1"
        quoted = next((words for post in one.examples if (words := excerpt(post, one.term, now))), "")
        counts = (str(one.authors), usual, str(one.posts), f"{one.score:.1f}")
        table.add_row(one.term, *counts, _known(one, topics), quoted)
    return table


def as_values(one: BurstingTerm, now: datetime) -> dict[str, object]:
    """Writes a term for a program; examples by the posts' ids, their words masked."""
    examples = [{"id": post.id, "text": excerpt(post, one.term, now)} for post in one.examples]
    return {
        "term": one.term, "topic": one.topic, "authors": one.authors, "usual_authors": one.usual_authors,
        "posts": one.posts, "score": one.score, "examples": examples,
    }  # fmt: skip


def _known(one: BurstingTerm, topics: TopicsConfig) -> str:
    if one.topic is None:
        return "无"
    return f"已有：{topics.watched[one.topic].name}" if one.topic in topics.watched else f"已有：{one.topic}"
