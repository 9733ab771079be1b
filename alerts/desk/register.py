"""What questions about cases and letters are answered from, and what people call the things in it."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from sqlalchemy import Engine

from alerts.config import AlertsConfig
from alerts.incidents.kinds import incident_name
from alerts.workflow.subjects import incident_key, is_incident
from stream.topics import TopicsConfig


@dataclass(frozen=True, slots=True)
class Register:
    """The state database with the files that name its topics and desks. No index: a list of cases needs none.

    `source_names` is what people call the sources of crawlers.yml; one that is missing goes by its key.
    """

    engine: Engine
    config: AlertsConfig
    topics: TopicsConfig
    source_names: Mapping[str, str] = field(default_factory=dict)

    def topic_name(self, topic: str) -> str:
        """Returns the name people gave it; its key where it was taken out of the configuration."""
        if is_incident(topic):
            return incident_name(incident_key(topic))
        watched = self.topics.watched.get(topic)
        return watched.name if watched else topic

    def desk_name(self, desk: str) -> str:
        """Returns the name people gave it; its key where it was taken out of the configuration."""
        known = self.config.desks.get(desk)
        return known.name if known else desk

    def source_name(self, source: str) -> str:
        """Returns the name people gave it; its key where they gave none."""
        return self.source_names.get(source, source)
