"""`outbox`: what was sent, what waits, what was refused. `test-letter`: whether a letter arrives, and how it looks."""

from collections.abc import Sequence
from pathlib import Path

import click

from alerts.cli.settings import Settings, open_register, with_settings
from alerts.desk.exercise.letters import ALL, exercise_letters, recipient
from alerts.desk.exercise.sending import send_samples
from alerts.desk.letters import LetterStatus, list_letters, retry_letter
from alerts.notify.channel import Form, Medium
from alerts.notify.contents.letter import Letter
from alerts.notify.contents.phrases import local
from alerts.notify.kinds import open_channels
from alerts.notify.render.forms import render
from alerts.notify.render.mail import Letterhead
from alerts.notify.render.subject import subject_line
from alerts.notify.routing import Route
from alerts.notify.tables import DIGEST, OVER
from stream.cli.options import Group
from stream.process.clock import SystemClock


@click.group(cls=Group)
def outbox() -> None:
    """See to letters: what was sent, what waits, what was refused."""


@outbox.command("list")
@click.option("--all", "also_done", is_flag=True, help="Also letters that were sent or taken back.")
@with_settings
def list_command(settings: Settings, also_done: bool) -> None:
    """List letters that wait or were refused, with the server's last words."""
    with open_register(settings) as register:
        found = list_letters(register, also_done=also_done)
    for letter in found:
        click.echo(letter_line(letter))
    if not found:
        click.echo("没有信" if also_done else "没有待发或被拒的信")


@outbox.command("retry")
@click.argument("letter_id", type=int)
@with_settings
def retry_command(settings: Settings, letter_id: int) -> None:
    """Send a waiting or refused letter in the next round."""
    with open_register(settings) as register:
        known = retry_letter(register, letter_id, SystemClock().now())
    if not known:
        raise click.ClickException(f"没有待发或被拒的信 {letter_id}")
    click.echo(f"信 {letter_id} 将在下一轮发出")


def letter_line(letter: LetterStatus) -> str:
    """Writes a letter in the list: number, state, what for, to whom, by what, attempts, next try, last words or why."""
    state = "held" if letter.is_held else letter.state
    columns = (letter.id, state, letter.step, letter.recipient, letter.channel or "—", letter.attempts)
    return "\t".join([*map(str, columns), local(letter.next_at), _why(letter)])


def _why(letter: LetterStatus) -> str:
    if letter.is_held:
        return f"暂缓：{letter.held_for}"
    if letter.instead == OVER:
        return "已收回：所办事项已结束或已转他人"
    if letter.instead is not None:
        digest = letter.instead.startswith(DIGEST)
        return f"已收回：{'并入汇总' if digest else '由后一封代替'} {letter.instead}"
    return letter.answer


@click.command("test-letter")
@click.argument("to")
@click.option("--occasion", "named", multiple=True, type=click.Choice(ALL), help="Only this kind; may be repeated.")
@click.option("--write", "folder", type=click.Path(file_okay=False, path_type=Path), help="Write .eml files instead.")
@with_settings
def test_letter(settings: Settings, to: str, named: tuple[str, ...], folder: Path | None) -> None:
    """Send a made-up letter of each kind, marked 【演练】, to TO: a person of alerts.yml or a mail address."""
    config, letterhead = settings.alerts, settings.alerts.routing.letterhead
    if folder is None:
        name, routes = recipient(config, to)
        letters = exercise_letters(config, named, name, SystemClock().now())
        failed = _send(settings, letters, routes, letterhead)
        if failed:
            raise click.ClickException(f"{len(letters)} 封信中有 {failed} 封未送达，原因见上")
        return
    address = to if "@" in to else config.sender
    folder.mkdir(parents=True, exist_ok=True)
    for letter in exercise_letters(config, named, to.partition("@")[0], SystemClock().now()):
        path = folder / f"{letter.id.split('.')[1]}.eml"
        path.write_bytes(render(letter, Form(Medium.MAIL), letterhead, address).content)
        click.echo(f"{path}\t{subject_line(letter)}")


def _send(settings: Settings, letters: Sequence[Letter], routes: Sequence[Route], letterhead: Letterhead) -> int:
    """Sends each letter by every route, says what became of it, and returns how many were not taken."""
    channels = {one.name: one for one in open_channels(settings.alerts.in_use, letterhead)}
    failed = 0
    for one in send_samples(letters, routes, channels, letterhead):
        failed += not one.taken
        answer = one.answer if one.taken else f"未送达：{one.answer}"
        click.echo(f"{one.channel}\t{one.address}\t{one.subject}\t{answer}")
    return failed
