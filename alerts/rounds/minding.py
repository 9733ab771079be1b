"""What the watcher minds each minute, in order: its own rows, its parts, its briefs, and that others see it live.

Each is guarded: a row that cannot be read is noted, and stops neither the others nor the looking.
"""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from alerts.casefile.context import CaseContext
from alerts.casefile.guards.failures import FailureKind, Failures
from alerts.rounds.auditor import Auditor
from alerts.rounds.briefs import BriefRound
from alerts.rounds.heartbeat import Heartbeat
from alerts.rounds.stock import Stock
from alerts.rounds.troubles import TroubleRound

Part = Callable[[datetime], object]


def mind(context: CaseContext, holder: str, stock: Stock, var: Path) -> tuple[Part, ...]:
    """Puts the parts together; each is a round by itself and may raise `Retryable` where an engine is away."""
    auditor = Auditor(context, holder)
    parts: dict[str, Part] = {
        "audit": auditor, "troubles": TroubleRound(context, holder, stock), "briefs": BriefRound(context, holder),
    }  # fmt: skip
    config = context.config.heartbeat
    if config is not None:
        parts["heartbeat"] = Heartbeat(context, config, holder, var, lambda: auditor.passed_at)
    return tuple(_guarded(name, part, context.failures) for name, part in parts.items())


def _guarded(name: str, part: Part, failures: Failures) -> Part:
    def go_round(now: datetime) -> None:
        with failures.guarding(FailureKind.ROUND, name, now):
            part(now)

    go_round.__name__ = name
    return go_round
