"""Silences as people ask for them: of a topic, with an end, a reason and somebody who answers for it."""

from datetime import datetime, timedelta

from sqlalchemy import select

from alerts.casefile.tables import CaseRow
from alerts.desk.register import Register
from alerts.notify.contents.notice import Colour
from alerts.notify.holding.silences import Silence, add_silence, end_silence, read_silences
from alerts.people.directory import find_person
from alerts.workflow.cases import Refused
from stream.state.database import reading

USUAL = Colour.YELLOW  # silenced at most where no case is open and nobody says more


def silence_topic(
    register: Register, topic: str, lasts: timedelta, *, reason: str, by: str, up_to: Colour | None, now: datetime
) -> Silence:
    """Withholds letters about a topic from now on; those that are graver than `up_to` are sent all the same.

    Without `up_to` it is the grade of the topic's open case, so that its rise is told. Raises `Refused`.
    """
    if topic not in register.topics.watched:
        raise Refused(f"没有话题 {topic}；有：{'、'.join(register.topics.watched)}")
    person = find_person(register.config.people, by)
    if person is None:
        raise Refused(f"alerts.yml 的 people 中没有「{by}」")
    grade = up_to or _present(register, topic) or USUAL
    try:
        return add_silence(register.engine, topic, now + lasts, reason=reason, by=person.name, up_to=grade, now=now)
    except ValueError as error:
        raise Refused(str(error)) from error


def list_silences(register: Register, now: datetime | None) -> list[Silence]:
    """Finds the silences that hold at `now`; without it, every one there ever was."""
    return read_silences(register.engine, now)


def lift_silence(register: Register, number: int, now: datetime) -> None:
    """Ends a silence now; `Refused` where there is none that holds."""
    if not end_silence(register.engine, number, now):
        raise Refused(f"没有生效中的静默 {number}")


def _present(register: Register, topic: str) -> Colour | None:
    with reading(register.engine) as session:
        grade = session.scalar(select(CaseRow.grade).where(CaseRow.open_key == topic))
    return Colour(grade) if grade else None
