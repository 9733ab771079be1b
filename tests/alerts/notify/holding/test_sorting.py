"""Held letters in the database: let go at their time, told together where there are several, and none of them lost."""

from datetime import time, timedelta

import pytest
from sqlalchemy import Engine

from alerts.notify.channel import Medium, Unreachable
from alerts.notify.contents.bulletin import Bulletin
from alerts.notify.contents.letter import read_letter
from alerts.notify.contents.notice import Colour, Notice
from alerts.notify.holding.silences import add_silence, end_silence
from alerts.notify.outbox import CaseRef, retry, withdraw
from alerts.notify.tables import OutboxRow
from alerts.people.directory import Person
from alerts.people.hours import Quiet
from stream.state.database import transaction
from tests.alerts.notify.posting import MINUTE, NOW, ZHANG, Door, notice, open_task, put, routing, rows, send

HOUR = 60 * MINUTE
NIGHT = NOW + timedelta(hours=9)  # 23:02 in Beijing
MORNING = NOW.replace(hour=23, minute=0)
QUIET = Quiet(**{"from": time(22), "to": time(7)})  # type: ignore[arg-type]
SLEEPY = routing("door", people={"zhang": Person(name="张敏", email="zhang.min@example.com", quiet=QUIET)})
ONE = routing("door")


def case(engine: Engine, number: int) -> CaseRef:
    ref = open_task(engine, f"topic{number}")
    return CaseRef(ref.case_id, ref.task_id, ref.step, ref.revision, topic=f"topic{number}", owner="dispatch")


def about(number: int, **changes: object) -> Notice:
    named = {"case": number, "topic": f"话题{number}"} | changes
    return notice(f"{number}.a@h", **named)


def spikes(engine: Engine, ways: object, count: int, **changes: object) -> list[CaseRef]:
    refs = [case(engine, number) for number in range(1, count + 1)]
    for number, ref in enumerate(refs, 1):
        put(engine, ways, ref, about(number, **changes))  # type: ignore[arg-type]
    return refs


def digests(engine: Engine) -> list[tuple[OutboxRow, Bulletin]]:
    found = []
    for row in rows(engine):
        letter = read_letter(row.notice or "")
        if isinstance(letter, Bulletin):
            found.append((row, letter))
    return found


def lines(bulletin: Bulletin) -> tuple[str, ...]:
    return next(section.lines for section in bulletin.sections if section.title.startswith("请您办理"))


def test_one_letter_of_the_night_goes_by_itself_in_the_morning(engine: Engine) -> None:
    spikes(engine, SLEEPY, 1, at=NIGHT)
    door = Door([True])
    assert send(engine, SLEEPY, NIGHT, door) == []
    (row,) = rows(engine)
    assert (row.cleared, row.held_for, row.held_until, row.next_at) == (False, "quiet", MORNING, MORNING)
    assert send(engine, SLEEPY, MORNING - MINUTE, door) == []
    assert len(send(engine, SLEEPY, MORNING, door)) == 1
    assert [name for _, _, name in door.taken] == ["<1.a@h>"]


def test_several_of_the_night_are_one_digest_in_which_each_demand_is_named(engine: Engine) -> None:
    spikes(engine, SLEEPY, 3, at=NIGHT)
    door = Door([True])
    send(engine, SLEEPY, NIGHT, door)
    send(engine, SLEEPY, MORNING, door)
    ((row, told),) = digests(engine)
    assert [name for _, _, name in door.taken] == [row.message_id]
    assert told.subject == "【汇总】3 封通知，最近时限 9月21日15:02"
    assert lines(told) == tuple(f"[较大] 事件 {n}「话题{n}」：签收，时限 9月21日15:02（已过时限）" for n in (1, 2, 3))
    assert told.sections[0].lines == ("免打扰时段内暂缓：3 封",)
    assert [(one.state, one.instead) for one in rows(engine) if one.case_id] == [("withdrawn", row.message_id)] * 3


def test_red_wakes_whoever_sleeps(engine: Engine) -> None:
    spikes(engine, SLEEPY, 1, at=NIGHT, colour=Colour.RED)
    assert len(send(engine, SLEEPY, NIGHT, Door([True]))) == 1


def test_what_is_done_in_the_night_is_not_in_the_mornings_digest(engine: Engine) -> None:
    refs = spikes(engine, SLEEPY, 3, at=NIGHT)
    send(engine, SLEEPY, NIGHT, Door([True]))
    with transaction(engine) as session:
        withdraw(session, refs[1].task_id or 0)
    send(engine, SLEEPY, MORNING, Door([True]))
    ((_, told),) = digests(engine)
    assert [line.split("「")[0] for line in lines(told)] == ["[较大] 事件 1", "[较大] 事件 3"]


def test_a_storm_of_five_hundred_topics_is_thirty_letters_and_one_digest(engine: Engine) -> None:
    """F51: nobody's mailbox is filled, and no case and no demand is lost."""
    spikes(engine, ONE, 500)
    door = Door([True])
    send(engine, ONE, NOW, door)
    assert len(door.taken) == 30
    send(engine, ONE, NOW + MINUTE, door)
    ((_, told),) = digests(engine)
    assert len(door.taken) == 31
    alone = {int(name[1:].split(".")[0]) for _, _, name in door.taken[:30]}
    summed = {int(line.split("事件 ")[1].split("「")[0]) for line in lines(told)}
    assert alone | summed == set(range(1, 501))
    assert not alone & summed


def test_a_medium_with_a_limit_has_as_many_digests_as_name_every_demand(engine: Engine) -> None:
    ways = routing("chat", media={"chat": Medium.TEXT})
    spikes(engine, ways, 100)
    chat = Door([True], "chat")
    send(engine, ways, NOW, chat)
    send(engine, ways, NOW + MINUTE, chat)
    said = "".join(content.decode() for _, content, _ in chat.taken[30:])
    assert len(digests(engine)) == 2
    assert len([n for n in range(1, 101) if f"事件 {n}「" in said]) == 70


def test_a_digest_that_did_not_go_out_is_replaced_by_one_that_names_what_it_named(engine: Engine) -> None:
    refs = spikes(engine, ONE, 34)
    closed = Door([Unreachable("closed")])
    send(engine, ONE, NOW, closed)
    send(engine, ONE, NOW + MINUTE, closed)
    held = [row.case_id or 0 for row in rows(engine) if row.instead]
    assert len(held) == 4
    for number in range(35, 40):
        put(engine, ONE, case(engine, number), about(number, at=NOW + 20 * MINUTE))
    with transaction(engine) as session:
        withdraw(session, refs[held[0] - 1].task_id or 0)
    send(engine, ONE, NOW + 20 * MINUTE, closed)
    send(engine, ONE, NOW + 40 * MINUTE, closed)
    states = {row.message_id: row.state for row, _ in digests(engine)}
    (waiting,) = [(row, told) for row, told in digests(engine) if row.state == "queued"]
    assert sorted(states.values()) == ["queued", "withdrawn"]
    named = [int(line.split("事件 ")[1].split("「")[0]) for line in lines(waiting[1])]
    assert sorted(named) == [*held[1:], 35, 36, 37, 38, 39]


def test_what_a_silence_withheld_is_told_at_its_end_even_if_it_is_one(engine: Engine) -> None:
    add_silence(engine, "topic1", NOW + HOUR, reason="计划检修", by="李强", up_to=Colour.YELLOW, now=NOW)
    spikes(engine, ONE, 2)
    door = Door([True])
    send(engine, ONE, NOW, door)
    assert [name for _, _, name in door.taken] == ["<2.a@h>"]
    send(engine, ONE, NOW + HOUR, door)
    ((row, told),) = digests(engine)
    assert door.taken[-1][2] == row.message_id
    assert told.sections[0].lines == ("话题静默（李强，事由：计划检修）至 9月21日15:02：1 封",)


def test_a_silence_that_is_ended_early_tells_at_once(engine: Engine) -> None:
    silence = add_silence(engine, "topic1", NOW + HOUR, reason="检修", by="李强", up_to=Colour.BLUE, now=NOW)
    spikes(engine, ONE, 1, colour=Colour.BLUE)
    door = Door([True])
    assert send(engine, ONE, NOW, door) == []
    assert end_silence(engine, silence.id, NOW + MINUTE)
    assert not end_silence(engine, silence.id, NOW + 2 * MINUTE)
    assert len(send(engine, ONE, NOW + MINUTE, door)) == 1


@pytest.mark.parametrize(
    ("hours", "reason", "up_to"),
    [(0, "x", Colour.BLUE), (169, "x", Colour.BLUE), (1, " ", Colour.BLUE), (1, "x", Colour.RED)],
)
def test_a_silence_has_an_end_within_a_week_a_reason_and_is_never_of_red(
    engine: Engine, hours: int, reason: str, up_to: Colour
) -> None:
    with pytest.raises(ValueError, match="静默"):
        add_silence(engine, "t", NOW + hours * HOUR, reason=reason, by="张敏", up_to=up_to, now=NOW)


def test_a_held_letter_can_be_sent_by_hand(engine: Engine) -> None:
    spikes(engine, SLEEPY, 1, at=NIGHT)
    send(engine, SLEEPY, NIGHT, Door([True]))
    assert retry(engine, NIGHT, rows(engine)[0].id)
    assert len(send(engine, SLEEPY, NIGHT, Door([True]))) == 1


def test_where_a_digest_cannot_be_written_the_letters_go_by_themselves(engine: Engine) -> None:
    spikes(engine, SLEEPY, 2, at=NIGHT)
    send(engine, SLEEPY, NIGHT, Door([True]))
    gone = routing("door", people={"li": ZHANG})
    assert len(send(engine, gone, MORNING, Door([True]))) == 2
