"""One server that hangs, loses its answers or turns people away holds up nobody else: real servers on the loopback."""

import asyncio
import socket
import time
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session
from sqlalchemy import Engine

from alerts.casefile.deliveries import note_attempt
from alerts.notify.channel import AnswerLost, Unreachable
from alerts.notify.channels.folder import FolderChannel, FolderConfig
from alerts.notify.channels.smtp import SmtpChannel, SmtpConfig
from alerts.notify.delivery import Sender
from alerts.notify.outbox import CaseRef, Outcome
from alerts.people.directory import Person
from stream.process.clock import ScriptedClock
from tests.alerts.notify.posting import MINUTE, NOW, Door, notice, open_task, put, routing, rows, send, states

HOUR = 60 * MINUTE
TWO = routing("smtp", "folder")
LOST = AnswerLost("no answer after the whole message")
FIVE = {f"p{number}": Person(name=f"第{number}人", email=f"p{number}@example.com") for number in range(5)}


class Server:
    """A mail server that does at each recipient, or after the message, what `does` says of it."""

    def __init__(self, does: Callable[[str], str]) -> None:
        self.does = does
        self.kept: list[str] = []
        self.free = asyncio.Event()

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's name
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        told = self.does(address)
        if told[:1].isdigit():
            return told
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        (address,) = envelope.rcpt_tos
        self.kept.append(address)
        told = self.does(address)
        if told == "hang":
            await asyncio.sleep(60)
        if told == "drop":
            transport: Any = server.transport
            transport.abort()
        return "250 kept"


@pytest.fixture
def serve() -> Iterator[Callable[[Callable[[str], str]], tuple[Server, SmtpChannel]]]:
    running: list[Controller] = []

    def one(does: Callable[[str], str]) -> tuple[Server, SmtpChannel]:
        with socket.create_server(("127.0.0.1", 0)) as probe:
            port = probe.getsockname()[1]
        server = Server(does)
        running.append(Controller(server, hostname="127.0.0.1", port=port))
        running[-1].start()
        config = SmtpConfig(host="127.0.0.1", port=port, tls="none")  # with the limits that ship
        return server, SmtpChannel(config, "wenfeng@example.com")

    yield one
    for controller in running:
        controller.stop()


Serve = Callable[[Callable[[str], str]], tuple[Server, SmtpChannel]]


def written(folder: Path) -> int:
    return len(list(folder.glob("*.eml")))


def in_folder(engine: Engine) -> set[str]:
    return {row.state for row in rows(engine) if row.channel == "folder"}


def five_letters(engine: Engine) -> CaseRef:
    ways = routing("smtp", "folder", people=FIVE)
    ref = open_task(engine)
    for key in FIVE:
        put(engine, ways, ref, notice(f"1.{key}@h"), key)
    return ref


def test_five_people_at_a_hanging_server_have_their_letters_in_the_folder_when_the_second_channel_is_due(
    engine: Engine, serve: Serve, tmp_path: Path
) -> None:
    five_letters(engine)
    _, smtp = serve(lambda _: "hang")
    clock = ScriptedClock(NOW)
    sender = Sender(
        engine, [smtp, FolderChannel(FolderConfig(path=tmp_path))], routing("smtp", "folder", people=FIVE),
        note_attempt, clock=clock, patience=0.5,
    )  # fmt: skip
    assert sender.round(clock.now()) == []  # three hang, two wait for their turn
    clock.turn_to(NOW + 14 * MINUTE)
    assert sender.round(clock.now()) == []
    clock.turn_to(NOW + 15 * MINUTE)
    began = time.monotonic()
    deadline = began + 15
    while in_folder(engine) != {"sent"} and time.monotonic() < deadline:
        sender.round(clock.now())
    assert written(tmp_path) == 5
    assert in_folder(engine) == {"sent"}
    assert [row.state for row in rows(engine) if row.channel == "smtp"].count("claimed") == 3


def test_one_recipient_who_hangs_holds_up_nobody_else(engine: Engine, serve: Serve, tmp_path: Path) -> None:
    five_letters(engine)
    _, smtp = serve(lambda address: "hang" if address.startswith("p0") else "")
    sender = Sender(engine, [smtp], routing("smtp", people=FIVE), note_attempt, clock=ScriptedClock(NOW), patience=3.0)
    done = sender.round(NOW)
    assert sorted(one.recipient for one in done) == [f"p{number}@example.com" for number in range(1, 5)]
    assert {one.outcome for one in done} == {Outcome.SENT}


def test_one_refused_of_five_is_one_refused(engine: Engine, serve: Serve, tmp_path: Path) -> None:
    five_letters(engine)
    server, smtp = serve(lambda address: "550 no such user" if address.startswith("p3") else "")
    send(engine, routing("smtp", "folder", people=FIVE), NOW, smtp, FolderChannel(FolderConfig(path=tmp_path)))
    assert sorted(server.kept) == [f"p{number}@example.com" for number in (0, 1, 2, 4)]
    assert written(tmp_path) == 1  # the second way of the one who was refused, at once


def test_a_server_that_lets_nobody_in_for_an_hour_gets_each_letter_once(engine: Engine, serve: Serve) -> None:
    """Greylisting: 450 until the hour is over."""
    ways, moment = routing("smtp"), [NOW]
    server, smtp = serve(lambda _: "" if moment[0] >= NOW + HOUR else "450 greylisted, come back later")
    put(engine, ways, open_task(engine))
    for minute in range(0, 160, 2):
        moment[0] = NOW + minute * MINUTE
        send(engine, ways, moment[0], smtp)
    assert server.kept == ["zhang.min@example.com"]
    assert states(engine) == {"smtp": "sent"}


@pytest.mark.parametrize("told", ["421 too many connections", "451 rate limit", "452 full"])
def test_who_is_turned_away_for_now_is_not_tried_oftener_than_the_pauses_allow(
    engine: Engine, serve: Serve, told: str
) -> None:
    ways = routing("smtp")
    server, smtp = serve(lambda _: told)
    put(engine, ways, open_task(engine))
    tries = [one for minute in range(60) for one in send(engine, ways, NOW + minute * MINUTE, smtp)]
    assert len(tries) == 6
    assert server.kept == []


def test_a_server_that_keeps_each_letter_and_loses_each_answer_gets_three_copies_in_twelve_hours(
    engine: Engine, serve: Serve, tmp_path: Path
) -> None:
    server, smtp = serve(lambda _: "drop")
    put(engine, TWO, open_task(engine))
    folder = FolderChannel(FolderConfig(path=tmp_path))
    send(engine, TWO, NOW, smtp, folder)
    assert written(tmp_path) == 0
    send(engine, TWO, NOW + MINUTE, smtp, folder)
    assert written(tmp_path) == 1  # the second channel need not wait any longer
    for hour in range(13):
        send(engine, TWO, NOW + hour * HOUR + 2 * MINUTE, smtp, folder)
    assert len(server.kept) == 3
    (main, _) = rows(engine)
    assert (main.lost, main.state) == (3, "queued")


def test_lost_answers_are_counted_in_a_row_and_pauses_grow_to_a_day(engine: Engine) -> None:
    ways = routing("door")
    put(engine, ways, open_task(engine))
    door, at, pauses = Door([LOST, Unreachable("closed"), LOST]), NOW, []
    for _ in range(7):
        send(engine, ways, at, door)
        (row,) = rows(engine)
        pauses.append(row.next_at - at)
        at = row.next_at
    assert pauses == [MINUTE, 2 * MINUTE, 5 * MINUTE, 6 * HOUR, 12 * HOUR, 24 * HOUR, 24 * HOUR]


def test_a_try_is_dated_when_it_ended(engine: Engine) -> None:
    clock = ScriptedClock(NOW)
    put(engine, routing("door"), open_task(engine))

    class Slow(Door):
        def send(self, recipient: str, content: bytes, message_id: str) -> str:
            clock.turn_to(NOW + 12 * MINUTE)
            raise Unreachable("timed out")

    sender = Sender(engine, [Slow([True])], routing("door"), note_attempt, clock=clock)
    (attempt,) = sender.round(NOW)
    assert attempt.at == NOW + 12 * MINUTE
    assert rows(engine)[0].next_at == NOW + 13 * MINUTE


def test_what_fails_the_whole_process_in_a_thread_is_raised_by_the_round(engine: Engine) -> None:
    put(engine, routing("door"), open_task(engine))

    class Broken(Door):
        def send(self, recipient: str, content: bytes, message_id: str) -> str:
            raise MemoryError("no mail fault at all")

    sender = Sender(engine, [Broken([True])], routing("door"), note_attempt)
    with pytest.raises(MemoryError, match="no mail fault"):
        sender.round(NOW)
    assert rows(engine)[0].state == "claimed"


def test_the_end_waits_for_a_letter_that_is_on_its_way_and_not_for_ever(engine: Engine) -> None:
    put(engine, routing("door"), open_task(engine))

    class Slow(Door):
        def send(self, recipient: str, content: bytes, message_id: str) -> str:
            time.sleep(0.6)
            return super().send(recipient, content, message_id)

    sender = Sender(engine, [Slow([True])], routing("door"), note_attempt, patience=0.05)
    assert sender.round(NOW) == []
    began = time.monotonic()
    sender.finish(0.01)
    assert time.monotonic() - began < 0.4
    sender.finish(10)
    assert states(engine) == {"door": "sent"}
    assert [one.outcome for one in sender.round(datetime.fromisoformat("2026-09-21T07:00:00+00:00"))] == [Outcome.SENT]
