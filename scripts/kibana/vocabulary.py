"""How keys in the index are called by people: the program's own words, and those of the installation's files."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeVar

from alerts.config import AlertsConfig
from alerts.detection.grades import GRADE_NAMES
from alerts.incidents import kinds
from alerts.words import ACTION_NAMES, EVENT_NAMES, OLD_NAMES, ORDER_NAMES, STAGE_NAMES, STEP_NAMES
from alerts.workflow.subjects import incident_subject
from stream.index.finding.words import ACT_NAMES, KIND_NAMES, LABEL_NAMES
from stream.messages import Precision
from stream.state.source_health import SourceState
from stream.topics import TopicsConfig

Names = Mapping[str, str]
K = TypeVar("K", bound=str)

_STAGES = {"score": "评分", "index": "入库", "crawl": "采集"}
_BY = {"person": "人", "program": "程序"}
_PRECISIONS = {Precision.SECOND: "秒", Precision.MINUTE: "分", Precision.DAY: "日", Precision.UNKNOWN: "未知"}
_SOURCES = {
    SourceState.RUNNING: "进行中", SourceState.OK: "正常", SourceState.PARTIAL: "部分失败",
    SourceState.BLOCKED: "对方拒绝", SourceState.FAILED: "失败",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Installation:
    """What of an installation shows in Kibana: its name on the server, its topics and desks."""

    name: str
    topics: TopicsConfig
    alerts: AlertsConfig


def vocabularies(installation: Installation) -> dict[str, Names]:
    """Every vocabulary by its name in dashboards.yml."""
    topics = installation.topics
    return {
        "label": _by_key(LABEL_NAMES),
        "act": _by_key(ACT_NAMES),
        "kind": _by_key(KIND_NAMES),
        "precision": _by_key(_PRECISIONS),
        "topic": {key: topic.name for key, topic in topics.watched.items()} | _troubles(topics),
        "field": {key: mark.name for key, mark in topics.fields.items()},
        "cue": {key: mark.name for key, mark in topics.cues.items()},
        "desk": {key: desk.name for key, desk in installation.alerts.desks.items()},
        "grade": _by_key(GRADE_NAMES),
        "stage": _by_key(STAGE_NAMES),
        "step": _by_key(STEP_NAMES),
        "event": _by_key(EVENT_NAMES | ACTION_NAMES | ORDER_NAMES | OLD_NAMES),
        "by": _BY,
        "process": _STAGES,
        "source_state": _by_key(_SOURCES),
    }


def _troubles(topics: TopicsConfig) -> dict[str, str]:
    """What stands as the topic of an incident's case, as far as it is known before it happens: no source is."""
    keys = [f"{kind}:all" for kind in kinds.Kind] + [f"{kinds.Kind.BLIND}:{topic}" for topic in topics.watched]
    return {incident_subject(key): kinds.incident_name(key) for key in keys}


def _by_key(names: Mapping[K, str]) -> dict[str, str]:
    return {str(key): name for key, name in names.items()}
