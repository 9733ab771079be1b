"""Facts of a machine on which all is well, for rounds to find what is not."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from alerts.casefile.context import CaseContext
from alerts.incidents.facts import QuarantineFact
from alerts.notify.contents.letter import Letter, read_letter
from alerts.notify.tables import OutboxRow
from alerts.rounds.stock import Stock
from stream.state.database import transaction


@dataclass
class Machine:
    """The parts of it that are no rows: how far the pipeline has come, what is in quarantine."""

    complete_until: datetime | None = None
    quarantine: QuarantineFact | None = field(default_factory=lambda: QuarantineFact(0, 0))
    is_behind: bool = False

    def until(self, now: datetime) -> datetime | None:
        return self.complete_until if self.is_behind else now

    def count(self, _now: datetime) -> QuarantineFact | None:
        return self.quarantine


@pytest.fixture
def machine() -> Machine:
    return Machine()


@pytest.fixture
def stock(context: CaseContext, machine: Machine, tmp_path: Path) -> Stock:
    return Stock(context, tmp_path / "var", machine.until, machine.count)


@pytest.fixture
def queued(context: CaseContext) -> Callable[[], list[tuple[Any, Letter]]]:
    """Every letter in line, by whom it is to."""

    def one() -> list[tuple[Any, Letter]]:
        with transaction(context.engine) as session:
            rows = session.query(OutboxRow).order_by(OutboxRow.id)
            return [(row.person, read_letter(row.notice or "")) for row in rows]

    return one
