"""事件: all of one case on a page, what is asked now at its top; how it stands, for a refresh; its whole record."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from alerts.casefile.snapshot import CaseSnapshot
from alerts.casefile.telling.past import Past
from alerts.console.charts import course_chart, deeds_of, moment_of, share_of
from alerts.console.door import Answer, Door, Fetched, Missing, Shown, Visit, attempt, number_in
from alerts.console.viewing import note_viewing
from alerts.desk.cases import CaseDetails, HistoryEntry, read_details
from alerts.desk.dealing.course import CaseCourse, marks_of, read_course
from alerts.desk.dealing.findings import express_lines, known_facts, read_dossier, read_shown, read_the_past
from alerts.desk.dealing.flaring import newer_case, still_rising
from alerts.desk.dealing.holders import TurnHolder, turn_holder
from alerts.desk.dealing.letters import letters_of
from alerts.desk.dealing.meanwhile import changed_since, last_deed
from alerts.desk.dealing.permitted import permitted
from alerts.desk.dealing.seeing import CasesAsked, find_cases, may_see
from alerts.desk.dealing.templates import NOTES
from alerts.desk.register import Register
from alerts.desk.telling import added, explain_grade, known_names, who
from alerts.detection.grades import Grade
from alerts.notify.contents.phrases import matter
from alerts.words import UNVERIFIED, event_name
from alerts.workflow.cases import Refused
from alerts.workflow.parts import Verdict
from alerts.workflow.rules import WORKFLOW

LINES = 30  # of the record on the case's page
LOG_LINES = 200  # of it on its own page
SECONDS = 60  # between two looks at the standing


@dataclass(frozen=True, slots=True)
class Filled:
    """A form that came back: which one, what was typed, mistakes by field, and what happened since it was opened.

    `to_confirm` says against what the person has to stand, "" for nothing.
    """

    key: str = ""
    typed: Mapping[str, str] = field(default_factory=dict)
    mistakes: Mapping[str, str] = field(default_factory=dict)
    meanwhile: tuple[HistoryEntry, ...] = ()
    to_confirm: str = ""


EMPTY = Filled()
NOTHING: Fetched[None] = Fetched()
NO_WAVE: Mapping[str, object] = {"snapshot": None, "dossier": NOTHING, "posts": NOTHING}  # of an incident


@dataclass(frozen=True, slots=True)
class RecordLine:
    """A line of the record in words."""

    entry: HistoryEntry
    what: str
    by: str
    added: tuple[str, ...]


def show(visit: Visit) -> Answer:
    """Shows the case."""
    return case_page(visit, seen_details(visit))


def show_standing(visit: Visit) -> Answer:
    """Shows how the case stands, for the page that is open, and that it has moved on."""
    details = seen_details(visit)
    seen = number_in(visit.asked("seen"))
    later = () if seen is None else changed_since(details.history, seen)
    return Shown("case_standing.html", _standing(visit, details) | {"later": _lines(visit, later)})


def show_record(visit: Visit) -> Answer:
    """Shows the record of the case, a page of its lines, the newest first."""
    details, before = seen_details(visit), number_in(visit.asked("before"))
    until = len(details.history) + 1 if before is None else before
    lines = [one for one in details.history if one.number < until][-LOG_LINES:]
    return Shown("case_record.html", {"details": details, "lines": _lines(visit, lines)[::-1]})


def seen_details(visit: Visit) -> CaseDetails:
    """Reads the case in the path; `Missing` where there is none or this person may not look at it."""
    if not may_see(visit.context, visit.number, visit.key, visit.now):
        raise Missing("没有这个事件，或者它没有抄送给您")
    try:
        return read_details(_register(visit), visit.number)
    except Refused as refused:
        raise Missing(refused.detail) from refused


def case_page(visit: Visit, details: CaseDetails, filled: Filled = EMPTY, status: int = 200) -> Shown:
    """Puts the page together; a form that came back stands in it as it was filled in."""
    context, case, past = visit.context, details.case, read_the_past(visit.context, details.case, visit.now)
    facts: dict[str, object] = {
        "permitted": permitted(context, case.id, visit.person, visit.now), "filled": filled,
        "meanwhile": _lines(visit, filled.meanwhile), "notes": NOTES, "last": last_deed(details.history),
        "lines": _lines(visit, details.history[-LINES:])[::-1], "seen": details.history[-1].number,
        "informed": [context.config.people[key].name for key in past.informed if key in context.config.people],
        "letters": letters_of(_register(visit), case.id), "people": context.config.people,
        "grades": [str(one) for one in Grade], "verdicts": [str(one) for one in Verdict],
        "hosts": find_cases(context, CasesAsked(open_only=True), visit.key, visit.now).cases,
        "unverified": UNVERIFIED, "matter": matter(details.topic), "verbs": WORKFLOW, "seconds": SECONDS,
    }  # fmt: skip
    wave = _wave(visit, details, details.snapshot, past) if details.snapshot else NO_WAVE
    return Shown("case.html", {**facts, **_standing(visit, details), **wave}, status)


def _standing(visit: Visit, details: CaseDetails) -> dict[str, object]:
    people = visit.context.config.people
    others = note_viewing(visit.context.engine, details.case.id, visit.key, visit.now)
    return {
        "details": details, "case": details.case, "holder": _holder(visit, details), "later": (),
        "viewers": [people[key].name for key in others if key in people],
    }  # fmt: skip


def _holder(visit: Visit, details: CaseDetails) -> TurnHolder | None:
    return turn_holder(visit.context, details.tasks[0], details.case.topic, visit.now) if details.tasks else None


def _wave(visit: Visit, details: CaseDetails, snapshot: CaseSnapshot, past: Past) -> dict[str, object]:
    """Collects what the index has; a part that is away leaves a sentence in its place."""
    context, case, now = visit.context, details.case, visit.now
    dossier = attempt(lambda: read_dossier(context, case, snapshot, now), "帖文情况")
    course = attempt(lambda: read_course(context.reader, case, marks_of(details.history), now), "走势图")
    drawn = course.value
    return {
        "snapshot": snapshot, "dossier": dossier, "course": course,
        "svg": course_chart(drawn, details.topic) if drawn else "", "deeds": deeds_of(drawn) if drawn else (),
        "rows": _rows(drawn) if drawn else (),
        "posts": attempt(lambda: read_shown(context, snapshot.posts, now), "引用的帖文"),
        "rises": attempt(lambda: still_rising(context, case, snapshot, now), "当前热度"),
        "newer": newer_case(context, case), "facts": known_facts(context, case, snapshot, past),
        "express": express_lines(context, case, snapshot, dossier.value, past, now) if dossier.value else (),
        "why_grade": tuple(explain_grade(case.grade, snapshot)),
    }  # fmt: skip


def _rows(course: CaseCourse) -> list[tuple[str, int, int, float | None]]:
    """Lists the steps that have posts, for whoever reads numbers."""
    return [(moment_of(one.start, course.step), one.total, one.negative, share_of(one)) for one in course.bins
            if one.total]  # fmt: skip


def _lines(visit: Visit, entries: tuple[HistoryEntry, ...] | list[HistoryEntry]) -> list[RecordLine]:
    names = known_names(_register(visit))
    return [RecordLine(one, event_name(one.kind), who(one), tuple(added(one, names))) for one in entries]


def _register(visit: Visit) -> Register:
    return Register(visit.context.engine, visit.context.config, visit.context.topics)


DOORS = (
    Door(path="/case/{number}", show=show),
    Door(path="/case/{number}/standing", show=show_standing),
    Door(path="/case/{number}/record", show=show_record),
)
