"""Named places at which a process can be made to die, for the proof that it loses nothing there.

Off unless the process was started with WENFENG_FAILPOINTS set, as in `outbox.accepted=kill@1,worker.polled=sleep:5@2`:
die at the first letter that the mail server took, hold the second poll's records for five seconds. `raise` crashes.
`kill` is SIGKILL: no `finally` runs, nothing is flushed, as when the power goes or the machine runs out of memory.
"""

import os
import signal
import time
from dataclasses import dataclass
from re import fullmatch
from threading import Lock

from stream.errors import ConfigError, Mistake

VARIABLE = "WENFENG_FAILPOINTS"

#: Every place, and what has happened when a process gets there. tests/faults kills at each of them.
PLACES = {
    "account.written": "a password is set by a link, which is spent, the transaction not yet kept",
    "act.written": "a person's act is written, its transaction not yet kept",
    "act.kept": "a person's act is kept, the person not yet told",
    "brief.written": "a brief is in line for everybody who gets it, the transaction not yet kept",
    "crawl.claimed": "a scheduler has taken a source's tick, the crawl is not begun",
    "crawl.met": "a page's posts are noted as seen, not yet sent",
    "crawl.sent": "the log has a page's posts, the crawler has not noted it",
    "crawl.noted": "the crawler has noted what the log has",
    "crawl.listed": "a board's list is remembered, its threads not yet read",
    "crawl.visited": "a thread's last page is in the log, its visit noted",
    "erase.buried": "posts are noted as erased, not yet removed",
    "erase.removed": "posts are removed, the operator not yet told",
    "heart.beaten": "the heartbeat's file is touched, nobody else told yet",
    "incident.written": "an incident is opened or closed with its letters, the transaction not yet kept",
    "index.asked": "it is known which posts of a batch were erased, none is put yet",
    "index.written": "the engine has written a part of a batch, or holds its transaction open",
    "index.put": "a batch is put, those erased meanwhile not yet taken out again",
    "invite.written": "a link to set a password is issued and its mail in line, the transaction not yet kept",
    "mailbox.taken": "the log has a mail's words, the mail is not marked read",
    "outbox.claimed": "a letter is claimed, not yet sent",
    "outbox.accepted": "the mail server took a letter, its row does not say so",
    "outbox.settled": "a letter's row says what became of it",
    "outbox.sorted": "letters are let go, held or told in a digest, the transaction not yet kept",
    "publish.sent": "records are on their way into the log, not acknowledged",
    "folder.taken": "a file's rows are in the log, the file still lies where it was put",
    "health.published": "a stage's health is in the log, the stage has not noted it",
    "rebuild.filled": "the next index is filled, the one in use still takes writes",
    "rebuild.held": "the index in use takes no writes, the next one is not in its place",
    "rebuild.switched": "the next index is in its place, the operator not yet told",
    "reception.kept": "the log has what was sent to us, whoever sent it has no answer",
    "relay.published": "a case's events are in the log and still in line",
    "relay.told": "a case's events are out of the line",
    "reply.read": "an answer to a letter is read, nothing done about it",
    "reply.written": "what an answer asks is done, its record and answer written, the transaction not yet kept",
    "reply.kept": "an answer is dealt with and kept, its mail not marked read",
    "schedule.woken": "a scheduled job begins",
    "score.scored": "a batch is scored, nothing of it sent",
    "score.published": "a batch's scores are in the log, its offsets not committed",
    "service.synced": "messages of customer service are here, nothing of them sent",
    "service.kept": "the log has messages of customer service, the cursor does not say so",
    "source.written": "a new crawlers.yml lies beside the one in force, not yet in its place",
    "watch.leased": "a watcher holds the lease",
    "watch.looked": "a topic is judged a spike, no case is touched yet",
    "watch.written": "a case and its letters are written, their transaction not yet kept",
    "watch.kept": "a case and its letters are kept",
    "watch.judged": "every topic is judged, its cases are kept; that it was is not",
    "watch.resumed": "a step that nobody had is somebody's again, the transaction not yet kept",
    "watch.called": "the next desk is called, the transaction not yet kept",
    "worker.polled": "records are read, nothing done with them",
    "worker.done": "a batch is done, its rejects not quarantined, its offsets not committed",
    "worker.quarantined": "a batch's rejects are in the quarantine, its offsets not committed",
    "worker.committed": "a batch's offsets are committed",
}


@dataclass(slots=True)
class _Armed:
    """What is to happen at one place, and at which of its hits from now."""

    act: str
    seconds: float
    left: int


_armed: dict[str, _Armed] = {}
_turn = Lock()


def failpoint(name: str) -> None:
    """Does nothing, unless this process was told to do something here: see this module."""
    if _armed:
        _hit(name)


def arm(spec: str) -> None:
    """Sets what the variable says to hold from now on; `ConfigError` for what cannot be meant."""
    wanted = {}
    for part in filter(None, spec.split(",")):
        match = fullmatch(r"([a-z.]+)=(kill|raise|sleep:(\d+(?:\.\d+)?))@([1-9]\d*)", part)
        if match is None or match[1] not in PLACES:
            problem = (
                f"{part!r}: write PLACE=kill@N, PLACE=raise@N or PLACE=sleep:SECONDS@N; places: {', '.join(PLACES)}"
            )
            raise ConfigError([Mistake("environment", VARIABLE, problem)])
        wanted[match[1]] = _Armed(match[2].partition(":")[0], float(match[3] or 0), int(match[4]))
    _armed.clear()
    _armed.update(wanted)


def _hit(name: str) -> None:
    with _turn:
        armed = _armed.get(name)
        if armed is None:
            return
        armed.left -= 1
        if armed.left:
            return
        del _armed[name]
        os.write(2, f"failpoint {name}: {armed.act}\n".encode())  # past every buffer: nothing is flushed any more
        if armed.act == "kill":
            os.kill(os.getpid(), signal.SIGKILL)
    if armed.act == "raise":
        raise RuntimeError(f"failpoint {name}")
    time.sleep(armed.seconds)


arm(os.environ.get(VARIABLE, ""))
