"""The commands, run as a person runs them, on a folder of their own."""

import shutil
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from yaml import safe_dump, safe_load

from alerts.casefile.context import CaseContext
from alerts.casefile.troubles.casework import open_incident
from alerts.cli.commands import main as cli
from alerts.config import AlertsConfig
from alerts.detection.grades import Grade
from alerts.incidents.kinds import Kind
from alerts.incidents.tables import TroubleRow
from alerts.incidents.troubles import Trouble
from stream.index.sqlite.posts import SqliteIndexWriter
from stream.messages import Label, ScoredPost
from stream.state.database import disposing, open_state, transaction
from stream.topics import Rule, TopicsConfig, WatchedTopic

ROOT = Path(__file__).parents[3]

Run = Callable[..., Result]


@pytest.fixture
def configs(tmp_path: Path, state_url: str) -> Path:
    """The shipped files, with index and letters in the test's folder and the state in its database."""
    folder = tmp_path / "configs"
    folder.mkdir()
    for name in ("stream.yml", "example/topics.yml", "example/alerts.yml"):
        shutil.copy(ROOT / "configs" / name, folder)
    stream = safe_load((folder / "stream.yml").read_text("utf-8")) | {"var": str(tmp_path)}
    stream |= {"index": "sqlite:index.db", "state": state_url.replace("sqlite:///", "sqlite:")}
    (folder / "stream.yml").write_text(safe_dump(stream, allow_unicode=True), "utf-8")
    alerts = safe_load((folder / "alerts.yml").read_text("utf-8")) | {"folder": str(tmp_path / "letters")}
    (folder / "alerts.yml").write_text(safe_dump(alerts, allow_unicode=True), "utf-8")
    return folder


@pytest.fixture
def run(configs: Path) -> Run:
    """Runs one command; its exit code, what it said and what it complained of."""

    def one(*arguments: str) -> Result:
        return CliRunner().invoke(cli, arguments, env={"WENFENG_CONFIGS": str(configs)})

    return one


@pytest.fixture
def spike_today(index: SqliteIndexWriter, write: Callable[..., ScoredPost]) -> None:
    """A topic of which people complain now, and of which little was heard before."""
    moment = datetime.now(UTC).replace(microsecond=0)
    old = datetime.fromtimestamp(moment.timestamp() - 5 * 86400, UTC)
    index.put([write(1, at=old, label=Label.NEUTRAL), *(write(n, at=moment) for n in range(2, 32))])


@pytest.fixture
def watched(run: Run, spike_today: None) -> Run:
    """The commands, once a case was opened and its first letter sent."""
    done = run("watch", "--once")
    assert done.exit_code == 0, done.stderr
    return run


@pytest.fixture
def incident(state_url: str, now: datetime, config: AlertsConfig) -> int:
    """The number of a case over a source that is blocked."""
    trouble = Trouble(
        kind=Kind.BLOCKED, thing="bbs", since=now, what="信息源「bbs」拒绝访问。", todo="请核对。", grade=Grade.BLUE
    )
    reader: Any = None  # an incident shows no posts
    topics = TopicsConfig(topics={"outage": WatchedTopic(name="停电", owner="dispatch", rules=(Rule(any_of=("x",)),))})
    with disposing(open_state(state_url)) as engine, transaction(engine) as session:
        context = CaseContext(engine, reader, config, topics)
        case = open_incident(session, context, trouble, now)
        row = TroubleRow(
            key=trouble.key, grade="blue", what=trouble.what, since=now, first_seen_at=now, case_id=case.id
        )
        session.add(row)
        return case.id
