"""configs/alerts.yml: who is told, by when, over what; and what counts as unusual."""

from collections.abc import Callable, Iterator
from dataclasses import field
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field, SecretStr, StringConstraints, ValidationInfo, model_validator
from pydantic.dataclasses import dataclass

from alerts.detection.grades import Criterion, Grade
from alerts.detection.signals import Thresholds
from alerts.workflow.ladder import OWNER, Ladder, Step
from stream.process.configuration import STRICT, Duration, Found, read_together, resolve_secrets
from stream.process.loopback import is_loopback_host
from stream.process.mail import MailAddress, is_made_up
from stream.topics import TopicsConfig

Words = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=60, pattern=r"^[^\x00-\x1f\x7f<>]+$")
]
Site = Annotated[
    str, StringConstraints(pattern=r"^https?://[A-Za-z0-9.-]+(:\d{1,5})?(/[A-Za-z0-9._~-]+)*/?$", max_length=200)
]
Host = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9.-]+$", max_length=253)]


@dataclass(frozen=True, kw_only=True, config=STRICT)
class Person:
    """Somebody who gets letters and acts on cases under this name."""

    name: Words
    email: MailAddress


@dataclass(frozen=True, kw_only=True, config=STRICT)
class Desk:
    """A place of responsibility. All of its people get its letters; any of them may act."""

    name: Words
    people: Annotated[tuple[str, ...], Field(min_length=1)]


@dataclass(frozen=True, kw_only=True, config=STRICT)
class SmtpConfig:
    """The mail server. `timeout` is per command, `accept_timeout` after the last line (RFC 5321 4.5.3.2.6).

    `made_up` hands it letters to example.com and the like, for a mailbox of one's own to try with.
    """

    host: Host
    port: Annotated[int, Field(ge=1, le=65535)] = 587
    tls: Literal["starttls", "implicit", "none"] = "starttls"
    ca_file: Path | None = None
    username: str | None = None
    password: SecretStr | None = None
    made_up: bool = False
    timeout: Annotated[Duration, Field(gt=timedelta(0))] = timedelta(seconds=60)
    accept_timeout: Annotated[Duration, Field(gt=timedelta(0))] = timedelta(minutes=10)

    @model_validator(mode="before")
    @classmethod
    def _secrets(cls, raw: Any, info: ValidationInfo) -> Any:
        return resolve_secrets(raw, ("password",), info.context or {})

    @model_validator(mode="after")
    def _guarded(self) -> "SmtpConfig":
        if self.tls == "none" and not is_loopback_host(self.host):
            raise ValueError("tls: none is for a server on this machine only (127.0.0.1)")
        if (self.username is None) != (self.password is None):
            raise ValueError("give username and password_env or password_file, or none of them")
        if self.tls == "none" and self.password is not None:
            raise ValueError("a password is never sent without tls")
        return self


@dataclass(frozen=True, kw_only=True, config=STRICT)
class AlertsConfig:
    """configs/alerts.yml. Letters go through `smtp`; into `folder` where smtp is absent or away too long.

    `kibana` is the address of Kibana, to which letters then link; with `/s/SPACE` for a space.
    """

    organisation: Words
    sender: MailAddress
    host: Host
    people: Annotated[dict[str, Person], Field(min_length=1)]
    desks: Annotated[dict[str, Desk], Field(min_length=1)]
    ladder: Ladder
    grades: tuple[Criterion, ...] = ()
    detector: Thresholds = field(default_factory=Thresholds)
    smtp: SmtpConfig | None = None
    folder: Path | None = None
    kibana: Site | None = None
    renotify_at: Annotated[float, Field(gt=1)] = 2.0
    calm_for: Duration = timedelta(hours=2)
    forget_after: Duration = timedelta(hours=12)
    second_channel_after: Duration = timedelta(minutes=15)
    look_every: Annotated[Duration, Field(gt=timedelta(0))] = timedelta(seconds=30)

    @model_validator(mode="after")
    def _whole(self) -> "AlertsConfig":
        """Collects what is missing, so that one run tells all of it."""
        wrong = [f"ladder.desks: {step} is missing" for step in Step if step not in self.ladder.desks]
        for grade in Grade:
            limits = self.ladder.limits.get(grade, {})
            wrong += [f"ladder.limits.{grade}: {step} is missing" for step in Step if step not in limits]
        if self.smtp is None and self.folder is None:
            wrong.append("give smtp or folder: letters need a way out")
        if wrong:
            raise ValueError("; ".join(wrong))
        return self

    @model_validator(mode="wrap")
    @classmethod
    def _named_ones_exist(cls, raw: Any, read: Callable[[Any], "AlertsConfig"]) -> "AlertsConfig":  # around _whole
        return read_together(raw, read, unknown_names(raw))

    def mistakes(self) -> Iterator[tuple[str, str]]:
        """Addresses that nobody has, where mail would go to them: left out, a step would wait for nobody."""
        if self.smtp is None or self.smtp.made_up:
            return
        addresses = {"sender": self.sender} | {f"people.{key}.email": one.email for key, one in self.people.items()}
        for key, address in addresses.items():
            if is_made_up(address):
                yield key, f"{address} is made up, and {self.smtp.host} would be given mail for it: write a real one"


def unknown_names(raw: Any) -> Iterator[Found]:
    """People and desks that are named and not there, seen in the file as it is: other keys may be wrong as well."""
    people, desks = _keys(raw, "people"), _keys(raw, "desks")
    for desk, one in desks.items():
        for at, name in enumerate(_list(one, "people")):
            if isinstance(name, str) and name not in people:
                yield ("desks", desk, "people", at), name, "nobody is called so in people"
    for step, rungs in _keys(_keys(raw, "ladder"), "desks").items():
        for at, desk in enumerate(rungs if isinstance(rungs, list) else ()):
            if isinstance(desk, str) and desk not in {*desks, OWNER}:
                yield ("ladder", "desks", step, at), desk, "no such desk"


def _keys(raw: Any, key: str) -> dict[Any, Any]:
    found = raw.get(key) if isinstance(raw, dict) else None
    return found if isinstance(found, dict) else {}


def _list(raw: Any, key: str) -> list[Any]:
    found = raw.get(key) if isinstance(raw, dict) else None
    return found if isinstance(found, list) else []


def unknown_owners(config: AlertsConfig, topics: TopicsConfig) -> list[tuple[str, str]]:
    """Topics whose owner is no desk, with the owner's name."""
    return [(key, topic.owner) for key, topic in topics.topics.items() if topic.owner not in config.desks]
