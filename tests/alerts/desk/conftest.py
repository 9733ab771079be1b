from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pytest

from alerts.casefile.context import CaseContext
from alerts.desk.register import Register
from alerts.notify.channels.folder import FolderChannel, FolderConfig
from alerts.watch import Watcher
from stream.messages import ScoredPost


@pytest.fixture
def register(context: CaseContext) -> Register:
    return Register(context.engine, context.config, context.topics)


@pytest.fixture
def watcher(context: CaseContext, tmp_path: Path) -> Watcher:
    return Watcher(context, [FolderChannel(FolderConfig(path=tmp_path / "letters"))], "w")


@pytest.fixture
def opened(watcher: Watcher, quiet_weeks: None, rumour: Callable[..., list[ScoredPost]], now: datetime) -> int:
    """The number of a case that was opened at `now`; its first letter waits."""
    rumour(30)
    (seen,) = watcher.look(now)
    assert seen.case_id is not None
    return seen.case_id
