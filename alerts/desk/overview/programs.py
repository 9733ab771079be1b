"""How the parts of the installation are: stages, the quarantine, versions, the sign of life."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import Engine, select

from alerts.briefs.policy import BriefKind
from alerts.briefs.tables import BulletinRow
from alerts.desk.versions import rules_print
from alerts.incidents.policy import HeartbeatConfig
from alerts.incidents.troubles import PROGRAM_NAMES
from stream.config import StreamConfig
from stream.engines import open_log_admin, open_producer, whole_topic
from stream.index.port import Query, Reader
from stream.log.broker import QUARANTINE, UnknownTopic
from stream.log.quarantine import Quarantined, listed, replay
from stream.process.clock import Clock
from stream.process.running import STAGES, StageState, judge, read_signs
from stream.state.database import reading
from stream.topics import TopicsConfig
from stream.version import VERSION

CONSOLE = "console"
NAMES: Mapping[str, str] = {**PROGRAM_NAMES, CONSOLE: "网页"}


@dataclass(frozen=True, slots=True)
class ProgramStanding:
    """A stage by its name, how it is, its last sign of life and in how many processes it runs."""

    key: str
    name: str
    state: StageState
    last: datetime | None
    processes: int


@dataclass(frozen=True, slots=True)
class Versions:
    """By what is judged now: the program, the newest post's model (None: nobody knows), each topic's rules by name."""

    program: str
    model: str | None
    rules: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class HeartbeatSigns:
    """The dead-man's sign: whether one is configured at all, when the file was touched and the day's mail written."""

    is_configured: bool
    file_at: datetime | None = None
    mail_at: datetime | None = None
    by_url: bool = False


def read_programs(var: Path, now: datetime) -> tuple[ProgramStanding, ...]:
    """Reads how every stage is by what it left under `var`; the console itself runs where its page is shown."""
    return tuple(_program(var, stage, now) for stage in (*STAGES, CONSOLE))


def read_versions(reader: Reader, topics: TopicsConfig) -> Versions:
    """Reads by what is judged now; raises `Retryable` where the index is away."""
    newest = reader.search(Query(), 1).posts
    rules = {topic.name: rules_print(topic) for topic in topics.watched.values()}
    return Versions(VERSION, newest[0].model if newest else None, rules)


def read_heartbeat(engine: Engine, config: HeartbeatConfig | None) -> HeartbeatSigns:
    """Reads when the installation last gave its sign of life."""
    if config is None:
        return HeartbeatSigns(is_configured=False)
    with reading(engine) as session:
        said = select(BulletinRow.at).where(BulletinRow.kind == BriefKind.ALIVE).order_by(BulletinRow.at.desc())
        mail_at = session.scalar(said.limit(1)) if config.mail else None
    return HeartbeatSigns(True, _changed(config.file), mail_at, config.url is not None)


def list_quarantined(config: StreamConfig) -> list[Quarantined]:
    """Lists what waits in quarantine, the newest first, without the records' bytes; [] where there is none yet."""
    try:
        with closing(open_log_admin(config)) as admin:
            ends = admin.ends(QUARANTINE)
        if not ends:
            return []
        with whole_topic(config, QUARANTINE) as (consumer, _):
            kept = listed(consumer, ends)
    except UnknownTopic:
        return []
    return [entry for entry in reversed(kept) if entry.replayed_at is None]


def replay_quarantined(config: StreamConfig, clock: Clock, wanted: Callable[[Quarantined], bool]) -> int:
    """Sends the wanted records to their topics again, as `stream quarantine replay` does; how many."""
    with whole_topic(config, QUARANTINE) as (consumer, admin), closing(open_producer(config, clock)) as producer:
        return len(replay(consumer, producer, admin.ends(QUARANTINE), clock, wanted=wanted))


def by_reason(entries: Sequence[Quarantined]) -> dict[str, int]:
    """Counts entries by why they were refused, the most frequent first."""
    reasons = [entry.reason for entry in entries]
    return {one: reasons.count(one) for one in sorted(set(reasons), key=lambda one: (-reasons.count(one), one))}


def _program(var: Path, stage: str, now: datetime) -> ProgramStanding:
    signs = read_signs(var, stage)
    if stage == CONSOLE:  # it gives no sign each minute: who answers is alive
        return ProgramStanding(stage, NAMES[stage], StageState.RUNNING, now, max(1, len(signs.started)))
    return ProgramStanding(
        stage, NAMES.get(stage, stage), judge(signs, now), signs.last, len(signs.started) + signs.elsewhere
    )


def _changed(file: Path | None) -> datetime | None:
    try:
        return datetime.fromtimestamp(file.stat().st_mtime, UTC) if file is not None else None
    except OSError:
        return None
