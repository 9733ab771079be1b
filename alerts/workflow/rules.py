"""The response workflow as one table: the stages of a case, the step owed in each, and what may be done there. Pure.

初筛研判 → 上报 → 核实 → 澄清/回应 → 引导 → 跟踪销号 → 复盘. A claim found true is answered and put right: from 属实
there is no way past 整改, and none back to a clarification.

A new step is one `StepRule` in `WORKFLOW`, named as the target of an action; its words go into alerts/words.py, its
desks and limits into alerts.yml, or into `like` for every alerts.yml that was written before it.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import chain

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
    ANYBODY = "anybody"


@dataclass(frozen=True, slots=True)
class Action:
    """What a person may do to a case.

    `to` is the stage it leads to; where the way forks, by the verdict: the one given with the action if it wants a
    `verdict`, else the case's. `barred_by` are verdicts of the case after which it is not possible any more.
    `second_person` refuses it to whoever brought the case to its stage. `first_word` is what the public hears.
    `restarts` begins the case anew: verdict and acknowledgement are gone.
    """

    key: str
    to: str | Mapping[Verdict, str]
    note: bool = field(default=True, kw_only=True)
    verdict: bool = field(default=False, kw_only=True)
    barred_by: frozenset[Verdict] = field(default=frozenset(), kw_only=True)
    second_person: bool = field(default=False, kw_only=True)
    first_word: bool = field(default=False, kw_only=True)
    restarts: bool = field(default=False, kw_only=True)

    @property
    def targets(self) -> frozenset[str]:
        """Every stage it may lead to."""
        return frozenset({self.to} if isinstance(self.to, str) else self.to.values())

    def target(self, verdict: Verdict | None) -> str | None:
        """Returns the stage it leads to under the verdict; None where it leads nowhere."""
        if isinstance(self.to, str):
            return self.to
        return self.to.get(verdict) if verdict else None


@dataclass(frozen=True, slots=True, kw_only=True)
class StepRule:
    """A row of the table: a case in `stage` waits for `step`, which each action of `done_by` fulfils.

    `also` can be done there beside it. A stage may have several rows; one that is `until_acknowledged` counts only
    while nobody has acknowledged the case. `step` None: nobody owes anything. In a stage that is `ended` the case is no
    longer open, and the limits run from its end; with `is_outcome` it is counted under the stage's name, not a verdict.

    `again` is where a case goes back to when its topic burns again after a calm: what answered the wave before is owed
    anew. None: it stays, for what is owed there is owed still.

    `like` is an older step: a ladder that does not name this one takes that one's desks and limits. None: every
    ladder has to name it.
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
    again: str | Mapping[Verdict, str] | None = None

    @property
    def actions(self) -> tuple[Action, ...]:
        """All that can be done, what fulfils the step first."""
        return self.done_by + self.also


@dataclass(frozen=True, slots=True)
class Workflow:
    """The rows; a case begins in the stage of the first. `ValueError` names every mistake of a table."""

    rules: tuple[StepRule, ...]

    def __post_init__(self) -> None:
        if wrong := list(_mistakes(self)):
            raise ValueError("; ".join(wrong))

    @property
    def start(self) -> str:
        """Where a case begins."""
        return self.rules[0].stage

    @property
    def stages(self) -> tuple[str, ...]:
        """In order of the table."""
        return tuple(dict.fromkeys(rule.stage for rule in self.rules))

    @property
    def steps(self) -> tuple[str, ...]:
        """In order of the table."""
        return tuple(rule.step for rule in self.rules if rule.step)

    @property
    def actions(self) -> tuple[str, ...]:
        """The keys of all actions, in order of the table, those that fulfil a step first."""
        steps = chain.from_iterable(rule.done_by for rule in self.rules)
        others = chain.from_iterable(rule.also for rule in self.rules)
        return tuple(dict.fromkeys(action.key for action in chain(steps, others)))

    @property
    def first_words(self) -> tuple[str, ...]:
        """The keys of the actions by which the public hears a first word."""
        return tuple(dict.fromkeys(action.key for _, action in self._all() if action.first_word))

    @property
    def first_word_step(self) -> str | None:
        """The step whose limit the first word has to keep; None where the table knows no such step."""
        return next((rule.step for rule in self.rules if any(action.first_word for action in rule.done_by)), None)

    def rule_of(self, step: str) -> StepRule:
        """Returns the row of a step; `KeyError` for one that is not in the table."""
        for rule in self.rules:
            if rule.step == step:
                return rule
        raise KeyError(step)

    def is_open(self, stage: str) -> bool:
        """Tells whether a case in this stage is still to be dealt with; `KeyError` for a stage not in the table."""
        return not self._at(stage)[0].ended

    def rekindled(self, stage: str, verdict: Verdict | None) -> str:
        """Tells the stage of an open case whose topic burns again."""
        again = next((rule.again for rule in self._at(stage) if rule.again is not None), None)
        if again is None or isinstance(again, str):
            return again or stage
        return again.get(verdict, stage) if verdict else stage

    def is_outcome(self, stage: str) -> bool:
        """Tells whether a case that ended in this stage is counted under its name."""
        return any(rule.is_outcome for rule in self.rules if rule.stage == stage)

    def owed(self, stage: str, *, acknowledged: bool) -> str | None:
        """Finds the step that a case in this stage waits for."""
        return next((rule.step for rule in self._at(stage) if not (acknowledged and rule.until_acknowledged)), None)

    def possible(self, stage: str, *, acknowledged: bool) -> tuple[Action, ...]:
        """Lists what the table offers in this stage, verdicts aside."""
        rows = [rule for rule in self._at(stage) if not (acknowledged and rule.until_acknowledged)]
        return tuple(chain.from_iterable(rule.actions for rule in rows))

    def step_of(self, stage: str, action: str) -> str | None:
        """Finds the step that an action belongs to: the one it fulfils, else the one owed where it is done."""
        for rule, one in self._all():
            if one.key == action and one in rule.done_by:
                return rule.step
        return next((rule.step for rule in self._at(stage) if any(one.key == action for one in rule.also)), None)

    def fulfils(self, action: str, step: str) -> bool:
        """Tells whether the action ends the step; whoever does anything to a case has acknowledged it."""
        rule = self.rule_of(step)
        return rule.until_acknowledged or any(one.key == action for one in rule.done_by)

    def acknowledges(self, action: str) -> bool:
        """Tells whether the action says no more than that somebody has seen the case."""
        return any(one.key == action for rule in self.rules if rule.until_acknowledged for one in rule.done_by)

    def targets(self, stage: str, action: str) -> frozenset[str]:
        """Lists every stage to which the action may lead from there; none where it cannot be done."""
        found = [one.targets for rule, one in self._all() if rule.stage == stage and one.key == action]
        return frozenset(chain.from_iterable(found))

    def _at(self, stage: str) -> tuple[StepRule, ...]:
        found = tuple(rule for rule in self.rules if rule.stage == stage)
        if not found:
            raise KeyError(stage)
        return found

    def _all(self) -> Iterator[tuple[StepRule, Action]]:
        for rule in self.rules:
            for action in rule.actions:
                yield rule, action


def _mistakes(workflow: Workflow) -> Iterator[str]:
    stages, steps = set(workflow.stages), workflow.steps
    for step in steps:
        if steps.count(step) > 1:
            yield f"step {step} stands in two rows"
    for rule in workflow.rules:
        if not rule.ended and not rule.done_by:
            yield f"stage {rule.stage}: nothing leads on"
        if bool(rule.done_by) != bool(rule.step):
            yield f"stage {rule.stage}: a step, and the actions that fulfil it, go together"
        back = {rule.again} if isinstance(rule.again, str) else set((rule.again or {}).values())
        yield from (f"stage {rule.stage} goes back to {to}, which is no stage" for to in back - stages)
        for action in rule.actions:
            yield from (f"{action.key} leads to {to}, which is no stage" for to in action.targets - stages)
            if action.verdict and (isinstance(action.to, str) or set(action.to) != set(Verdict)):
                yield f"{action.key} does not say where every verdict leads"
        if rule.like is not None and (rule.step not in steps or rule.like not in steps[: steps.index(rule.step)]):
            yield f"step {rule.step} is like {rule.like}, which is no step before it"
    yield from (f"stage {stage} is never reached" for stage in stages - _reached(workflow))


def _reached(workflow: Workflow) -> set[str]:
    reached, ahead = set[str](), {workflow.start}
    while ahead:
        reached |= ahead
        rows = [rule for rule in workflow.rules if rule.stage in ahead]
        ahead = {to for rule in rows for action in rule.actions for to in action.targets} - reached
    return reached & set(workflow.stages)


_VERIFY = Action(
    "verify",
    dict.fromkeys(Verdict, "responding") | {Verdict.NOT_OURS: "tracking"},
    verdict=True,
    barred_by=frozenset({Verdict.TRUE}),  # found true is not argued away: it is answered and put right
)
_CLARIFY = Action("clarify", dict.fromkeys((Verdict.RUMOUR, Verdict.UNVERIFIABLE), "guiding"), first_word=True)
_RESPOND = Action(
    "respond",
    {
        Verdict.TRUE: "remedying",
        Verdict.PARTLY_TRUE: "remedying",
        Verdict.OPINION: "guiding",
        Verdict.UNVERIFIABLE: "guiding",
        Verdict.RUMOUR: "guiding",
    },
    first_word=True,
)
_AGAIN = {verdict: "verifying" if verdict is Verdict.NOT_OURS else "responding" for verdict in Verdict}
_REOPEN = Action("reopen", "screening", restarts=True)

WORKFLOW = Workflow(
    (
        StepRule(
            stage="screening",
            step="acknowledge",
            until_acknowledged=True,
            done_by=(Action("acknowledge", "screening", note=False),),
        ),
        StepRule(
            stage="screening",
            step="judge",
            done_by=(Action("judge", "reporting"), Action("judge_false_alarm", "false_alarm")),
        ),
        StepRule(stage="reporting", step="report", done_by=(Action("report", "verifying"),)),
        StepRule(stage="verifying", step="verify", done_by=(_VERIFY,)),
        StepRule(stage="responding", step="respond", done_by=(_CLARIFY, _RESPOND), also=(_VERIFY,)),
        StepRule(stage="remedying", step="remedy", done_by=(Action("remedy", "guiding"),)),
        StepRule(stage="guiding", step="guide", done_by=(Action("guide", "tracking"),), also=(_VERIFY,), again=_AGAIN),
        StepRule(
            stage="tracking",
            step="close",
            done_by=(Action("close", "reviewing"),),
            also=(Action("track", "tracking"), _VERIFY),
            again=_AGAIN,
        ),
        StepRule(
            stage="reviewing", step="review", ended=True, done_by=(Action("review", "archived"),), also=(_REOPEN,)
        ),
        StepRule(stage="archived", ended=True, also=(_REOPEN,)),
        StepRule(stage="false_alarm", ended=True, is_outcome=True, also=(_REOPEN,)),
    )
)
