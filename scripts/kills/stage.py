"""One stage of the demo's story at one scripted moment, as a process that can be killed."""

from contextlib import ExitStack
from datetime import datetime
from pathlib import Path

import click

from alerts.cases import Action, Refused, Verdict
from alerts.casework import Deed
from scripts.demo.stages import Stages
from stream.clock import ScriptedClock
from stream.log import configure


@click.command()
@click.argument("configs", type=click.Path(path_type=Path))
@click.argument("moment", type=datetime.fromisoformat)
@click.argument("stage", type=click.Choice(["crawl", "score", "index", "alerts", "act"]))
@click.argument("deed", nargs=-1)
def main(configs: Path, moment: datetime, stage: str, deed: tuple[str, ...]) -> None:
    """Do STAGE at MOMENT with the engines of CONFIGS; `act` takes CASE ACTION BY NOTE [VERDICT]."""
    configure(stage)
    with ExitStack() as stack:
        do(Stages(configs, ScriptedClock(moment), stack), stage, *deed)


def do(stages: Stages, stage: str, *deed: str) -> None:
    """One stage's round, or a person's deed; a deed that was done before a kill only has its letters sent."""
    if stage != "act":
        {"crawl": stages.crawl, "score": stages.score, "index": stages.index, "alerts": stages.alerts}[stage]()
        return
    case, action, by, note, *verdict = deed
    try:
        stages.act(int(case), Deed(Action(action), by, note, Verdict(verdict[0]) if verdict else None))
    except Refused:
        stages.alerts()


if __name__ == "__main__":
    main()
