"""What casework has at hand: the engines, the configuration, and the names that people gave things."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import Engine

from alerts.casefile.guards.failures import Failures
from alerts.casefile.guards.standins import standing_desk
from alerts.config import AlertsConfig
from alerts.incidents.kinds import incident_name
from alerts.notify.contents.dashboard import topic_address
from alerts.people.directory import Ambiguous, Person, find_person
from alerts.people.duty import members, on_duty
from alerts.workflow.cases import Case, Refused
from alerts.workflow.ladder import Task
from alerts.workflow.subjects import incident_key, is_incident
from stream.calendar import CALENDAR
from stream.index.port import Finder
from stream.topics import TopicsConfig


@dataclass(frozen=True, slots=True)
class CaseContext:
    """Given to everything that works on cases. `index_name` is what the installation is called on the index,
    `failures` where what fails is noted.

    `source_names` is what people call the sources of crawlers.yml; one that is missing goes by its key.
    """

    engine: Engine
    reader: Finder
    config: AlertsConfig
    topics: TopicsConfig
    index_name: str = "wenfeng"
    source_names: Mapping[str, str] = field(default_factory=dict)
    failures: Failures = field(default_factory=Failures)

    def topic_name(self, topic: str) -> str:
        """Returns the name people gave it; its key where it was taken out of the configuration."""
        if is_incident(topic):
            return incident_name(incident_key(topic))
        watched = self.topics.watched.get(topic)
        return watched.name if watched else topic

    def owner(self, topic: str) -> str:
        """Returns the desk that finds out the truth; the first desk of all where the topic is watched no more."""
        watched = self.topics.watched.get(topic)
        return watched.owner if watched else next(iter(self.config.desks))

    def desk_of(self, task: Task, topic: str) -> str:
        """Returns the key of the desk that a task is for, or of the one that stands in for it."""
        return standing_desk(self.config.desks, self.config.ladder, task.desk, task.step, self.owner(topic))

    def dashboard(self, case: Case) -> str:
        """Tells where Kibana shows the case's topic; "" where there is no Kibana, or for a topic watched no more."""
        if self.config.kibana is None or case.topic not in self.topics.watched:
            return ""
        return topic_address(self.config.kibana, self.index_name, case.topic, case.since)

    def called(self, desk: str, now: datetime) -> tuple[str, ...]:
        """Lists the keys of the people whom a letter to the desk goes to now."""
        return on_duty(self.config.desks[desk], self.config.people, now, CALENDAR)

    def may_act(self, desk: str, now: datetime) -> frozenset[str]:
        """Finds the keys of the people who may act for the desk now; nobody for one that alerts.yml names no more."""
        there = self.config.desks.get(desk)
        return frozenset() if there is None else members(there, self.config.people, now)

    def person(self, by: str) -> Person:
        """Finds who acts, by key, name or address; `Refused` for a stranger, and for a name that several have."""
        try:
            found = find_person(self.config.people, by)
        except Ambiguous as error:
            raise Refused(f"有 {len(error.keys)} 人都叫「{by}」，请写其中一人的键：{'、'.join(error.keys)}") from None
        if found is None:
            raise Refused(f"alerts.yml 的 people 中没有「{by}」")
        return found


def cue_names(topics: TopicsConfig, cues: Iterable[tuple[str, int]]) -> tuple[tuple[str, int], ...]:
    """Calls danger cues by the names people gave them."""
    known = topics.cues
    return tuple((known[key].name if key in known else key, count) for key, count in cues)
