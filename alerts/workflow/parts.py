"""What the workflow's table is made of: verdicts, whose a step is, actions, orders, rows. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from alerts.words import VERDICT_NAMES


class Verdict(StrEnum):
    """What the verification found. Before it, nothing is called a rumour."""

    RUMOUR = "rumour"
    TRUE = "true"
    PARTLY_TRUE = "partly_true"
    OPINION = "opinion"
    UNVERIFIABLE = "unverifiable"
    NOT_OURS = "not_ours"


def read_verdict(text: str) -> Verdict:
    """Reads the verdict by its key or its word: typed so, and kept so in older histories. `ValueError` for neither."""
    by_word = {word: key for key, word in VERDICT_NAMES.items()}
    return Verdict(by_word.get(text, text))


class Who(StrEnum):
    """Whose a step is."""

    RUNGS = "rungs"  # everybody on the step's ladder
    OWNER = "owner"  # the desk that owns the case's topic, whoever is called by the ladder
    INVOLVED = "involved"  # every desk that the ladder calls for any step, and the owner
    LEADERS = "leaders"  # the desks that may do everything always
    ANYBODY = "anybody"


class Wording(StrEnum):
    """What an action does with the statement by which a case is answered."""

    WRITES = "writes"
    APPROVES = "approves"
    SENDS_BACK = "sends_back"
    PUBLISHES = "publishes"


@dataclass(frozen=True, slots=True)
class Action:
    """What a person may do to a case.

    `to` is the stage it leads to; where the way forks, by the verdict: the one given with the action if it wants a
    `verdict`, else the case's. `barred_by` are verdicts of the case after which it is not possible any more.
    `second_person` refuses it to whoever brought the case to its stage. `first_word` is what the public hears.
    `restarts` begins the case anew: verdict and acknowledgement are gone. `wording` is what it does with the case's
    statement, `plans` says that it names who puts things right until when, `mends` that this was done. `when_calm`
    asks twice while the topic still rises.
    """

    key: str
    to: str | Mapping[Verdict, str]
    note: bool = field(default=True, kw_only=True)
    verdict: bool = field(default=False, kw_only=True)
    barred_by: frozenset[Verdict] = field(default=frozenset(), kw_only=True)
    second_person: bool = field(default=False, kw_only=True)
    first_word: bool = field(default=False, kw_only=True)
    restarts: bool = field(default=False, kw_only=True)
    wording: Wording | None = field(default=None, kw_only=True)
    plans: bool = field(default=False, kw_only=True)
    mends: bool = field(default=False, kw_only=True)
    when_calm: bool = field(default=False, kw_only=True)

    @property
    def targets(self) -> frozenset[str]:
        """Every stage it may lead to."""
        return frozenset({self.to} if isinstance(self.to, str) else self.to.values())

    def target(self, verdict: Verdict | None) -> str | None:
        """Returns the stage it leads to under the verdict; None where it leads nowhere."""
        if isinstance(self.to, str):
            return self.to
        return self.to.get(verdict) if verdict else None


@dataclass(frozen=True, slots=True)
class OrderRule:
    """What may be ordered about a case beside its steps, while it is open, and by whom.

    `of` names the step whose people they are where `who` is `RUNGS`; None: those of the step that is owed. `to` is the
    stage it leads to, None where the case stays. `barred_by` are verdicts of the case that forbid it.
    """

    key: str
    who: Who = field(default=Who.RUNGS, kw_only=True)
    of: str | None = field(default=None, kw_only=True)
    to: str | None = field(default=None, kw_only=True)
    barred_by: frozenset[Verdict] = field(default=frozenset(), kw_only=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class StepRule:
    """A row of the table: a case in `stage` waits for `step`, which each action of `done_by` fulfils.

    `also` can be done there beside it. A stage may have several rows; one that is `until_acknowledged` counts only
    while nobody has acknowledged the case. `step` None: nobody owes anything. In a stage that is `ended` the case is no
    longer open, and the limits run from its end; with `is_outcome` it is counted under the stage's name, not a verdict,
    and with `is_false` it was a false alarm.

    `again` is where a case goes back to when its topic burns again after a calm: what answered the wave before is owed
    anew. None: it stays, for what is owed there is owed still.

    `like` is an older step: a ladder that does not name this one takes that one's desks and limits. None: every
    ladder has to name it.

    `dated` says that a person sets when the step is due: no grade moves it.
    """

    stage: str
    step: str | None = None
    done_by: tuple[Action, ...] = ()
    also: tuple[Action, ...] = ()
    who: Who = Who.RUNGS
    like: str | None = None
    until_acknowledged: bool = False
    ended: bool = False
    is_outcome: bool = False
    is_false: bool = False
    dated: bool = False
    again: str | Mapping[Verdict, str] | None = None

    @property
    def actions(self) -> tuple[Action, ...]:
        """All that can be done, what fulfils the step first."""
        return self.done_by + self.also
