from sqlalchemy import update

from alerts.notify.tables import OutboxRow
from stream.state.database import open_state, transaction
from tests.alerts.cli.conftest import Run


def test_lists_without_a_letter_say_so(run: Run) -> None:
    assert run("outbox", "list").stdout == "没有待发或被拒的信\n"
    assert run("outbox", "list", "--all").stdout == "没有信\n"


def test_a_sent_letter_is_listed_only_with_all_and_not_sent_again(watched: Run) -> None:
    assert watched("outbox", "list").stdout == "没有待发或被拒的信\n"
    number, state, step, recipient, channel, attempts, *_ = (
        watched("outbox", "list", "--all").stdout.rstrip("\n").split("\t")
    )
    assert (number, state, step, recipient, channel, attempts) == (
        "1", "sent", "opened-acknowledge", "zhang.min@example.com", "folder", "1"
    )  # fmt: skip
    again = watched("outbox", "retry", "1")
    assert (again.exit_code, again.stderr) == (1, "Error: 没有待发或被拒的信 1\n")


def test_a_refused_letter_is_listed_with_the_servers_words_and_can_be_tried_again(watched: Run, state_url: str) -> None:
    engine = open_state(state_url)
    with transaction(engine) as session:
        session.execute(update(OutboxRow).values(state="failed", answer="smtp: 550 no such user"))
    engine.dispose()
    assert "\tfailed\t" in watched("outbox", "list").stdout
    assert "550 no such user" in watched("check").stdout
    assert watched("outbox", "retry", "1").stdout == "信 1 将在下一轮发出\n"
    assert "\tqueued\t" in watched("outbox", "list").stdout
