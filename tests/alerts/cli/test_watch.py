"""The rounds of the watcher: alone, and as a process that is told to stop."""

import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from email import message_from_bytes
from functools import partial
from pathlib import Path
from threading import Barrier, Event
from typing import Any

import pytest
from yaml import safe_dump, safe_load

from alerts.cli.watch import ReplyRound, run_rounds
from alerts.notify.inbox import InboxConfig
from alerts.replies.inbox import InboxAway
from stream.errors import Retryable
from tests.alerts.cli.conftest import ROOT, Run
from tests.alerts.replies.mailing import DovecotMailbox, configured, mail


class Rounds:
    """Parts of a round that note that they were asked, in place of a watcher; one of them may be away or broken."""

    def __init__(self, **fails: Exception) -> None:
        self.asked: list[str] = []
        self.stop = Event()
        self._fails = fails

    def _ask(self, part: str) -> None:
        self.asked.append(part)
        if part in self._fails:
            raise self._fails[part]

    def look(self, _now: datetime) -> None:
        self._ask("look")

    def escalate(self, _now: datetime) -> None:
        self._ask("escalate")

    def deliver(self, _now: datetime) -> None:
        self._ask("deliver")

    def finish(self, _seconds: float) -> None:
        """Waits for no letter: none is on its way."""

    def tell(self, _now: datetime) -> None:
        self._ask("tell")

    def reply(self, _now: datetime) -> None:
        self._ask("reply")

    def mind(self, _now: datetime) -> None:
        self._ask("mind")

    def run(self, every: timedelta | None = None, replies: ReplyRound | None = None) -> None:
        watcher: Any = self
        run_rounds(watcher, self.tell, every, self.stop, partial(self.asked.append, "looked"), (self.mind,), replies)


def test_one_round_is_every_part_once() -> None:
    rounds = Rounds()
    rounds.run()
    assert rounds.asked == ["look", "looked", "escalate", "mind", "deliver", "tell"]


def test_a_part_that_is_away_stops_no_other_and_a_look_that_failed_is_none() -> None:
    rounds = Rounds(look=Retryable("the index is away"), tell=Retryable("the log is away"))
    rounds.run()
    assert rounds.asked == ["look", "escalate", "mind", "deliver", "tell"]


def test_answers_are_read_before_the_looking_where_there_is_a_mailbox() -> None:
    rounds = Rounds()
    rounds.run(replies=ReplyRound(rounds.reply, timedelta(hours=1)))
    assert rounds.asked == ["reply", "look", "looked", "escalate", "mind", "deliver", "tell"]


def test_a_mailbox_that_is_away_or_hangs_stops_no_other_part() -> None:
    away = Rounds(reply=InboxAway("refused"))
    away.run(replies=ReplyRound(away.reply, timedelta(hours=1)))
    assert away.asked == ["reply", "look", "looked", "escalate", "mind", "deliver", "tell"]
    hanging = Rounds()

    def hang(_now: datetime) -> None:
        until = time.monotonic() + 20
        while time.monotonic() < until and hanging.asked.count("tell") < 1 + hanging.asked.count("hung"):
            time.sleep(0.01)
        hanging.asked.append("hung")
        hanging.stop.set()

    hanging.run(timedelta(hours=1), ReplyRound(hang, timedelta(hours=1)))
    assert {"look", "escalate", "deliver", "tell"} < set(hanging.asked)
    assert hanging.asked[-1] == "hung"


def test_every_part_has_a_thread_of_its_own_however_many_there_are() -> None:
    """None waits for another one to end, which none does before all are asked to."""
    rounds, all_here = Rounds(), Barrier(5, timeout=20)

    def meet(name: str) -> Callable[[datetime], None]:
        def part(_now: datetime) -> None:
            rounds.asked.append(name)
            all_here.wait()
            rounds.stop.set()

        return part

    for name in ("look", "mind", "deliver", "tell"):
        setattr(rounds, name, meet(name))
    rounds.run(timedelta(hours=1), ReplyRound(meet("reply"), timedelta(hours=1)))
    assert {"look", "mind", "deliver", "tell", "reply"} <= set(rounds.asked)


@pytest.mark.parametrize("part", ["look", "deliver", "tell", "reply", "mind"])
def test_what_crashes_one_loop_ends_all_of_them(part: str) -> None:
    rounds = Rounds(**{part: ZeroDivisionError()})
    with pytest.raises(ZeroDivisionError):
        rounds.run(timedelta(hours=1), ReplyRound(rounds.reply, timedelta(hours=1)))
    assert rounds.stop.is_set()


def test_a_round_opens_a_case_and_sends_its_letter(watched: Run, tmp_path: Path) -> None:
    assert len(list((tmp_path / "letters").glob("*.eml"))) == 1
    assert "停电抢修" in watched("case", "list").stdout


def test_the_watcher_stops_cleanly_on_sigterm(configs: Path, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "alerts"]
    watcher = subprocess.Popen(
        [*command, "watch", "--configs", str(configs)], cwd=ROOT, stderr=subprocess.PIPE, text=True
    )
    for _ in range(200):
        if (tmp_path / "log.db").exists():  # opened last
            break
        time.sleep(0.1)
    time.sleep(0.5)
    watcher.send_signal(signal.SIGTERM)
    _, errors = watcher.communicate(timeout=20)
    assert watcher.returncode == 0, errors


def test_an_answer_in_the_mailbox_is_done_and_answered_in_the_next_round(
    watched: Run, configs: Path, tmp_path: Path, dovecot: DovecotMailbox
) -> None:
    """The letter before there was a mailbox has no code; the one after it has, and is answered from the office."""
    with_mailbox(configs, dovecot.config)
    assert watched("case", "open", "--topic", "bill", "--by", "zhang_min", "--why", "来电").exit_code == 0
    assert watched("watch", "--once").exit_code == 0
    letters = [message_from_bytes(path.read_bytes()) for path in (tmp_path / "letters").glob("*.eml")]
    (letter,) = [one for one in letters if one["Reply-To"] == dovecot.config.address]
    headers = {"In_Reply_To": str(letter["Message-ID"]), "References": "", "From": str(letter["To"])}
    dovecot.put(mail("收到", **headers))
    dovecot.put(mail("收到", From="evil@example.org", In_Reply_To="", References=""))
    assert watched("watch", "--once").exit_code == 0
    assert dovecot.left() == 0
    said = [path for path in (tmp_path / "letters").glob("*.eml") if ".answer." in path.name]
    assert len(said) == 1
    told = watched("status").stdout
    assert "inbox: read " in told
    assert "replies of the last 90 days: acted 1, stranger 1" in told
    assert "inbox" not in watched("check").stdout


def test_a_mailbox_that_cannot_be_read_is_told_in_status(watched: Run, configs: Path, tmp_path: Path) -> None:
    (tmp_path / "password").write_text("x", "utf-8")
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    raw = {"address": "a@example.com", "host": "127.0.0.1", "port": port, "tls": "none", "username": "u"}
    with_mailbox(configs, configured(raw | {"password_env": "WENFENG_INBOX"}))
    assert watched("watch", "--once").exit_code == 0
    assert "inbox: never read, away since " in (told := watched("status").stdout)
    assert f"127.0.0.1:{port}: ConnectionRefusedError" in told


def with_mailbox(configs: Path, inbox: InboxConfig) -> None:
    """Writes the mailbox into alerts.yml, its password into a file beside it."""
    secret = configs / "inbox.password"
    secret.touch(mode=0o600)
    secret.write_text(inbox.password.get_secret_value(), "utf-8")
    alerts = safe_load((configs / "alerts.yml").read_text("utf-8"))
    alerts["inbox"] = {
        "address": inbox.address, "host": inbox.host, "port": inbox.port, "tls": inbox.tls, "folder": inbox.folder,
        "username": inbox.username, "password_file": str(secret),
    }  # fmt: skip
    (configs / "alerts.yml").write_text(safe_dump(alerts, allow_unicode=True), "utf-8")
