"""`outbox`: what was sent, what waits, what was refused."""

import click

from alerts.cli.settings import Settings, open_register, with_settings
from alerts.desk.letters import LetterStatus, list_letters, retry_letter
from alerts.notify.phrases import local
from stream.process.clock import SystemClock


@click.group()
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
    """Writes a letter in the list: number, state, what for, to whom, by what, attempts, when next, last words."""
    columns = (letter.id, letter.state, letter.step, letter.recipient, letter.channel or "—", letter.attempts)
    return "\t".join([*map(str, columns), local(letter.next_at), letter.answer])
