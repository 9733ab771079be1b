"""The watched topics: their names, owners and rules, as data. nlp compiles the rules, alerts reads names and owners."""

from dataclasses import field

from pydantic.dataclasses import dataclass

from stream.config import STRICT


@dataclass(frozen=True, kw_only=True, config=STRICT)
class Rule:
    """One way to belong to a topic: all of `all_of`, one of `any_of`, none of `none_of`, the `regex`."""

    all_of: tuple[str, ...] = ()
    any_of: tuple[str, ...] = ()
    none_of: tuple[str, ...] = ()
    regex: str | None = None


@dataclass(frozen=True, kw_only=True, config=STRICT)
class WatchedTopic:
    """A topic, never a person. `owner` is a desk of alerts.yml: who finds out the truth when it spikes."""

    name: str
    owner: str
    rules: tuple[Rule, ...]


@dataclass(frozen=True, kw_only=True, config=STRICT)
class TopicsConfig:
    """configs/topics.yml: `topics` by key; `aliases` are word groups that rules name as `@key`."""

    topics: dict[str, WatchedTopic]
    aliases: dict[str, tuple[str, ...]] = field(default_factory=dict)
