"""What casework has at hand: the engines, the configuration, and the names that people gave things."""

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import Engine

from alerts.config import AlertsConfig
from alerts.notify.dashboard import topic_address
from alerts.people.directory import Person, find_person
from alerts.workflow.cases import Case, Refused
from stream.index.port import Reader
from stream.topics import TopicsConfig


@dataclass(frozen=True, slots=True)
class CaseContext:
    """Given to everything that works on cases. `index_name` is what the installation is called on the index."""

    engine: Engine
    reader: Reader
    config: AlertsConfig
    topics: TopicsConfig
    index_name: str = "wenfeng"

    def topic_name(self, topic: str) -> str:
        """Returns the name people gave it; its key where it was taken out of the configuration."""
        watched = self.topics.watched.get(topic)
        return watched.name if watched else topic

    def owner(self, topic: str) -> str:
        """Returns the desk that finds out the truth; the first desk of all where the topic is watched no more."""
        watched = self.topics.watched.get(topic)
        return watched.owner if watched else next(iter(self.config.desks))

    def dashboard(self, case: Case) -> str:
        """Tells where Kibana shows the case's topic; "" where there is no Kibana, or for a topic watched no more."""
        if self.config.kibana is None or case.topic not in self.topics.watched:
            return ""
        return topic_address(self.config.kibana, self.index_name, case.topic, case.since)

    def person(self, by: str) -> Person:
        """Finds who acts, by key, name or address; `Refused` for a stranger."""
        found = find_person(self.config.people, by)
        if found is None:
            raise Refused(f"alerts.yml 的 people 中没有「{by}」")
        return found


def cue_names(topics: TopicsConfig, cues: Iterable[tuple[str, int]]) -> tuple[tuple[str, int], ...]:
    """Calls danger cues by the names people gave them."""
    known = topics.cues
    return tuple((known[key].name if key in known else key, count) for key, count in cues)
