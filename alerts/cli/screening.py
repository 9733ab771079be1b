"""`screening`: posts for people's eyes, and what they say of them."""

from datetime import timedelta

import click

from alerts.cli.settings import Settings, open_context, with_settings
from alerts.desk.screening import LabelRequest, ScreeningItem, label_post, list_screening
from alerts.notify.phrases import local
from alerts.words import UNVERIFIED
from stream.messages import Label
from stream.process.clock import SystemClock


@click.group()
def screening() -> None:
    """Screen posts for people's eyes: uncertain ones, and unverified claims of danger."""


@screening.command("list")
@click.option("--hours", default=24, show_default=True, help="How far back.")
@click.option("--limit", default=50, show_default=True, help="How many posts, claims of danger first.")
@with_settings
def list_command(settings: Settings, hours: int, limit: int) -> None:
    """List posts that nobody has labelled yet: claims of danger (待核实) first, then uncertain ones."""
    now = SystemClock().now()
    with open_context(settings) as context:
        found = list_screening(context, since=now - timedelta(hours=hours), limit=limit, now=now)
    for item in found:
        click.echo(item_line(item))
    if not found:
        click.echo("没有待看的帖子")


@screening.command("label")
@click.argument("post_id")
@click.argument("label", type=click.Choice(["negative", "neutral", "positive"]))
@click.option("--by", required=True, help="Who judges: a key, name or address of people in alerts.yml.")
@click.option("--case", "case_id", type=int, help="The case during which the post was looked at.")
@with_settings
def label_command(settings: Settings, post_id: str, label: str, by: str, case_id: int | None) -> None:
    """Say what a post is. Kept for measuring the model (python -m nlp feedback); changes neither post nor case."""
    request = LabelRequest(post_id=post_id, label=Label(label), by=by, case_id=case_id)
    with open_context(settings) as context:
        kept = label_post(context, request, SystemClock().now())
    click.echo(f"已记录：{post_id} {label}（{kept.by}）")


def item_line(item: ScreeningItem) -> str:
    """Writes a post as it stands in the list; what it claims is only claimed."""
    claims = f"称有{'、'.join(item.claims)}，{UNVERIFIED}" if item.claims else ""
    return "\t".join((item.post_id, local(item.charted_at), item.quote.site, claims, item.quote.text or ""))
