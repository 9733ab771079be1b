"""`silence`: topics of which nothing is written for a while."""

from datetime import timedelta

import click
from pydantic import TypeAdapter, ValidationError

from alerts.cli.settings import Settings, open_register, with_settings
from alerts.desk.register import Register
from alerts.desk.silences import lift_silence, list_silences, silence_topic
from alerts.notify.contents.notice import Colour
from alerts.notify.contents.phrases import local
from alerts.notify.holding.silences import Silence
from stream.cli.options import Group
from stream.process.clock import SystemClock
from stream.process.configuration import Duration

COLOURS = {Colour.RED: "红", Colour.ORANGE: "橙", Colour.YELLOW: "黄", Colour.BLUE: "蓝"}
_DURATION: TypeAdapter[timedelta] = TypeAdapter(Duration)


@click.group(cls=Group)
def silence() -> None:
    """Withhold letters about a topic for a while, with a reason; red ones are always sent."""


def _duration(_: click.Context, __: click.Parameter, words: str) -> timedelta:
    try:
        return _DURATION.validate_python(words)
    except ValidationError as error:
        raise click.BadParameter(f"{words!r} is no duration: write 2h or 3d") from error


@silence.command("add")
@click.argument("topic")
@click.option("--for", "lasts", required=True, callback=_duration, help="How long: 2h, 3d; at most 7d.")
@click.option("--reason", required=True, help="Why.")
@click.option("--by", required=True, help="Who answers for it: key, name or address.")
@click.option(
    "--up-to", type=click.Choice([one.value for one in Colour if one is not Colour.RED]),
    help="The gravest colour withheld; without it that of the open case, or yellow.",
)  # fmt: skip
@with_settings
def add_command(settings: Settings, topic: str, lasts: timedelta, reason: str, by: str, up_to: str | None) -> None:
    """Withhold letters about TOPIC, a key of topics.yml; what was withheld is told in one letter at the end."""
    with open_register(settings) as register:
        done = silence_topic(
            register, topic, lasts, reason=reason, by=by, up_to=Colour(up_to) if up_to else None,
            now=SystemClock().now(),
        )  # fmt: skip
        click.echo(silence_line(register, done))


@silence.command("list")
@click.option("--all", "also_ended", is_flag=True, help="Also those that are over.")
@with_settings
def list_command(settings: Settings, also_ended: bool) -> None:
    """List silences: number, topic, gravest colour withheld, until when, who and why."""
    with open_register(settings) as register:
        found = list_silences(register, None if also_ended else SystemClock().now())
        for one in found:
            click.echo(silence_line(register, one))
    if not found:
        click.echo("没有静默" if also_ended else "没有生效中的静默")


@silence.command("end")
@click.argument("number", type=int)
@with_settings
def end_command(settings: Settings, number: int) -> None:
    """End a silence now; what it withheld is told in the next round."""
    with open_register(settings) as register:
        lift_silence(register, number, SystemClock().now())
    click.echo(f"静默 {number} 已结束，期间暂缓的通知将在下一轮汇总告知")


def silence_line(register: Register, one: Silence) -> str:
    """Writes a silence in the list."""
    told = (str(one.id), register.topic_name(one.topic), f"{COLOURS[one.up_to]}色及以下", f"至 {local(one.until)}")
    return "\t".join([*told, one.by, one.reason])
