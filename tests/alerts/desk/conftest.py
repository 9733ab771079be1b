from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pytest

from alerts.casefile.context import CaseContext
from alerts.desk.register import Register
from alerts.notify.channels.folder import FolderChannel, FolderConfig
from alerts.watch import Watcher
from stream.messages import ScoredPost
from tests.alerts.remembering import Taught, opened_case


@pytest.fixture
def register(context: CaseContext) -> Register:
    return Register(context.engine, context.config, context.topics)


@pytest.fixture
def watcher(context: CaseContext, tmp_path: Path) -> Watcher:
    return Watcher(context, [FolderChannel(FolderConfig(path=tmp_path / "letters"))], "w")


@pytest.fixture(scope="session")
def taught() -> Taught:
    return {}


@pytest.fixture
def opened(
    watcher: Watcher,
    context: CaseContext,
    quiet_weeks: None,
    rumour: Callable[..., list[ScoredPost]],
    now: datetime,
    taught: Taught,
) -> int:
    """The number of a case that was opened at `now`; its first letter waits."""
    rumour(30)
    return opened_case(watcher, context.engine, now, taught)
