"""People and desks as alerts.yml names them, the words and addresses it permits, and who is meant by a name."""

from collections.abc import Iterator, Mapping
from dataclasses import field
from typing import Annotated

from pydantic import Field, StringConstraints
from pydantic.dataclasses import dataclass

from alerts.people.hours import Quiet
from alerts.people.shifts import Away, Shift
from stream.process.configuration import STRICT
from stream.process.mail import HostName, MailAddress

Words = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=60, pattern=r"^[^\x00-\x1f\x7f<>]+$")
]
Email = MailAddress
Host = HostName
Address = Annotated[str, StringConstraints(min_length=1, max_length=254, pattern=r"^[^\x00-\x20\x7f<>]+$")]


@dataclass(frozen=True, kw_only=True, config=STRICT)
class Person:
    """Somebody who gets notices and acts on cases under this name.

    `addresses` says where this person is reached by the channels of that name; `email` serves every channel that
    takes an e-mail address and is not named there. `away` are days on which somebody else is called, `quiet` the hours
    in which only what is grave is sent.
    """

    name: Words
    email: Email | None = None
    addresses: dict[str, Address] = field(default_factory=dict)
    away: tuple[Away, ...] = ()
    quiet: Quiet | None = None

    @property
    def known_as(self) -> str:
        """What notices to this person are told apart by: it must stay while cases are open."""
        return self.email or next(iter(self.addresses.values()), self.name)


@dataclass(frozen=True, kw_only=True, config=STRICT)
class Desk:
    """A place of responsibility. Any of its people may act; all get its notices, or who is on `duty` at that hour.

    `quiet` is for those of them who have no quiet hours of their own.
    """

    name: Words
    people: Annotated[tuple[str, ...], Field(min_length=1)]
    duty: tuple[Shift, ...] = ()
    quiet: Quiet | None = None


class Ambiguous(LookupError):
    """Raised when several people are called so; `keys` are theirs."""

    def __init__(self, keys: tuple[str, ...]) -> None:
        super().__init__(", ".join(keys))
        self.keys = keys


def find_person(people: Mapping[str, Person], by: str) -> Person | None:
    """Finds the person called so: by key, else by name or e-mail address; None for a stranger.

    A key is one person's alone. A name that several have raises `Ambiguous`: nobody acts as somebody else.
    """
    named = _called(people, by)
    if len(named) > 1:
        raise Ambiguous(named)
    return people[named[0]] if named else None


def find_desk(desks: Mapping[str, Desk], people: Mapping[str, Person], named: str) -> str | None:
    """Finds the key of the desk called so, by key or name, or of the one desk at which people called so sit.

    None where there is none, or more than one.
    """
    by_name = [key for key, desk in desks.items() if named in (key, desk.name)]
    found = by_name or [key for key, desk in desks.items() if set(_called(people, named)) & set(desk.people)]
    return found[0] if len(found) == 1 else None


def _called(people: Mapping[str, Person], by: str) -> tuple[str, ...]:
    """Lists the keys of the people called so: one by key, else all by name or e-mail address."""
    if by in people:
        return (by,)
    return tuple(key for key, person in people.items() if by and by in (person.name, person.email))


def key_of(people: Mapping[str, Person], person: Person) -> str | None:
    """Finds the key of one of the people; two who are alike in every word are told apart. None for a stranger."""
    return next((key for key, one in people.items() if one is person), None)


def signature(people: Mapping[str, Person], person: Person) -> str:
    """Writes who a person is for the record: the name, with the key where others have that name, too."""
    shared = sum(one.name == person.name for one in people.values()) > 1
    return f"{person.name}（{key_of(people, person)}）" if shared else person.name


def told_apart(people: Mapping[str, Person], person: Person) -> str:
    """Says what notices to this person are told apart by: `known_as`, with the key where others share that."""
    shared = sum(one.known_as == person.known_as for one in people.values()) > 1
    return f"{person.known_as} {key_of(people, person)}" if shared else person.known_as


def namesakes(people: Mapping[str, Person]) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Yields each name that several people have, with their keys."""
    yield from shared({key: person.name for key, person in people.items()})


def one_mailbox(people: Mapping[str, Person]) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Yields each mail address that several people have, with their keys."""
    yield from shared({key: person.email.casefold() for key, person in people.items() if person.email})


def shared(words: Mapping[str, str]) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Yields each word that stands at several keys, with these keys."""
    for word in dict.fromkeys(words.values()):
        keys = tuple(key for key, one in words.items() if one == word)
        if len(keys) > 1:
            yield word, keys
