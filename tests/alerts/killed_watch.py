"""Run in a process of its own: one round of a watcher that kills itself, at a place named here or by its failpoints."""

import os
import signal
import sys
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import event

from alerts.casefile.context import CaseContext
from alerts.casefile.tables import EventRow, TaskRow
from alerts.config import AlertsConfig
from alerts.notify.channels.folder import FolderChannel, FolderConfig
from alerts.notify.tables import OutboxRow
from alerts.watch import Watcher
from stream.index.sqlite.posts import SqliteIndexReader
from stream.process.configuration import Configuration
from stream.process.holders import holder
from stream.state.database import open_state
from stream.topics import Rule, TopicsConfig, WatchedTopic


def die(*_: object) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


class Mailbox:
    """A folder; dies after it stored a letter where told so."""

    name = "folder"
    longest = timedelta(minutes=1)

    def __init__(self, folder: Path, deadly: bool) -> None:
        self._file = FolderChannel(FolderConfig(path=folder))
        self._deadly = deadly

    def send(self, recipient: str, content: bytes, message_id: str) -> str:
        answer = self._file.send(recipient, content, message_id)
        if self._deadly:
            die()
        return answer


def main(folder: Path, configs: Path, now: datetime, place: str, state: str) -> None:
    tables = {"event": EventRow, "task": TaskRow, "outbox": OutboxRow}
    if place in tables:
        event.listen(tables[place], "after_insert", die)
    config = Configuration(configs, {}).add("alerts.yml", AlertsConfig)()
    topics = TopicsConfig(
        topics={"outage": WatchedTopic(name="停电", owner="dispatch", rules=(Rule(any_of=("停电",)),))}
    )
    context = CaseContext(open_state(state), SqliteIndexReader(folder / "index.db"), config, topics)
    watcher = Watcher(context, [Mailbox(folder / "letters", place == "sent")], holder())
    watcher.look(now)
    if place == "looked":
        die()
    watcher.escalate(now)
    watcher.deliver(now)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), datetime.fromisoformat(sys.argv[3]), *sys.argv[4:])
