"""Run in a process of its own: one round of reading the mailbox, killed where its failpoints say."""

import sys
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from alerts.casefile.context import CaseContext
from alerts.config import AlertsConfig
from alerts.replies.handling import ReplyRounds
from alerts.replies.imap import ImapMailbox
from stream.index.sqlite.posts import SqliteIndexReader
from stream.process.configuration import Configuration
from stream.state.database import open_state
from stream.topics import Rule, TopicsConfig, WatchedTopic
from tests.alerts.replies.mailing import of_dovecot

CONFIGS = Path(__file__).parents[3] / "configs" / "example"


def main(index: str, state: str, port: str, user: str, now: str) -> None:
    inbox = of_dovecot(f"imap://127.0.0.1:{port}", user, folder="Replies")
    config = replace(Configuration(CONFIGS, {}).add("alerts.yml", AlertsConfig)(), inbox=inbox)
    rules = (Rule(any_of=("停电",)),)
    topics = TopicsConfig(topics={"outage": WatchedTopic(name="停电抢修", owner="dispatch", rules=rules)})
    context = CaseContext(open_state(state), SqliteIndexReader(Path(index)), config, topics)
    ReplyRounds(context, ImapMailbox(inbox))(datetime.fromisoformat(now))


if __name__ == "__main__":
    main(*sys.argv[1:])
