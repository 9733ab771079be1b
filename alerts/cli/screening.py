"""`screening`: posts for people's eyes, and what they say of them."""

from datetime import timedelta

import click

from alerts.cli.settings import Settings, open_context, with_settings
from alerts.desk.screening import LabelRequest, ScreeningItem, label_post, list_screening, undo_label
from alerts.notify.contents.phrases import local
from alerts.words import UNVERIFIED
from stream.cli.options import Group
from stream.messages import Label
from stream.process.clock import SystemClock


@click.group(cls=Group)
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
@click.argument("label", type=click.Choice([label.value for label in Label]))
@click.option("--by", required=True, help="Who judges: a key, name or address of people in alerts.yml.")
@click.option("--case", "case_id", type=int, help="The case during which the post was looked at.")
@with_settings
def label_command(settings: Settings, post_id: str, label: str, by: str, case_id: int | None) -> None:
    """Say what a post is; `uncertain` where you cannot tell, so that nobody is asked again.

    Kept for measuring the model (python -m nlp feedback); changes neither post nor case.
    """
    request = LabelRequest(post_id=post_id, label=Label(label), by=by, case_id=case_id)
    with open_context(settings) as context:
        kept = label_post(context, request, SystemClock().now())
    click.echo(f"已记录：{post_id} {label}（{kept.by}）")


@screening.command("undo")
@click.option("--by", required=True, help="Whose label: a key, name or address of people in alerts.yml.")
@with_settings
def undo_command(settings: Settings, by: str) -> None:
    """Take back one's own last label, within ten minutes; the label before it, if any, counts again."""
    with open_context(settings) as context:
        gone = undo_label(context, by, SystemClock().now())
    click.echo(f"已撤销：{gone.post_id} {gone.label}（{gone.by}）")


def item_line(item: ScreeningItem) -> str:
    """Writes a post as it stands in the list; what it claims is only claimed. Copies are one line."""
    told = [f"称有{'、'.join(item.claims)}，{UNVERIFIED}"] if item.claims else []
    if item.copies > 1:
        told.append(f"另有 {item.copies - 1} 条同文，一并判断")
    return "\t".join((item.post_id, local(item.charted_at), item.quote.site, "；".join(told), item.quote.text or ""))
