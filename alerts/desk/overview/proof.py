"""Whether silence means calm: what there is to say for it, or what cannot be seen. Pure."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from alerts.desk.overview.programs import ProgramStanding
from alerts.desk.overview.sources import SourcesView
from stream.process.running import StageState

STILL = (StageState.LATE, StageState.STOPPED)


@dataclass(frozen=True, slots=True)
class Proof:
    """What is blind, a sentence each; () where silence is calm. `last_success` is when a source was last read."""

    blind: tuple[str, ...]
    last_success: datetime | None


def prove(
    sources: SourcesView, programs: Sequence[ProgramStanding], behind: timedelta | None, patience: timedelta
) -> Proof:
    """Says what keeps silence from being calm; `behind` is how long the oldest post waits, `patience` what it may."""
    return Proof(tuple(_blind(sources, programs, behind, patience)), sources.last_success)


def _blind(
    sources: SourcesView, programs: Sequence[ProgramStanding], behind: timedelta | None, patience: timedelta
) -> Iterator[str]:
    for one in programs:
        if one.state in STILL:
            yield f"{one.name}程序{'没有响应' if one.state is StageState.LATE else '已停止'}，新情况可能看不到"
    yield from (one.what for one in sources.blind)
    if behind is not None and behind > patience:
        yield f"已采集的帖文排队 {behind // timedelta(minutes=1)} 分钟仍未入库，预警会晚到"
    if sources.wrong and not sources.blind:
        yield f"以下来源读不到：{'、'.join(one.name for one in sources.wrong)}"
    if sources.last_success is None:
        yield "还没有任何来源采集成功"
