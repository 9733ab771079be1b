"""Cases that are one and the same event, and one case that is two: 并案 and 拆分."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy.orm import Session

from alerts.casefile.acting.deeds import doer, hold
from alerts.casefile.acting.orders import record_order, require_open
from alerts.casefile.casework import begin_case, end_others, note_news, numbers
from alerts.casefile.context import CaseContext
from alerts.casefile.notices import Telling
from alerts.casefile.sending import tell_running
from alerts.casefile.snapshot import CaseSnapshot, from_json, read_quotes, to_json, with_guest, with_triggers
from alerts.casefile.tables import BY_HAND, CaseRow, update_case
from alerts.casefile.telling.standing import Gathered
from alerts.casefile.troubles.found import read_found
from alerts.detection.firing import Fired
from alerts.detection.triggers import When
from alerts.notify.contents.notice import Occasion
from alerts.notify.contents.quotes import Quote
from alerts.workflow.cases import Case, Correlation, Order, Refused, correlate, merged
from alerts.workflow.rules import WORKFLOW
from stream.process.failpoints import failpoint
from stream.state.database import transaction


def merge(context: CaseContext, case_id: int, into: int, order: Order, now: datetime) -> Case:
    """Ends a case as merged into the open case `into`, which shows its posts and triggers; returns the latter.

    Whoever has that one is told. What the topic of the merged case does from then on is told there, too.
    """
    by = doer(context, order)
    if case_id == into:
        raise Refused("事件不能并入自身")
    quoted = _quotes(context, (into, case_id), now)
    with transaction(context.engine) as session:
        guest, host = hold(session, case_id, into)
        for case in (guest, host):
            require_open(session, context, case, by, "merge", order, now)
        gone = merged(guest, into, now)
        update_case(session, guest, gone)
        record_order(session, gone, "merge", order, by, now, {"into": into})
        end_others(session, gone, now)
        snapshot = with_guest(_snapshot(session, into), _snapshot(session, case_id))
        grown = replace(host, revision=host.revision + 1)
        if host.split_from is not None and guest.split_from is None and guest.topic == host.topic:
            grown = replace(grown, split_from=None)  # the waves of the topic are its own from here on
        update_case(session, host, grown, to_json(snapshot))
        record_order(session, grown, "merge", order, by, now, {"merged": case_id})
        telling = Telling(grown, snapshot, quoted, Occasion.MERGED, f"{Occasion.MERGED}-{grown.revision}")
        tell_running(session, context, telling, now, by.person)
        failpoint("act.written")
    failpoint("act.kept")
    return grown


def split(context: CaseContext, case_id: int, order: Order, posts: Sequence[str], now: datetime) -> Case:
    """Opens a new case by hand over some posts of an open one, on the same topic and of the same grade; returns it.

    The topic's waves stay with the case that it is taken out of.
    """
    by = doer(context, order)
    wanted = tuple(dict.fromkeys(posts))
    if not wanted:
        raise Refused("请用 --post 写明拆分哪些帖子")
    there = {post.id for post in context.reader.get(wanted)}
    if missing := [one for one in wanted if one not in there]:
        raise Refused(f"没有帖子 {missing[0]}")
    quoted = read_quotes(context.reader, wanted, now)
    with transaction(context.engine) as session:
        (before,) = hold(session, case_id)
        require_open(session, context, before, by, "split", order, now)
        reported = Fired(
            when=When.HAND, key=str(When.HAND), topic=before.topic, things=(by.name,), grade=before.grade, source="",
            measured=len(wanted), at_least=0, posts=wanted, words=order.note, latest=now,
        )  # fmt: skip
        kept = replace(_snapshot(session, case_id), posts=wanted, triggers=(), alike=(), calmed_at=None)
        new = Case(
            id=0, topic=before.topic, stage=WORKFLOW.start, grade=before.grade, opened_at=now, since=before.since,
            notified=before.notified, peak=before.peak, last_spike_at=before.last_spike_at,
            graded_by=before.graded_by, seen_grade=before.seen_grade, split_from=case_id,
        )  # fmt: skip
        detail = numbers(kept.signal, new.grade) | {BY_HAND: True, "split_from": case_id} | by.detail
        opened = begin_case(
            session, context, new, with_triggers(kept, (reported,)), quoted=quoted, by=by.name, why=order.note,
            detail=detail, now=now, occasion=Occasion.SPLIT,
        )  # fmt: skip
        record_order(session, before, "split", order, by, now, {"into": opened.id, "posts": list(wanted)})
        failpoint("act.written")
    failpoint("act.kept")
    return opened


def note_guest(
    session: Session,
    context: CaseContext,
    guest_id: int,
    host_id: int,
    snapshot: CaseSnapshot,
    *,
    quoted: Gathered,
    now: datetime,
) -> Correlation:
    """Tells whoever has the open case that another one was merged into of a rise in the other one's topic."""
    guest, host = hold(session, guest_id, host_id)
    signal, config = snapshot.signal, context.config
    beside = correlate(
        replace(guest, ended_at=None),
        signal,
        config.renotify_at,
        config.forget_after,
        new_wave=guest.calm_at is not None,
    )
    told = beside is not Correlation.JOINS
    update_case(
        session,
        guest,
        replace(
            guest,
            notified=signal.effective if told else min(guest.notified, max(signal.effective, signal.expected)),
            peak=max(guest.peak, signal.effective),
            last_spike_at=max(guest.last_spike_at, signal.window_end or now),
            calm_at=None,
        ),
    )
    if told:
        note_news(session, context, host, snapshot, quoted=quoted, now=now)
    return beside


def _quotes(context: CaseContext, ids: Sequence[int], now: datetime) -> tuple[Quote, ...]:
    with transaction(context.engine) as session:
        rows = [session.get(CaseRow, id_) for id_ in ids]
        posts = dict.fromkeys(post for row in rows if row is not None for post in read_found(row.found).posts)
    return read_quotes(context.reader, tuple(posts), now)


def _snapshot(session: Session, case_id: int) -> CaseSnapshot:
    return from_json(session.get_one(CaseRow, case_id).found)
