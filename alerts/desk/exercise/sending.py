"""Made-up letters on their way: by every route of one person, with what the far side answered."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from alerts.notify.channel import Channel, Undeliverable, Unreachable
from alerts.notify.contents.letter import Letter
from alerts.notify.render.forms import render
from alerts.notify.render.mail import Letterhead, message_id
from alerts.notify.render.subject import subject_line
from alerts.notify.routing import Route

GIVEN_UP = 2  # tries of a channel that does not answer: each one more would only cost its patience again


@dataclass(frozen=True, slots=True)
class SampleAnswer:
    """What became of one letter by one channel: whether it was taken, and the far side's words."""

    channel: str
    address: str
    subject: str
    taken: bool
    answer: str


def send_samples(
    letters: Sequence[Letter], routes: Sequence[Route], channels: Mapping[str, Channel], letterhead: Letterhead
) -> Iterator[SampleAnswer]:
    """Sends each letter by every route, and yields what became of it. A channel that is away is not tried for long."""
    away = dict.fromkeys(channels, 0)
    for letter in letters:
        for route in routes:
            subject = subject_line(letter)
            if away[route.channel] >= GIVEN_UP:
                yield SampleAnswer(route.channel, route.address, subject, False, "通道连不上，未再尝试")
                continue
            content = render(letter, route.form, letterhead, route.address).content
            try:
                answer = channels[route.channel].send(route.address, content, message_id(letter.id))
            except Unreachable as error:
                away[route.channel] += 1
                yield SampleAnswer(route.channel, route.address, subject, False, str(error))
            except Undeliverable as error:
                yield SampleAnswer(route.channel, route.address, subject, False, error.detail)
            else:
                yield SampleAnswer(route.channel, route.address, subject, True, answer)
