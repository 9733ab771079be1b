"""`incidents:` and `heartbeat:` in alerts.yml: what counts as trouble of our own, and how others see that we live."""

import ipaddress
from collections.abc import Iterable, Mapping
from dataclasses import field
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import urlsplit

from pydantic import Field, ValidationInfo, model_validator
from pydantic.dataclasses import dataclass

from alerts.detection.grades import Grade
from alerts.incidents.kinds import ROWS, Kind
from stream.process.configuration import STRICT, Duration, Secret, resolve_secrets

OPERATORS = "operators"  # the desk that sees to the programs, where alerts.yml has one of that name
PUBLICITY = "publicity"


@dataclass(frozen=True, kw_only=True, config=STRICT)
class IncidentRule:
    """How grave a kind of trouble is, how long it must last before people are told, and who says so."""

    grade: Grade
    after: Duration
    source: Annotated[str, Field(min_length=1)]


@dataclass(frozen=True, kw_only=True, config=STRICT)
class IncidentsConfig:
    """What is trouble. `kinds` replaces single rows of alerts/incidents/kinds.py; the numbers below are set by us.

    `behind`: posts that wait so long to be indexed. `letters_wait`: letters that wait so long. `quarantined`: records
    in quarantine, all in all; `quarantined_an_hour`: newly. `disk_free`: part of the disk that must be free. `thin`:
    part of what a crawl usually reads. `well_after`: how long a thing must be well before its case is closed.
    """

    desk: str | None = None
    kinds: dict[Kind, IncidentRule] = field(default_factory=dict)
    behind: Annotated[Duration, Field(gt=timedelta(0))] = timedelta(minutes=30)
    letters_wait: Annotated[Duration, Field(gt=timedelta(0))] = timedelta(minutes=30)
    quarantined: Annotated[int, Field(ge=1)] = 1_000
    quarantined_an_hour: Annotated[int, Field(ge=1)] = 100
    disk_free: Annotated[float, Field(gt=0, lt=1)] = 0.05
    thin: Annotated[float, Field(ge=0, lt=1)] = 0.2
    well_after: Duration = timedelta(minutes=10)

    def rule(self, kind: Kind) -> IncidentRule:
        """Tells how a kind is taken: as alerts.yml says, else as we do."""
        row = ROWS[kind]
        return self.kinds.get(kind) or IncidentRule(grade=row.grade, after=row.after, source="程序默认，单位可自定")


@dataclass(frozen=True, kw_only=True, config=STRICT)
class HeartbeatConfig:
    """Where a sign of life goes as long as looking, auditing and sending are well: it is missing as soon as one is not.

    `file` is touched, `url` is fetched as healthchecks.io and Uptime Kuma want it (keep it secret: `url_env` or
    `url_file`), `mail` is a person who gets a line a day. `private` permits an address of an internal network, and one
    without TLS.
    """

    every: Annotated[Duration, Field(gt=timedelta(0))] = timedelta(minutes=5)
    file: Path | None = None
    url: Secret | None = None
    mail: str | None = None
    private: bool = False

    @model_validator(mode="before")
    @classmethod
    def _secrets(cls, raw: Any, info: ValidationInfo) -> Any:
        if isinstance(raw, dict) and isinstance(raw.get("url"), str):  # an address without a token may be written down
            others = resolve_secrets({k: v for k, v in raw.items() if k != "url"}, ("url",), info.context or {})
            if "url" in others:
                raise ValueError("give url, url_env or url_file, not two of them")
            return others | {"url": raw["url"]}
        return resolve_secrets(raw, ("url",), info.context or {})

    @model_validator(mode="after")
    def _whole(self) -> "HeartbeatConfig":
        if self.file is None and self.url is None and self.mail is None:
            raise ValueError("give file, url or mail: a heartbeat that goes nowhere is none")
        if self.url is not None and (wrong := _wrong_address(self.url.get_secret_value(), private=self.private)):
            raise ValueError(wrong)
        return self


def is_internal(address: str) -> bool:
    """Tells whether an IP address is of an internal network or of this machine; True for what is none."""
    try:
        return not ipaddress.ip_address(address.partition("%")[0]).is_global
    except ValueError:
        return True


def with_operators(raw: Any) -> Any:
    """Adds to a raw alerts.yml who sees to incidents where its ladder does not say so: the operators, then the leaders.

    The operators are `incidents.desk`, else a desk called operators, else publicity, else whoever acknowledges first.
    The leaders are the last ones who are called to acknowledge a case.
    """
    ladder, known = _part(raw, "ladder"), _part(raw, "desks")
    desks = _part(ladder, "desks")
    rungs = desks.get("acknowledge")
    if not isinstance(rungs, list) or not known:
        return raw  # mistakes that the loader tells
    wanted = _part(raw, "incidents").get("desk")
    first = _first([wanted, OPERATORS, PUBLICITY, *rungs, *known], known)
    if first is None:
        return raw
    filled = list(dict.fromkeys([first, *(desk for desk in rungs[-1:] if desk in known)]))
    return raw | {"ladder": ladder | {"desks": {"take": filled, "mend": filled} | desks}}


def _part(raw: Any, key: str) -> dict[Any, Any]:
    found = raw.get(key) if isinstance(raw, dict) else None
    return found if isinstance(found, dict) else {}


def _first(names: Iterable[object], known: Mapping[Any, Any]) -> object | None:
    return next((name for name in names if isinstance(name, str) and name in known), None)


def _wrong_address(url: str, *, private: bool) -> str | None:
    """Says what is wrong with a heartbeat's address, without naming it: it may hold a token."""
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError:
        return "url: this is no address: write https://HOST/PATH"
    if parts.scheme not in ("http", "https") or not host or any(letter.isspace() for letter in url):
        return "url: this is no address: write https://HOST/PATH"
    if private:
        return None
    if parts.scheme != "https":
        return "url: not encrypted: write https, or say private: true if it stays in your own network"
    if host == "localhost" or ((host[-1:].isdigit() or ":" in host) and is_internal(host)):
        return "url: this address is not public: say private: true if it is meant"
    return None
