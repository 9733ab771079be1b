"""Who is reached by which channels: every one the person has an address for, in the configuration's order."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from alerts.notify.channel import ChannelConfig, Form, Medium
from alerts.notify.kinds import address_of, kind_of
from alerts.notify.render.mail import Letterhead
from alerts.people.directory import Person


@dataclass(frozen=True, slots=True)
class Route:
    """A channel by which somebody is reached, where, and what a notice must be made into."""

    channel: str
    address: str
    form: Form


@dataclass(frozen=True, slots=True)
class Routing:
    """The rule: the first route is the main one, each further one is due `wait` after the one before it."""

    channels: Mapping[str, ChannelConfig]
    people: Mapping[str, Person]
    letterhead: Letterhead
    wait: timedelta

    def routes(self, key: str) -> tuple[Route, ...]:
        """Tells how the person of that key is reached; () for somebody whom the configuration knows no more."""
        person = self.people.get(key)
        if person is None:
            return ()
        found = ((name, address_of(person, name, kind_of(config))) for name, config in self.channels.items())
        return tuple(Route(name, address, self.channels[name].form) for name, address in found if address)

    def mail_routes(self, email: str) -> tuple[Route, ...]:
        """Tells how a finished e-mail to that address may go."""
        found = ((name, config.form) for name, config in self.channels.items())
        return tuple(Route(name, email, form) for name, form in found if form.medium is Medium.MAIL)
