"""configs/alerts.yml: who is told, by when, over what; and what counts as unusual."""

from dataclasses import field
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field, SecretStr, StringConstraints, ValidationInfo, model_validator
from pydantic.dataclasses import dataclass

from alerts.detection.grades import Criterion
from alerts.detection.signals import Thresholds
from alerts.workflow.ladder import OWNER, Ladder, mistakes
from stream.process.configuration import STRICT, Duration, resolve_secrets
from stream.process.loopback import is_loopback_host
from stream.topics import TopicsConfig

Words = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=60, pattern=r"^[^\x00-\x1f\x7f<>]+$")
]
Address = Annotated[
    str, StringConstraints(pattern=r"^[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]+@[A-Za-z0-9.-]+$", max_length=254)
]
Site = Annotated[
    str, StringConstraints(pattern=r"^https?://[A-Za-z0-9.-]+(:\d{1,5})?(/[A-Za-z0-9._~-]+)*/?$", max_length=200)
]
Host = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9.-]+$", max_length=253)]


@dataclass(frozen=True, kw_only=True, config=STRICT)
class Person:
    """Somebody who gets letters and acts on cases under this name."""

    name: Words
    email: Address


@dataclass(frozen=True, kw_only=True, config=STRICT)
class Desk:
    """A place of responsibility. All of its people get its letters; any of them may act."""

    name: Words
    people: Annotated[tuple[str, ...], Field(min_length=1)]


@dataclass(frozen=True, kw_only=True, config=STRICT)
class SmtpConfig:
    """The mail server. `timeout` is per command, `accept_timeout` after the last line (RFC 5321 4.5.3.2.6)."""

    host: Host
    port: Annotated[int, Field(ge=1, le=65535)] = 587
    tls: Literal["starttls", "implicit", "none"] = "starttls"
    ca_file: Path | None = None
    username: str | None = None
    password: SecretStr | None = None
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
    sender: Address
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
        """Collects what is missing between the parts, so that one run tells all of it."""
        wrong = [
            f"desk {key}: nobody is called {name!r} in people"
            for key, desk in self.desks.items()
            for name in desk.people
            if name not in self.people
        ]
        for step, rungs in self.ladder.desks.items():
            wrong += [f"ladder.desks.{step}: no desk {desk!r}" for desk in rungs if desk not in {*self.desks, OWNER}]
        wrong += mistakes(self.ladder)
        if self.smtp is None and self.folder is None:
            wrong.append("give smtp or folder: letters need a way out")
        if wrong:
            raise ValueError("; ".join(wrong))
        return self


def unknown_owners(config: AlertsConfig, topics: TopicsConfig) -> list[tuple[str, str]]:
    """Topics whose owner is no desk, with the owner's name."""
    return [(key, topic.owner) for key, topic in topics.topics.items() if topic.owner not in config.desks]
