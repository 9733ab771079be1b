"""Who is reached by which channels: those of the first route that fits, else all in the configuration's order."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from alerts.notify.channel import ChannelConfig, Form, Medium
from alerts.notify.console import ConsoleConfig
from alerts.notify.contents.notice import Colour
from alerts.notify.holding.policy import Inhibition, RouteRule
from alerts.notify.kinds import address_of, kind_of
from alerts.notify.render.mail import Letterhead
from alerts.people.directory import Desk, Person

MOST = 30  # letters to one person in ten minutes; set by us


@dataclass(frozen=True, slots=True)
class Route:
    """A channel by which somebody is reached, where, and what a notice must be made into."""

    channel: str
    address: str
    form: Form


@dataclass(frozen=True, slots=True)
class LetterFacts:
    """What a letter's way depends on: its topic's key ("" for none), its grade, when it was written."""

    topic: str
    colour: Colour | None
    at: datetime


def is_weekday(day: date) -> bool:
    """Tells whether the day is one from Monday to Friday: for those who know no other calendar."""
    return day.weekday() < 5


@dataclass(frozen=True, slots=True)
class Routing:
    """The rule: the first route is the main one, each further one is due `wait` after the one before it.

    `reply_to` is the mailbox that answers to letters are read from, None where there is none. `desks`, `inhibits` and
    `letters_per_10m` say what is held: alerts/notify/holding. `console` is where letters lead to, None for nowhere.
    """

    channels: Mapping[str, ChannelConfig]
    people: Mapping[str, Person]
    letterhead: Letterhead
    wait: timedelta
    reply_to: str | None = None
    rules: tuple[RouteRule, ...] = ()
    is_workday: Callable[[date], bool] = is_weekday
    desks: Mapping[str, Desk] = field(default_factory=dict)
    inhibits: tuple[Inhibition, ...] = ()
    letters_per_10m: int = MOST
    console: ConsoleConfig | None = None

    def routes(self, key: str, facts: LetterFacts | None = None) -> tuple[Route, ...]:
        """Tells how the person of that key is reached; () for somebody whom the configuration knows no more.

        A rule by whose channels this person cannot be reached does not count: a letter always has a way.
        """
        person = self.people.get(key)
        if person is None:
            return ()
        return self._by(person, self._named(facts)) or self._by(person, tuple(self.channels))

    def mail_routes(self, email: str) -> tuple[Route, ...]:
        """Tells how a finished e-mail to that address may go."""
        found = ((name, config.form) for name, config in self.channels.items())
        return tuple(Route(name, email, form) for name, form in found if form.medium is Medium.MAIL)

    def _named(self, facts: LetterFacts | None) -> tuple[str, ...]:
        if facts is None:
            return ()
        fitting = (rule for rule in self.rules if rule.fits(facts.topic, facts.colour, facts.at, self.is_workday))
        return next((rule.channels for rule in fitting), ())

    def _by(self, person: Person, names: tuple[str, ...]) -> tuple[Route, ...]:
        known = {name: self.channels[name] for name in names if name in self.channels}
        found = ((name, address_of(person, name, kind_of(config))) for name, config in known.items())
        return tuple(Route(name, address, known[name].form) for name, address in found if address)
