"""configs/crawlers.yml: the sources by name, each with its owner's consent or its legal basis on record."""

from collections.abc import Mapping
from dataclasses import field
from functools import reduce
from operator import or_
from re import fullmatch
from typing import Annotated, Any
from urllib.parse import urlsplit

from pydantic import (
    AfterValidator,
    Field,
    PlainValidator,
    SecretStr,
    StringConstraints,
    TypeAdapter,
    ValidationError,
    ValidationInfo,
    model_validator,
)
from pydantic.dataclasses import dataclass
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails, InitErrorDetails, PydanticCustomError

from crawlers.kinds import KINDS
from crawlers.optouts import refused_by
from crawlers.push.reception.sources import ReceivedSource, ReceptionConfig
from crawlers.source import Key, PolledSource, PulledSource, Source, TimedSource, is_loopback
from stream.process.configuration import SECTIONS, STRICT, WITH_KEYS, resolve_secrets
from stream.process.mail import is_made_up

Contact = Annotated[
    str, StringConstraints(strip_whitespace=True, pattern=r"^(mailto:|https?://)?[^\s@()]+[@/.][^\s()]+$")
]
_TOLD_APART: Any = Annotated[reduce(or_, (kind.source for kind in KINDS.values())), Field(discriminator="software")]
_BY_SOFTWARE: TypeAdapter[Source] = TypeAdapter(_TOLD_APART)


def _made(key: SecretStr) -> SecretStr:
    if not key.get_secret_value():
        raise PydanticCustomError("secret", "missing: write voice_key_file: var/voice.key, which make setup makes")
    return key


def _owners_word(entry: str) -> str:
    if not urlsplit(entry if "://" in entry else f"//{entry}").hostname or not fullmatch(r"\S+", entry):
        raise ValueError(f"{entry!r} is neither a host nor an address: write bbs.corp.cn or https://corp.cn/blog/")
    return entry


OwnersWord = Annotated[str, AfterValidator(_owners_word)]
VoiceKey = Annotated[SecretStr, AfterValidator(_made)]


def _read_source(raw: Any, info: ValidationInfo) -> Source:
    """Reads the source as its own kind.

    Every mistake is at its key, without the kind's name that pydantic puts between.
    """
    try:
        return _BY_SOFTWARE.validate_python(raw, context=info.context)
    except ValidationError as error:
        found = [_mistake(one) for one in error.errors(include_url=False)]
        raise ValidationError.from_exception_data("source", found) from error


def _mistake(found: ErrorDetails) -> InitErrorDetails:
    kind, place, words, given = found["type"], found["loc"], found["msg"], found["input"]
    if not place:
        return _of_no_kind(kind, given)
    software, place = str(place[0]), place[1:]
    if not place and (key := _secrets_key(words, given)):
        place = (key,)
    if kind == "unexpected_keyword_argument" and len(place) == 1 and (owners := _owners(place[0])):
        kind, words = "foreign", f"belongs to software: {' or '.join(owners)}, and this is {software}: remove it"
    about = _described(software, str(place[0])) if place else ""
    if kind == "missing":
        words = f"is missing: {about}" if about else "is missing"
    elif kind in SECTIONS and len(place) == 1 and about:
        words = f"{WITH_KEYS}: {about}"
    return _line(kind, place, words, given)


def _secrets_key(words: str, given: object) -> str:
    """Finds the key of the file or variable that the words name: secrets are resolved together, before any key is."""
    named = given if isinstance(given, dict) else {}
    return next((k for k, value in named.items() if k.endswith(("_file", "_env")) and f"{value}" in words), "")


def _of_no_kind(kind: str, given: Any) -> InitErrorDetails:
    if not isinstance(given, dict):
        return _line(kind, (), "write the keys of a source below its name", given)
    software = given.get("software")
    if software is None:
        return _line("missing", ("software",), f"is missing: write one of {', '.join(KINDS)}", given)
    return _line(kind, ("software",), f"no such kind of source: write one of {', '.join(KINDS)}", software)


def _line(kind: str, place: tuple[int | str, ...], words: str, given: object) -> InitErrorDetails:
    return InitErrorDetails(type=PydanticCustomError(kind, "{words}", {"words": words}), loc=place, input=given)


def _owners(option: int | str) -> list[str]:
    return [name for name, kind in KINDS.items() if option in kind.options]


def _described(software: str, option: str) -> str:
    known: Mapping[str, FieldInfo] = vars(KINDS[software].source)["__pydantic_fields__"]
    return known[option].description or "" if option in known else ""


AnySource = Annotated[Source, PlainValidator(_read_source)]


@dataclass(frozen=True, kw_only=True, config=STRICT)
class CrawlersConfig:
    """`contact` (address or page) stands in every request, so that a site's owner can reach you.

    The voice key comes from `voice_key_file` or `voice_key_env`; `make setup` makes one. `workers` is how many sources
    this machine crawls at a time. `opted_out` are hosts and addresses whose owners do not want to be read: they are
    never asked, whatever `sources` says.
    """

    contact: Contact
    voice_key: VoiceKey = SecretStr("")
    reception: ReceptionConfig = field(default_factory=ReceptionConfig)
    workers: Annotated[int, Field(ge=1, le=64)] = 8
    opted_out: tuple[OwnersWord, ...] = ()
    sources: dict[Key, AnySource] = field(default_factory=dict)

    @model_validator(mode="before")
    @classmethod
    def _secrets(cls, raw: Any, info: ValidationInfo) -> Any:
        try:
            return resolve_secrets(raw, ("voice_key",), info.context or {})
        except ValueError as error:
            key = _secrets_key(str(error), raw)
            remedy = "; make setup makes var/voice.key" if key == "voice_key_file" else ""
            raise ValueError(f"{f'{key}: ' if key else ''}{error}{remedy}") from error

    @model_validator(mode="after")
    def _one_owner(self) -> "CrawlersConfig":
        owners: dict[str, str] = {}
        twice = [
            f"{name} and {owners[source.site]} are both of site {source.site!r}: one source owns a site's posts"
            for name, source in self.sources.items()
            if owners.setdefault(source.site, name) != name
        ]
        if twice:
            raise ValueError("; ".join(twice))
        return self

    @model_validator(mode="after")
    def _one_reader(self) -> "CrawlersConfig":
        readers: dict[str, str] = {}
        twice = [
            f"{name} and {readers[source.place]} both look into {source.place}: whichever comes first takes what is "
            "there, so keep one"
            for name, source in self.polled.items()
            if readers.setdefault(source.place, name) != name
        ]
        if twice:
            raise ValueError("; ".join(twice))
        return self

    @model_validator(mode="after")
    def _reachable(self) -> "CrawlersConfig":
        outward = [name for name, one in self.pulled.items() if not (is_loopback(one.url) or is_made_up(one.host))]
        if outward and is_made_up(self.contact):
            raise ValueError(
                f"contact: {self.contact} is a placeholder, and {outward[0]} would be told it: write your own"
            )
        return self

    @model_validator(mode="after")
    def _heard(self) -> "CrawlersConfig":
        if self.received and self.reception.listen is None:
            raise ValueError(
                f"{next(iter(self.received))} is sent to us and nothing listens: "
                "write reception: {listen: 127.0.0.1:8430}, or enabled: false below the source"
            )
        return self

    @property
    def received(self) -> dict[str, ReceivedSource]:
        """The sources that come in over HTTP and are switched on, by name."""
        return {name: one for name, one in self.sources.items() if isinstance(one, ReceivedSource) and one.enabled}

    @property
    def polled(self) -> dict[str, PolledSource]:
        """The mailboxes and folders that are switched on, by name."""
        return {name: one for name, one in self.sources.items() if isinstance(one, PolledSource) and one.enabled}

    @property
    def timed(self) -> dict[str, TimedSource]:
        """The sources that are read by the clock, by name."""
        every: dict[str, TimedSource] = {**self.pulled, **self.polled}
        return {name: one for name, one in every.items() if one.timing is not None}

    @property
    def current(self) -> frozenset[str]:
        """The names of the sources that are switched on, those whose owners have opted out left out."""
        return frozenset(name for name, one in self.sources.items() if one.enabled and self.opt_out(one) is None)

    @property
    def pulled(self) -> dict[str, PulledSource]:
        """The sources to fetch that are switched on, and whose owners have not opted out, by name."""
        return {
            name: one
            for name, one in self.sources.items()
            if isinstance(one, PulledSource) and one.enabled and self.opt_out(one) is None
        }

    def opt_out(self, source: Source) -> str | None:
        """Finds the entry of `opted_out` under which a source falls."""
        return refused_by(self.opted_out, source.url) if isinstance(source, PulledSource) else None

    @property
    def voice_secret(self) -> bytes:
        """The key of the voices, as bytes."""
        return self.voice_key.get_secret_value().encode()
