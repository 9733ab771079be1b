"""People and desks as alerts.yml names them, the words and addresses it permits, and who is meant by a name."""

from collections.abc import Mapping
from dataclasses import field
from typing import Annotated

from pydantic import Field, StringConstraints
from pydantic.dataclasses import dataclass

from stream.process.configuration import STRICT
from stream.process.mail import MailAddress

Words = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=60, pattern=r"^[^\x00-\x1f\x7f<>]+$")
]
Email = MailAddress
Host = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9.-]+$", max_length=253)]
Address = Annotated[str, StringConstraints(min_length=1, max_length=254, pattern=r"^[^\x00-\x20\x7f<>]+$")]


@dataclass(frozen=True, kw_only=True, config=STRICT)
class Person:
    """Somebody who gets notices and acts on cases under this name.

    `addresses` says where this person is reached by the channels of that name; `email` serves every channel that
    takes an e-mail address and is not named there.
    """

    name: Words
    email: Email | None = None
    addresses: dict[str, Address] = field(default_factory=dict)

    @property
    def known_as(self) -> str:
        """What notices to this person are told apart by: it must stay while cases are open."""
        return self.email or next(iter(self.addresses.values()), self.name)


@dataclass(frozen=True, kw_only=True, config=STRICT)
class Desk:
    """A place of responsibility. All of its people get its notices; any of them may act."""

    name: Words
    people: Annotated[tuple[str, ...], Field(min_length=1)]


def find_person(people: Mapping[str, Person], by: str) -> Person | None:
    """Finds the person called so: by key, name or e-mail address; None for a stranger."""
    named = (person for key, person in people.items() if by and by in (key, person.name, person.email))
    return next(named, None)
