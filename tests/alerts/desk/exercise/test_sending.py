"""Samples go by every route, what the far side said is told, and a channel that is away is not tried for long."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from alerts.config import AlertsConfig
from alerts.desk.exercise.letters import ALL, exercise_letters, recipient
from alerts.desk.exercise.sending import GIVEN_UP, SampleAnswer, send_samples
from alerts.notify.channel import Channel, Undeliverable, Unreachable


@dataclass
class Post:
    """A channel that answers as it is told to."""

    error: Exception | None = None
    name: str = "folder"
    longest: timedelta = timedelta(seconds=1)
    sent: list[str] = field(default_factory=list)

    def send(self, address: str, content: bytes, message_id: str) -> str:
        self.sent.append(message_id)
        if self.error is not None:
            raise self.error
        return "250 taken"


def send(config: AlertsConfig, channel: Post, now: datetime) -> list[SampleAnswer]:
    name, routes = recipient(config, "zhang_min")
    channels: Mapping[str, Channel] = {"folder": channel}
    return list(send_samples(exercise_letters(config, (), name, now), routes, channels, config.routing.letterhead))


def test_one_of_every_kind_goes_out_under_a_name_of_its_own(config: AlertsConfig, now: datetime) -> None:
    channel = Post()
    found = send(config, channel, now)
    assert len(found) == len(ALL) == len(set(channel.sent))
    assert {(one.channel, one.address, one.taken, one.answer) for one in found} == {
        ("folder", "zhang.min@example.com", True, "250 taken")
    }
    assert all(one.subject.startswith("【演练】") for one in found)


def test_a_channel_that_is_away_is_tried_twice_and_no_more(config: AlertsConfig, now: datetime) -> None:
    channel = Post(Unreachable("no answer"))
    found = send(config, channel, now)
    assert len(channel.sent) == GIVEN_UP
    assert not any(one.taken for one in found)
    assert [one.answer for one in found[:3]] == ["no answer", "no answer", "通道连不上，未再尝试"]


def test_a_letter_that_is_refused_keeps_no_other_from_being_tried(config: AlertsConfig, now: datetime) -> None:
    channel = Post(Undeliverable("550 no such user"))
    found = send(config, channel, now)
    assert len(channel.sent) == len(ALL)
    assert {one.answer for one in found} == {"550 no such user"}
