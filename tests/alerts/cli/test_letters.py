from email import message_from_bytes
from email.policy import default
from pathlib import Path

from sqlalchemy import update

from alerts.desk.exercise.letters import ALL
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


def test_one_of_each_letter_is_sent_and_says_what_became_of_it(run: Run, tmp_path: Path) -> None:
    done = run("test-letter", "张敏", "--occasion", "opened", "--occasion", "daily")
    assert (done.exit_code, len(done.stdout.splitlines())) == (0, 2)
    assert done.stdout.startswith("folder\tzhang.min@example.com\t【演练】【请")
    letters = [message_from_bytes(path.read_bytes(), policy=default) for path in (tmp_path / "letters").rglob("*.eml")]
    subjects = sorted(str(letter["Subject"]) for letter in letters)
    assert [subject[:7] for subject in subjects] == ["【演练】【每日", subjects[1][:7]]
    assert subjects[1].endswith("前签收】涉险情信息·较大·负面15条（事件0）")


def test_letters_can_be_written_to_be_looked_at(run: Run, tmp_path: Path) -> None:
    done = run("test-letter", "new@example.com", "--write", str(tmp_path / "looked"))
    assert done.exit_code == 0, done.stderr
    assert len(list((tmp_path / "looked").glob("*.eml"))) == len(ALL)


def test_nobody_the_configuration_knows_is_written_to(run: Run) -> None:
    done = run("test-letter", "王二")
    assert (done.exit_code, "没有「王二」" in done.stderr) == (1, True)
