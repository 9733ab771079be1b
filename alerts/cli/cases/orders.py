"""`case merge`, `split`, `assign`, `cc`, `supervise`, `grade`: what is ordered about a case beside its steps."""

from collections.abc import Callable

import click

from alerts.casefile.acting.merging import merge, split
from alerts.casefile.acting.orders import assign, copy_to, regrade_by_hand, supervise
from alerts.cli.settings import Settings, open_context, with_settings
from alerts.detection.grades import GRADE_NAMES, Grade
from alerts.words import ORDER_NAMES
from alerts.workflow.cases import Order
from stream.process.clock import SystemClock


def by_whom(reason: str) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Gives a command the options that say who orders, why (by the option `reason`), and who types."""

    def wrap(command: Callable[..., None]) -> Callable[..., None]:
        command = click.option("--typed-by", default="", help="Who types this for the person who said it.")(command)
        command = click.option(reason, "note", required=True, help="Why; stands in the record.")(command)
        return click.option("--by", required=True, help="Who orders: a key, name or address. Taken on trust.")(command)

    return wrap


@click.command("merge")
@click.argument("case_id", type=int)
@click.argument("into", type=int)
@by_whom("--note")
@with_settings
def merge_command(settings: Settings, case_id: int, into: int, by: str, note: str, typed_by: str) -> None:
    """End a case as merged INTO another open one, which then shows its posts and is told of its topic."""
    with open_context(settings) as context:
        merge(context, case_id, into, Order(by, note, typed_by=typed_by), SystemClock().now())
    click.echo(f"事件 {case_id}：已并入事件 {into}")


@click.command("split")
@click.argument("case_id", type=int)
@click.option(
    "--post", "posts", multiple=True, required=True, help="The id of a post that is another event's; may be repeated."
)
@by_whom("--why")
@with_settings
def split_command(settings: Settings, case_id: int, posts: tuple[str, ...], by: str, note: str, typed_by: str) -> None:
    """Open a new case over some posts of one: the same topic, another event. The topic's waves stay where they are."""
    with open_context(settings) as context:
        opened = split(context, case_id, Order(by, note, typed_by=typed_by), posts, SystemClock().now())
    click.echo(f"事件 {opened.id}：已由事件 {case_id} {ORDER_NAMES['split']}，{GRADE_NAMES[opened.grade]}")


@click.command("assign")
@click.argument("case_id", type=int)
@click.argument("desk")
@by_whom("--note")
@with_settings
def assign_command(settings: Settings, case_id: int, desk: str, by: str, note: str, typed_by: str) -> None:
    """Hand the step that is owed to another DESK, by its key or name, with the rest of the limit."""
    with open_context(settings) as context:
        assign(context, case_id, Order(by, note, typed_by=typed_by), desk, SystemClock().now())
    click.echo(f"事件 {case_id}：已{ORDER_NAMES['assign']}「{desk}」")


@click.command("cc")
@click.argument("case_id", type=int)
@click.argument("people", nargs=-1, required=True)
@by_whom("--note")
@with_settings
def cc_command(settings: Settings, case_id: int, people: tuple[str, ...], by: str, note: str, typed_by: str) -> None:
    """Let PEOPLE have a copy of every further letter of the case; nothing is asked of them."""
    with open_context(settings) as context:
        copy_to(context, case_id, Order(by, note, typed_by=typed_by), people, SystemClock().now())
    click.echo(f"事件 {case_id}：已{ORDER_NAMES['copy']} {'、'.join(people)}")


@click.command("supervise")
@click.argument("case_id", type=int)
@by_whom("--note")
@with_settings
def supervise_command(settings: Settings, case_id: int, by: str, note: str, typed_by: str) -> None:
    """Put a case under a leader's supervision: its limits are halved from here on."""
    with open_context(settings) as context:
        supervise(context, case_id, Order(by, note, typed_by=typed_by), SystemClock().now())
    click.echo(f"事件 {case_id}：已列入{ORDER_NAMES['supervise']}，时限减半")


@click.command("grade")
@click.argument("case_id", type=int)
@click.argument("grade", type=click.Choice([str(one) for one in Grade]))
@by_whom("--note")
@with_settings
def grade_command(settings: Settings, case_id: int, grade: str, by: str, note: str, typed_by: str) -> None:
    """Set a case's grade, up or down. The watcher does not change it then: what is graver it suggests."""
    with open_context(settings) as context:
        regrade_by_hand(context, case_id, Order(by, note, typed_by=typed_by), Grade(grade), SystemClock().now())
    click.echo(f"事件 {case_id}：等级已认定为「{GRADE_NAMES[Grade(grade)]}」")


ORDERS = (merge_command, split_command, assign_command, cc_command, supervise_command, grade_command)
