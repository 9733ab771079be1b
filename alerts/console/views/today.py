"""今日: what is to be done now, by whose turn it is, and how every topic stands."""

from collections.abc import Mapping

from alerts.console import looks
from alerts.console.door import Answer, Door, Moved, Premises, Shown, Visit, attempt
from alerts.desk.cases import act_on_case
from alerts.desk.overview.band import QUIET_HOURS
from alerts.desk.overview.programs import read_programs
from alerts.desk.overview.proof import Proof, prove
from alerts.desk.overview.turns import SIGNING, read_turns
from alerts.detection.signals import State
from alerts.words import ACTION_NAMES
from alerts.workflow.cases import ActRequest, Refused

#: A topic's state: its word, its mark (nothing is told by colour alone), its tone.
STATES: Mapping[str, tuple[str, str, str]] = {
    State.CALM: ("平静", "○", "good"),
    State.WATCH: ("关注", "△", "warn"),
    State.SPIKE: ("异常上升", "▲", "bad"),
    State.BLIND: ("看不到", "？", "bad"),
}


def show(visit: Visit) -> Answer:
    """Lists what is owed, and the topics."""
    return Shown("today.html", facts(visit))


def rows(visit: Visit) -> Answer:
    """Shows the same lists without the page round them, for their refresh."""
    return Shown("today_rows.html", facts(visit))


def sign(visit: Visit) -> Answer:
    """Acknowledges a case, or takes an incident: the act on the row."""
    action = visit.field("action")
    if action not in SIGNING:
        raise Refused("本页只能签收，其他环节请在事件页办理")
    request = ActRequest(action, visit.key, claimed=False)
    done = act_on_case(visit.context, visit.number, request, visit.now)
    return Moved("/", done.already or f"事件 {visit.number}：已{ACTION_NAMES[action]}")


def facts(visit: Visit) -> Mapping[str, object]:
    """Reads what stands on the day's page, and on the wall's."""
    premises = visit.premises
    seen = looks.band(premises).read(visit.now)
    band = seen.value
    turns = attempt(
        lambda: read_turns(visit.context, visit.key, band.rises if band else lambda topic: False, visit.now), "事件"
    )
    return {
        "turns": turns,
        "seen": seen,
        "hours_of": band.hours_of if band else lambda topic: QUIET_HOURS,
        "proof": attempt(lambda: proof_of(premises, visit), "来源状态"),
        "STATES": STATES,
    }


def proof_of(premises: Premises, visit: Visit) -> Proof:
    """Says whether silence means calm now."""
    programs = read_programs(premises.stream.var, visit.now)
    patience = premises.context.config.detector.blind_after
    return prove(looks.read_sources(premises, visit.now), programs, looks.lag(premises, visit.now), patience)


DOORS = (Door(path="/", show=show), Door(path="/today/rows", show=rows), Door(path="/today/{number}", act=sign))
