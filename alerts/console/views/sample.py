"""样信: one made-up letter of every kind to oneself, so that mail is proven before the first crisis."""

from datetime import timedelta

from alerts.console.accounts.access import Access, note_access
from alerts.console.door import Answer, Door, Shown, Visit
from alerts.console.records import last_access
from alerts.desk.exercise.letters import exercise_letters, recipient
from alerts.desk.exercise.sending import send_samples
from alerts.notify.kinds import open_channels
from alerts.workflow.cases import Refused
from stream.state.database import transaction

APART = timedelta(minutes=5)  # between two rounds of one person: some two dozen letters each
MINUTE = timedelta(minutes=1)


def show(visit: Visit) -> Answer:
    """Says where the letters would go."""
    return _page(visit)


def send(visit: Visit) -> Answer:
    """Sends one letter of every kind to who asks, and says what the far side answered."""
    config = visit.context.config
    try:
        name, routes = recipient(config, visit.key)
        letters = exercise_letters(config, (), name, visit.now)
        with transaction(visit.context.engine) as session:
            before = last_access(session, visit.key, Access.SAMPLE)
            if before is not None and visit.now - before < APART:
                wait = (APART - (visit.now - before)) // MINUTE + 1
                return _page(visit, why=f"刚发过一轮，请 {wait} 分钟后再试", status=429)
            note_access(session, visit.now, Access.SAMPLE, person=visit.key, client=visit.client)
    except Refused as refused:
        return _page(visit, why=refused.detail, status=409)
    letterhead = config.routing.letterhead
    channels = {one.name: one for one in open_channels(config.in_use, letterhead)}
    return _page(visit, answers=list(send_samples(letters, routes, channels, letterhead)))


def _page(visit: Visit, *, why: str = "", answers: object = None, status: int = 200) -> Answer:
    routes = visit.context.config.routing.routes(visit.key)
    return Shown("sample.html", {"routes": routes, "why": why, "answers": answers}, status)


DOORS = (Door(path="/sample", show=show, act=send),)
