"""Run in a process of its own, which its failpoints kill: one round of everything that the watcher minds."""

import sys
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from alerts.briefs.policy import BriefsConfig, DailyBrief
from alerts.casefile.context import CaseContext
from alerts.config import AlertsConfig
from alerts.incidents.facts import QuarantineFact
from alerts.incidents.policy import HeartbeatConfig
from alerts.rounds.minding import mind
from alerts.rounds.stock import Stock
from stream.index.sqlite.posts import SqliteIndexReader
from stream.process.configuration import Configuration
from stream.process.holders import holder
from stream.state.database import open_state
from stream.topics import Rule, TopicsConfig, WatchedTopic


def main(folder: Path, configs: Path, now: datetime, state: str) -> None:
    config = replace(
        Configuration(configs, {}).add("alerts.yml", AlertsConfig)(),
        briefs=BriefsConfig(daily=DailyBrief(people=("li_qiang",), at="14:00", days="all")),
        heartbeat=HeartbeatConfig(file=folder / "heartbeat", mail="wu_tao"),
    )
    topics = TopicsConfig(
        topics={"outage": WatchedTopic(name="停电", owner="dispatch", rules=(Rule(any_of=("停电",)),))}
    )
    context = CaseContext(open_state(state), SqliteIndexReader(folder / "index.db"), config, topics)
    stock = Stock(context, folder / "var", lambda moment: moment, lambda _: QuarantineFact(0, 0))
    for part in mind(context, holder(), stock, folder / "var"):
        part(now)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), datetime.fromisoformat(sys.argv[3]), sys.argv[4])
