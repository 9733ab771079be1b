"""configs/alerts.yml: who is told, by when, over what; and what counts as unusual."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import field
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any

from pydantic import Field, StringConstraints, model_validator
from pydantic.dataclasses import dataclass

from alerts.briefs.policy import BriefsConfig
from alerts.detection.grades import Criterion
from alerts.detection.series.detector import QUIET
from alerts.detection.signals import Thresholds
from alerts.detection.triggers import TriggerRow
from alerts.incidents.policy import HeartbeatConfig, IncidentsConfig, with_operators
from alerts.notify.channel import ChannelConfig
from alerts.notify.console import ConsoleRow, Site
from alerts.notify.holding.policy import Inhibition, RouteRule, wrong_rules
from alerts.notify.inbox import InboxConfig
from alerts.notify.kinds import Channels, Smtp, made_up_recipients, short_form, wrong_addresses
from alerts.notify.render.mail import Letterhead
from alerts.notify.routing import MOST, Routing
from alerts.people.directory import Desk, Email, Host, Person, Words
from alerts.people.duty import duty_mistakes
from alerts.workflow.ladder import OWNER, Ladder, mistakes
from stream.calendar import CALENDAR
from stream.process.configuration import STRICT, WITHOUT_CONTROLS, Duration, Found, read_together
from stream.topics import TopicsConfig, place_of

Key = Annotated[str, StringConstraints(min_length=1, max_length=60, pattern=WITHOUT_CONTROLS)]


@dataclass(frozen=True, kw_only=True, config=STRICT)
class AlertsConfig:
    """configs/alerts.yml. Notices go by `channels` in their order: the first is the main one, each further one is used
    where those before it have not taken a notice `second_channel_after` longer. `smtp` and `folder` are the short form
    for installations that have no others: by mail, and into the folder where mail is absent or away too long.

    `triggers` are what opens a case whatever the counts, a row each: alerts/detection/triggers.py.

    `routes`, `inhibits` and `letters_per_10m` say by which channels letters go and which wait for a digest: rows of
    alerts/notify/holding/policy.py.
    `incidents` is what counts as trouble of our own, `heartbeat` where a sign of life goes, `briefs` who gets which
    summary when.

    `kibana` is the address of Kibana, to which letters then link; with `/s/SPACE` for a space. `console` is where
    people act on a page of ours: alerts/notify/console.py.

    `inbox` is the mailbox where letters are answered: alerts/notify/inbox.py.

    `evidence_key_file` is the key that seals what cases secure of sites' pages; it is read when that is asked for, and
    nothing else needs it.
    """

    organisation: Words
    sender: Email
    host: Host
    people: Annotated[dict[Key, Person], Field(min_length=1)]
    desks: Annotated[dict[Key, Desk], Field(min_length=1)]
    ladder: Ladder
    grades: tuple[Criterion, ...] = ()
    detector: Thresholds = field(default_factory=Thresholds)
    triggers: tuple[TriggerRow, ...] = ()
    channels: Channels = field(default_factory=dict)
    smtp: Smtp | None = None
    folder: Path | None = None
    kibana: Site | None = None
    inbox: InboxConfig | None = None
    console: ConsoleRow | None = None
    renotify_at: Annotated[float, Field(gt=1)] = 2.0
    calm_for: Duration = QUIET
    forget_after: Duration = timedelta(hours=12)
    second_channel_after: Duration = timedelta(minutes=15)
    routes: tuple[RouteRule, ...] = ()
    inhibits: tuple[Inhibition, ...] = ()
    letters_per_10m: Annotated[int, Field(ge=1)] = MOST
    look_every: Annotated[Duration, Field(gt=timedelta(0))] = timedelta(seconds=30)
    incidents: IncidentsConfig = field(default_factory=IncidentsConfig)
    heartbeat: HeartbeatConfig | None = None
    briefs: BriefsConfig = field(default_factory=BriefsConfig)
    evidence_key_file: Path | None = None

    @property
    def console_address(self) -> str:
        """What letters lead to, without a slash at its end; "" where they lead to no page of ours."""
        return self.console.base if self.console and self.console.address else ""

    @property
    def in_use(self) -> Mapping[str, ChannelConfig]:
        """The configuration of every channel by its name, in the order of use."""
        return self.channels or short_form(self.smtp, self.folder)

    @property
    def routing(self) -> Routing:
        """Who is reached by which channels, in which order."""
        return Routing(
            self.in_use, self.people, Letterhead(self.sender, self.host), self.second_channel_after,
            reply_to=self.inbox.address if self.inbox else None, rules=self.routes,
            is_workday=CALENDAR.is_working_day, desks=self.desks, inhibits=self.inhibits,
            letters_per_10m=self.letters_per_10m, console=self.console,
        )  # fmt: skip

    @model_validator(mode="after")
    def _whole(self) -> "AlertsConfig":
        """Collects what is missing between the parts, so that one run tells all of it."""
        wrong = list(mistakes(self.ladder))
        if self.channels and (self.smtp is not None or self.folder is not None):
            wrong.append("channels: smtp and folder belong below it now, so that their order is said: move them there")
        if not self.in_use:
            wrong.append("give smtp or folder, or channels: letters need a way out")
        wrong += [*wrong_addresses(self.in_use, self.people), *duty_mistakes(self.desks, self.people)]
        wrong += wrong_rules(self.routes, self.inhibits, self.in_use)
        if wrong:
            raise ValueError("; ".join(wrong))
        return self

    @model_validator(mode="wrap")
    @classmethod
    def _named_ones_exist(cls, raw: Any, read: Callable[[Any], "AlertsConfig"]) -> "AlertsConfig":  # around _whole
        return read_together(with_operators(raw), read, unknown_names(raw))

    def mistakes(self) -> Iterator[tuple[str, str]]:
        """Yields addresses that nobody has, where mail would go to them: left out, a step would wait for nobody."""
        yield from made_up_recipients(self.in_use, self.people, self.sender)


def unknown_names(raw: Any) -> Iterator[Found]:
    """Yields people and desks that are named and not there, in the file as it is: other keys may be wrong as well."""
    people, desks = _keys(raw, "people"), _keys(raw, "desks")
    if OWNER in desks:
        yield ("desks", OWNER), OWNER, "in the ladder this is the desk of a case's topic: give the desk another key"
    for desk, one in desks.items():
        for at, name in enumerate(_list(one, "people")):
            if isinstance(name, str) and name not in people:
                yield ("desks", desk, "people", at), name, "nobody is called so in people"
    for step, rungs in _keys(_keys(raw, "ladder"), "desks").items():
        for at, desk in enumerate(rungs if isinstance(rungs, list) else ()):
            if isinstance(desk, str) and desk not in {*desks, OWNER}:
                yield ("ladder", "desks", step, at), desk, "no such desk"
    for at, desk in enumerate(_list(_keys(raw, "ladder"), "may_always")):
        if isinstance(desk, str) and desk not in desks:
            yield ("ladder", "may_always", at), desk, "no such desk"
    wanted = _keys(raw, "incidents").get("desk")
    if isinstance(wanted, str) and wanted not in desks:
        yield ("incidents", "desk"), wanted, "no such desk"
    yield from _unknown_readers(raw, people)


def _unknown_readers(raw: Any, people: dict[Any, Any]) -> Iterator[Found]:
    for at, name in enumerate(_list(_keys(raw, "console"), "administrators")):
        if isinstance(name, str) and name not in people:
            yield ("console", "administrators", at), name, "nobody is called so in people"
    reader = _keys(raw, "heartbeat").get("mail")
    if isinstance(reader, str) and reader not in people:
        yield ("heartbeat", "mail"), reader, "nobody is called so in people"
    for kind, one in _keys(raw, "briefs").items():
        for at, name in enumerate(_list(one, "people")):
            if isinstance(name, str) and name not in people:
                yield ("briefs", kind, "people", at), name, "nobody is called so in people"


def _keys(raw: Any, key: str) -> dict[Any, Any]:
    found = raw.get(key) if isinstance(raw, dict) else None
    return found if isinstance(found, dict) else {}


def _list(raw: Any, key: str) -> list[Any]:
    found = raw.get(key) if isinstance(raw, dict) else None
    return found if isinstance(found, list) else []


def unknown_owners(config: AlertsConfig, topics: TopicsConfig) -> list[tuple[str, str]]:
    """Finds topics whose owner is no desk: their place in topics.yml, the owner's name."""
    return [(place_of(key), topic.owner) for key, topic in topics.watched.items() if topic.owner not in config.desks]
