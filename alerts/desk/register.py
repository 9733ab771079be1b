"""What questions about cases and letters are answered from, and what people call the things in it."""

from dataclasses import dataclass

from sqlalchemy import Engine

from alerts.config import AlertsConfig
from stream.topics import TopicsConfig


@dataclass(frozen=True, slots=True)
class Register:
    """The state database with the files that name its topics and desks. No index: a list of cases needs none."""

    engine: Engine
    config: AlertsConfig
    topics: TopicsConfig

    def topic_name(self, topic: str) -> str:
        """Returns the name people gave it; its key where it was taken out of the configuration."""
        watched = self.topics.watched.get(topic)
        return watched.name if watched else topic

    def desk_name(self, desk: str) -> str:
        """Returns the name people gave it; its key where it was taken out of the configuration."""
        known = self.config.desks.get(desk)
        return known.name if known else desk
