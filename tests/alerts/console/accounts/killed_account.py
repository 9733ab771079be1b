"""Run in a process of its own, which its failpoints kill: one act about an account, or one by a signed link."""

import sys
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from alerts.casefile.context import CaseContext
from alerts.config import AlertsConfig
from alerts.console.accounts.inviting import accept, invite
from alerts.console.accounts.signing import sign
from alerts.notify.console import ConsoleConfig
from stream.index.sqlite.posts import SqliteIndexReader
from stream.process.configuration import Configuration
from stream.state.database import open_state
from stream.topics import Rule, TopicsConfig, WatchedTopic

CONSOLE = ConsoleConfig(address="https://yuqing.example.com")


def main(folder: Path, configs: Path, now: datetime, state: str, what: str, token: str, typed: str) -> None:
    config = replace(Configuration(configs, {}).add("alerts.yml", AlertsConfig)(), console=CONSOLE)
    topics = TopicsConfig(
        topics={"outage": WatchedTopic(name="停电抢修", owner="dispatch", rules=(Rule(any_of=("停电",)),))}
    )
    context = CaseContext(open_state(state), SqliteIndexReader(folder / "index.db"), config, topics)
    if what == "invite":
        invite(context, CONSOLE, "zhang_min", now, by="", client="")
    elif what == "accept":
        accept(context, token, typed, "", now)
    else:
        sign(context, token, typed, "", now)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), datetime.fromisoformat(sys.argv[3]), *sys.argv[4:8])
