"""At which desks somebody sits, and what that lets them do. Pure."""

from dataclasses import dataclass
from datetime import datetime

from alerts.config import AlertsConfig
from alerts.people.duty import members
from alerts.words import STEP_NAMES
from alerts.workflow.ladder import OWNER, leaders, rungs
from alerts.workflow.parts import Who
from alerts.workflow.rules import WORKFLOW
from stream.topics import TopicsConfig


@dataclass(frozen=True, slots=True)
class Seat:
    """A desk by name, and what its people may do: names of `steps` of every case, and of the cases on its `topics`.

    `always`: its people may do every step of every case. `stands_in`: the person is there for somebody who is away.
    """

    desk: str
    steps: tuple[str, ...]
    topics: tuple[str, ...]
    owned: tuple[str, ...]
    always: bool
    stands_in: bool


def seats_of(config: AlertsConfig, topics: TopicsConfig, person: str, now: datetime) -> tuple[Seat, ...]:
    """Lists the desks for which the person of that key may act now, in the configuration's order."""
    there = (key for key, desk in config.desks.items() if person in members(desk, config.people, now))
    return tuple(_seat(config, topics, key, person) for key in there)


def _seat(config: AlertsConfig, topics: TopicsConfig, key: str, person: str) -> Seat:
    desk = config.desks[key]
    owned = tuple(topic.name for topic in topics.watched.values() if topic.owner == key)
    steps = {rule.step: rule.who for rule in WORKFLOW.rules if rule.step is not None}
    named = {step for step in steps if key in rungs(config.ladder, step)}
    of_all = [step for step, who in steps.items() if (who is Who.INVOLVED and named) or step in named]
    of_own = [step for step in steps if owned and OWNER in rungs(config.ladder, step) and step not in of_all]
    return Seat(
        desk=desk.name, steps=tuple(STEP_NAMES[step] for step in of_all), topics=owned if of_own else (),
        owned=tuple(STEP_NAMES[step] for step in of_own), always=key in leaders(config.ladder),
        stands_in=person not in desk.people,
    )  # fmt: skip
