"""系统: whether the parts of the installation do their work, and what waits for an administrator."""

from alerts.console import looks
from alerts.console.accounts.access import Access, note_access
from alerts.console.door import Answer, Door, Moved, Shown, Visit, attempt
from alerts.console.records import ACCESS_NAMES, list_accesses, list_accounts
from alerts.desk.letters import retry_letter
from alerts.desk.overview.programs import (
    by_reason,
    read_heartbeat,
    read_programs,
    read_versions,
    replay_quarantined,
)
from alerts.incidents.tables import TroubleRow
from alerts.rounds.troubles import read_troubles
from alerts.workflow.cases import Refused
from stream.engines import refuse_absent
from stream.errors import ConfigError
from stream.process.clock import SystemClock
from stream.state.database import reading, transaction

SHOWN = 50  # letters, records and lines of the log


def show(visit: Visit) -> Answer:
    """Shows stages, lag, letters, quarantine, incidents, what the audit found, versions, and accounts."""
    premises, context, now = visit.premises, visit.context, visit.now
    kept = looks.quarantine(premises).read(now)
    accesses = attempt(lambda: list_accesses(context.engine, SHOWN), "操作日志") if visit.is_administrator else None
    facts = {
        "programs": read_programs(premises.stream.var, now),
        "lag": looks.lag(premises, now),
        "late_after": context.config.detector.blind_after,
        "letters": looks.letters(premises).read(now),
        "quarantine": kept,
        "reasons": by_reason(kept.value or []),
        "troubles": attempt(lambda: _troubles(visit), "系统故障"),
        "complaints": looks.complaints(premises).read(now),
        "heartbeat": attempt(lambda: read_heartbeat(context.engine, context.config.heartbeat), "运行心跳"),
        "versions": attempt(lambda: read_versions(context.reader, context.topics), "评分模型的版本"),
        "accounts": attempt(lambda: list_accounts(context.engine, context.config.people), "账号"),
        "accesses": accesses,
        "ACCESS_NAMES": ACCESS_NAMES,
        "people": context.config.people,
        "SHOWN": SHOWN,
    }
    return Shown("system.html", facts)


def retry(visit: Visit) -> Answer:
    """Makes a waiting or refused letter due at once."""
    if not retry_letter(looks.register_of(visit.premises), visit.number, visit.now):
        raise Refused(f"没有待发或被拒的通知 {visit.number}，可能已经发出")
    visit.premises.kept.renew("letters")
    _note(visit, Access.RETRY, str(visit.number))
    return Moved("/system", f"通知 {visit.number} 将在下一轮发出")


def replay(visit: Visit) -> Answer:
    """Sends what waits in quarantine again: one record, or all of one reason, of those that were shown."""
    one, reason = visit.field("id"), visit.field("reason")
    if not one and not reason:
        raise Refused("请选择要重放的记录")
    stream = visit.premises.stream
    try:
        refuse_absent(stream, "log")
    except ConfigError:
        raise Refused("还没有消息日志，没有可重放的记录") from None
    number = replay_quarantined(stream, SystemClock(), lambda entry: entry.id == one if one else entry.reason == reason)
    if not number:
        raise Refused("没有可重放的记录：可能已由他人重放，或内容过长未保留")
    visit.premises.kept.renew("quarantine")
    _note(visit, Access.REPLAY, f"{one or reason}（{number} 条）")
    return Moved("/system", f"已重放 {number} 条；如仍无法处理，会再次进入隔离区")


def _note(visit: Visit, what: Access, detail: str) -> None:
    with transaction(visit.context.engine) as session:
        note_access(session, visit.now, what, person=visit.key, client=visit.client, detail=detail)


def _troubles(visit: Visit) -> list[TroubleRow]:
    with reading(visit.context.engine) as session:
        return read_troubles(session)


DOORS = (
    Door(path="/system", show=show),
    Door(path="/system/letters/{number}", act=retry, administrators=True),
    Door(path="/system/quarantine", act=replay, administrators=True),
)
