"""The table of channels: each kind's configuration, how it is opened, what address it takes. A new kind is a row."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from ssl import create_default_context
from typing import Annotated, Any, cast

from pydantic import BeforeValidator, PlainValidator, StringConstraints, TypeAdapter, ValidationError, ValidationInfo

from alerts.notify.channel import Channel, ChannelConfig
from alerts.notify.channels.dingtalk import DingtalkChannel, DingtalkConfig
from alerts.notify.channels.feishu import FeishuChannel, FeishuConfig
from alerts.notify.channels.folder import FolderChannel, FolderConfig
from alerts.notify.channels.robots import MENTION
from alerts.notify.channels.smtp import SmtpChannel, SmtpConfig
from alerts.notify.channels.webhook import WebhookConfig, open_webhook
from alerts.notify.channels.wecom import WecomChannel, WecomConfig
from alerts.notify.render.mail import Letterhead
from alerts.people.directory import Address, Email, Person
from stream.process.mail import is_made_up

EMAIL: TypeAdapter[str] = TypeAdapter(Email)
ANYTHING: TypeAdapter[str] = TypeAdapter(Address)


@dataclass(frozen=True, slots=True)
class ChannelKind:
    """One kind. Where `address` is EMAIL, a person's `email` serves it, unless `addresses` names another."""

    configuration: type
    open: Callable[[Any, str, Letterhead], Channel]
    address: TypeAdapter[str]


KINDS: Mapping[str, ChannelKind] = {
    "smtp": ChannelKind(SmtpConfig, lambda config, name, head: SmtpChannel(config, head.sender, name), EMAIL),
    "folder": ChannelKind(FolderConfig, lambda config, name, _: FolderChannel(config, name), EMAIL),
    "wecom": ChannelKind(WecomConfig, lambda config, name, _: WecomChannel(config, name), MENTION),
    "dingtalk": ChannelKind(DingtalkConfig, lambda config, name, _: DingtalkChannel(config, name), MENTION),
    "feishu": ChannelKind(FeishuConfig, lambda config, name, _: FeishuChannel(config, name), MENTION),
    "webhook": ChannelKind(WebhookConfig, lambda config, name, _: open_webhook(config, name), ANYTHING),
}


def open_channels(channels: Mapping[str, ChannelConfig], letterhead: Letterhead) -> list[Channel]:
    """Builds the channels of a configuration, in its order. Connects to nothing yet."""
    return [kind_of(config).open(config, name, letterhead) for name, config in channels.items()]


def address_of(person: Person, channel: str, kind: ChannelKind) -> str | None:
    """Tells where the channel of that name reaches the person; None where nothing says so."""
    return person.addresses.get(channel) or (person.email if kind.address is EMAIL else None)


def wrong_addresses(channels: Mapping[str, ChannelConfig], people: Mapping[str, Person]) -> list[str]:
    """Lists what is wrong with people's addresses, each with its key: unknown channels, bad addresses, none at all."""
    wrong = []
    for key, person in people.items():
        for name, address in person.addresses.items():
            if name not in channels:
                wrong.append(f"people.{key}.addresses.{name}: no channel {name!r}; known: {', '.join(channels)}")
            elif not _fits(kind_of(channels[name]), address):
                wrong.append(f"people.{key}.addresses.{name}: no address for this channel")
        if channels and not any(address_of(person, name, kind_of(one)) for name, one in channels.items()):
            wrong.append(f"people.{key}: no address for any channel: give email, or addresses")
    return wrong


def made_up_recipients(
    channels: Mapping[str, ChannelConfig], people: Mapping[str, Person], sender: str
) -> Iterator[tuple[str, str]]:
    """Yields the keys of addresses that nobody has and that a mail server would be given, each with what to do."""
    for name, config in channels.items():
        if not isinstance(config, SmtpConfig) or config.made_up:
            continue
        keys = {key: "addresses." + name if name in one.addresses else "email" for key, one in people.items()}
        told = {f"people.{key}.{keys[key]}": address_of(one, name, kind_of(config)) for key, one in people.items()}
        for key, address in {"sender": sender, **told}.items():
            if address is not None and is_made_up(address):
                yield key, f"{address} is made up, and {config.host} would be given mail for it: write a real one"


def unfit_channels(channels: Mapping[str, ChannelConfig]) -> Iterator[tuple[str, str]]:
    """Yields the keys of channels that could not be opened with what lies on this machine, each with what to do."""
    for name, config in channels.items():
        if isinstance(config, SmtpConfig) and config.ca_file is not None:
            try:
                create_default_context(cafile=config.ca_file)
            except OSError as error:  # of ssl as well
                yield f"{name}.ca_file", f"{config.ca_file} is no certificate that can be read: {error}"


def kind_of(config: ChannelConfig) -> ChannelKind:
    """Finds the kind that a channel's configuration belongs to."""
    return next(kind for kind in KINDS.values() if type(config) is kind.configuration)


def short_form(smtp: ChannelConfig | None, folder: Path | None) -> dict[str, ChannelConfig]:
    """Builds the channels of a configuration that knows mail and a folder alone, mail first."""
    found: dict[str, ChannelConfig | None] = {
        "smtp": smtp,
        "folder": None if folder is None else FolderConfig(path=folder),
    }
    return {name: config for name, config in found.items() if config is not None}


def _fits(kind: ChannelKind, address: str) -> bool:
    try:
        kind.address.validate_python(address)
    except ValidationError:
        return False
    return True


def _with_kinds(raw: Any) -> Any:
    """Gives an entry that says no `kind` the kind it is named after."""
    if not isinstance(raw, dict):
        return raw
    return {name: {"kind": name} | entry if isinstance(entry, dict) else entry for name, entry in raw.items()}


def _read(raw: Any, info: ValidationInfo) -> ChannelConfig:
    if any(type(raw) is kind.configuration for kind in KINDS.values()):  # read before, as in a copy of a configuration
        return cast(ChannelConfig, raw)
    if not isinstance(raw, dict):
        raise ValueError("write the channel's keys below its name")
    kind = KINDS.get(str(raw.get("kind")))
    if kind is None:
        raise ValueError(f"no kind of channel {raw.get('kind')!r}: give kind: one of {', '.join(KINDS)}")
    settings = {name: value for name, value in raw.items() if name != "kind"}
    config: ChannelConfig = TypeAdapter(kind.configuration).validate_python(settings, context=info.context)
    return config


ChannelName = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_-]{0,39}$")]
Channels = Annotated[dict[ChannelName, Annotated[ChannelConfig, PlainValidator(_read)]], BeforeValidator(_with_kinds)]
Smtp = SmtpConfig  # of the short form
