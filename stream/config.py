"""configs/stream.yml: which engines, which topics, how long things are kept."""

from collections.abc import Iterator, Mapping
from dataclasses import field
from datetime import timedelta
from os.path import normpath
from pathlib import Path
from re import fullmatch
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, ValidationInfo, model_validator
from pydantic.dataclasses import dataclass
from pydantic_core import PydanticCustomError
from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError

from stream.process.configuration import (
    STRICT,
    Configuration,
    Cron,
    Duration,
    Secret,
    header_secret,
    resolve_secrets,
)
from stream.process.profile import Allowed, unsafe

LONGEST_KEPT = timedelta(hours=24)  # raw pages hold names: longer only where a case claims them, and then sealed


@dataclass(frozen=True, kw_only=True, config=STRICT)
class TopicConfig:
    """How one topic of the log is kept."""

    partitions: Annotated[int, Field(ge=1)] = 6
    keep: Duration = timedelta(days=90)


@dataclass(frozen=True, kw_only=True, config=STRICT)
class ResponsesConfig:
    """What is kept of sites' answers as they were sent: under `var`, packed, for `keep`, which is a day at most.

    All together take at most `most_mib` of the disk. They hold names, as the sites show them: see stream/responses.
    """

    enabled: bool = True
    keep: Annotated[Duration, Field(gt=timedelta(0), le=LONGEST_KEPT)] = LONGEST_KEPT
    most_mib: Annotated[int, Field(ge=1)] = 512


def _log_address(value: str) -> str:
    if "@" in value.partition("?")[0] and not value.startswith("sqlite:"):  # nothing is shown of what may be a password
        raise PydanticCustomError(
            "secret", "write sqlite:FILE or kafka://HOST:9092,HOST:9092, and no login: use log_password_env or _file"
        )
    if not fullmatch(r"sqlite:.+|kafka://[^:/?#@,\s]+:\d+(,[^:/?#@,\s]+:\d+)*(\?\S+)?", value):
        raise ValueError("write sqlite:FILE or kafka://HOST:9092,HOST:9092")
    return value


def _state_address(value: str) -> str:
    if value.startswith("sqlite:"):
        return value
    try:
        place = make_url(value)
    except (ArgumentError, ValueError):
        place = None
    if place is not None and (place.password is not None or "password" in place.query):
        raise PydanticCustomError("secret", "no password here: use state_password_env or state_password_file")
    if place is None and ("@" in value or "password" in value):  # nothing of it is shown: a password may be in it
        raise PydanticCustomError("secret", "write sqlite:FILE or postgresql+psycopg://USER@HOST/DATABASE")
    if place is None or place.drivername != "postgresql+psycopg":
        raise ValueError("write sqlite:FILE or postgresql+psycopg://USER@HOST/DATABASE")
    return value


def _index_address(value: str) -> str:
    if value.startswith("sqlite:"):
        return value
    if "@" in value:
        raise PydanticCustomError("secret", "no login here: use index_user and index_password_env")
    if not fullmatch(r"https?://[^/?#\s]+/?", value):
        raise ValueError("write sqlite:FILE or http(s)://HOST:9200")
    return value


@dataclass(frozen=True, kw_only=True, config=STRICT)
class StreamConfig:
    """configs/stream.yml. The three engines are one line each: `scheme:rest`, relative files under `var`.

    `profile: production` refuses what stream/process/profile.py names, but for what `allow` lifts.
    """

    profile: Literal["single", "production"] = "single"
    allow: frozenset[Allowed] = frozenset()
    var: Path = Path("var")
    log: Annotated[str, AfterValidator(_log_address)] = "sqlite:log.db"
    log_password: Secret | None = None
    index: Annotated[str, AfterValidator(_index_address)] = "sqlite:index.db"
    index_name: Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{0,40}$")] = "wenfeng"
    index_user: Annotated[str, Field(pattern=r"^[^\x00-\x1f\x7f-\x9f:]+$")] | None = None
    index_password: Secret | None = None
    index_api_key: Annotated[Secret | None, AfterValidator(header_secret)] = None
    index_ca: Path | None = None
    state: Annotated[str, AfterValidator(_state_address)] = "sqlite:state.db"
    state_password: Secret | None = None
    topics: dict[str, TopicConfig] = field(default_factory=dict)
    batch: Annotated[int, Field(ge=1)] = 256
    stop_after_rejects: Annotated[int, Field(ge=1)] = 100
    responses: ResponsesConfig = field(default_factory=ResponsesConfig)
    upkeep: dict[str, Cron] = field(default_factory=lambda: {"withhold": "*/10 * * * *", "expire": "20 4 * * *"})

    @model_validator(mode="before")
    @classmethod
    def _secrets(cls, raw: Any, info: ValidationInfo) -> Any:
        names = ("log_password", "state_password", "index_password", "index_api_key")
        return resolve_secrets(raw, names, info.context or {})

    def topic(self, name: str) -> TopicConfig:
        """Tells how a topic is kept, whether the file speaks of it or not."""
        return self.topics.get(name, TopicConfig())

    @property
    def copies(self) -> int:
        """Brokers that keep each record of the log."""
        return 3 if self.profile == "production" and Allowed.SINGLE_BROKER not in self.allow else 1

    def mistakes(self) -> Iterator[tuple[str, str]]:
        """Finds what no key shows alone, by key."""
        yield from self._shared_files()
        if self.profile != "production":
            if self.allow:
                yield "allow", "belongs to profile: production, profile single refuses nothing: remove it"
            return
        passwords = {
            "log": self.log_password,
            "index": self.index_password or self.index_api_key,
            "state": self.state_password,
        }
        for key, password in passwords.items():
            for reason, problem in unsafe(key, getattr(self, key), password=password is not None):
                if reason not in self.allow:
                    yield key, problem

    def _shared_files(self) -> Iterator[tuple[str, str]]:
        files: dict[str, str] = {}
        for key in ("log", "index", "state"):
            scheme, _, rest = getattr(self, key).partition(":")
            if scheme == "sqlite" and (other := files.setdefault(normpath(self.var / rest), key)) != key:
                yield key, f"the file is that of {other} already: each keeps one of its own"


def read_stream(configs: Path) -> StreamConfig:
    """Reads configs/stream.yml alone; raises `ConfigError` with every mistake."""
    return Configuration(configs).add("stream.yml", StreamConfig)()


def raw_sources(configs: Path) -> Mapping[str, Any]:
    """Reads `sources` of crawlers.yml as it is written; {} without such a file. What it means is not ours to check.

    Raises `ConfigError` where the file is no YAML.
    """
    if not (configs / "crawlers.yml").exists():
        return {}
    sources = Configuration(configs).add("crawlers.yml", dict[str, Any])().get("sources")
    return sources if isinstance(sources, dict) else {}


def switched_on(configs: Path) -> Mapping[str, Any]:
    """Reads those of `raw_sources` that are not switched off. Raises as it does."""
    named = raw_sources(configs).items()
    return {key: one for key, one in named if not (isinstance(one, dict) and one.get("enabled") is False)}
