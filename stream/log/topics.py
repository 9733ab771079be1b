"""The log's topics as configured: made and mended by one command, and asked for by every stage before it starts."""

from stream.config import StreamConfig
from stream.errors import ConfigError, Mistake
from stream.log.broker import CASES, HEALTH, QUARANTINE, RAW, SCORED, Admin, Topic, TopicChange

TOPICS = (RAW, SCORED, QUARANTINE, CASES, HEALTH)
REMEDY = "run `python -m stream topics apply`"


def configured(config: StreamConfig) -> list[Topic]:
    """Returns the topics as they shall be."""
    known = {name: config.topic(name) for name in TOPICS}
    return [Topic(name, one.partitions, one.keep) for name, one in known.items()]


def make_ready(admin: Admin, config: StreamConfig) -> list[str]:
    """Does what a stage does about the topics before it starts; returns what it changed, or raises `ConfigError`.

    On one machine it makes what is missing and sets settings back. It widens no topic: that parts a key's records. In
    production it changes nothing at all, and needs no right to.
    """
    topics = configured(config)
    changes = admin.drift(topics)
    refused = changes if config.profile == "production" else [change for change in changes if change.narrow]
    if refused:
        raise ConfigError([_mistake(change) for change in refused])
    return admin.apply(topics) if changes else []


def _mistake(change: TopicChange) -> Mistake:
    topic, _, found = change.found.partition(": ")
    return Mistake("stream.yml", f"topics.{topic}", f"the topic {found}: {REMEDY}")
