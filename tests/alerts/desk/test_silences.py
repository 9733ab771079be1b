from datetime import datetime, timedelta

import pytest

from alerts.desk.letters import list_letters
from alerts.desk.register import Register
from alerts.desk.silences import lift_silence, list_silences, silence_topic
from alerts.notify.contents.notice import Colour
from alerts.watch import Watcher
from alerts.workflow.cases import Refused

HOUR = timedelta(hours=1)


def test_a_silence_is_of_a_topic_by_somebody_and_for_a_reason(register: Register, now: datetime) -> None:
    done = silence_topic(register, "outage", HOUR, reason="检修", by="zhang_min", up_to=None, now=now)
    assert (done.topic, done.by, done.reason, done.until, done.up_to) == (
        "outage", "张敏", "检修", now + HOUR, Colour.YELLOW
    )  # fmt: skip
    assert list_silences(register, now) == [done]
    assert list_silences(register, now + HOUR) == []
    assert list_silences(register, None) == [done]


def test_one_of_an_open_case_reaches_up_to_its_grade(register: Register, opened: int, now: datetime) -> None:
    done = silence_topic(register, "outage", HOUR, reason="检修", by="zhang_min", up_to=None, now=now)
    assert done.up_to is Colour.YELLOW
    more = silence_topic(register, "outage", HOUR, reason="检修", by="张敏", up_to=Colour.ORANGE, now=now)
    assert more.up_to is Colour.ORANGE


@pytest.mark.parametrize(
    ("topic", "by", "lasts", "told"),
    [
        ("nothing", "张敏", HOUR, "没有话题 nothing；有：outage"),
        ("outage", "路人", HOUR, "没有「路人」"),
        ("outage", "张敏", 200 * HOUR, "7 天之内"),
    ],
)
def test_what_cannot_be_meant_is_refused_in_words(
    register: Register, now: datetime, topic: str, by: str, lasts: timedelta, told: str
) -> None:
    with pytest.raises(Refused, match=told):
        silence_topic(register, topic, lasts, reason="x", by=by, up_to=None, now=now)


def test_a_silence_is_ended_once(register: Register, now: datetime) -> None:
    done = silence_topic(register, "outage", HOUR, reason="检修", by="张敏", up_to=None, now=now)
    lift_silence(register, done.id, now + HOUR / 2)
    with pytest.raises(Refused, match="没有生效中的静默 1"):
        lift_silence(register, done.id, now + HOUR / 2)


def test_a_letter_that_a_silence_holds_is_listed_with_the_reason(
    register: Register, watcher: Watcher, opened: int, now: datetime
) -> None:
    silence_topic(register, "outage", HOUR, reason="检修", by="张敏", up_to=None, now=now)
    assert watcher.deliver(now) == []
    (held,) = list_letters(register)
    assert held.is_held
    assert held.held_for == "话题静默（张敏，事由：检修）至 9月21日15:02"
    assert held.held_until == now + HOUR
    assert len(watcher.deliver(now + HOUR)) == 1
    (digest,) = [one for one in list_letters(register, also_done=True) if one.case_id is None]
    assert (digest.step, digest.state) == ("digest", "sent")
