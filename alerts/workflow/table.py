"""The workflow's table as a whole: where a case can go, what it waits for; and what is wrong with a table. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain

from alerts.workflow.parts import Action, OrderRule, StepRule, Verdict


@dataclass(frozen=True, slots=True)
class Workflow:
    """The rows; a case begins in the stage of the first, one of another kind in one of `starts`.

    `orders` are what may be ordered in any open stage. `ValueError` names every mistake of a table.
    """

    rules: tuple[StepRule, ...]
    starts: tuple[str, ...] = ()
    orders: tuple[OrderRule, ...] = ()

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
    def mending(self) -> tuple[str, ...]:
        """The keys of the actions that say that something was put right."""
        return tuple(dict.fromkeys(action.key for _, action in self._all() if action.mends))

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

    def order(self, key: str) -> OrderRule:
        """Returns the rule of an order; `KeyError` for one that is not in the table."""
        return {one.key: one for one in self.orders}[key]

    def action(self, stage: str, key: str) -> Action | None:
        """Finds the action of that key in a stage."""
        return next((one for rule in self._at(stage) for one in rule.actions if one.key == key), None)

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

    def is_false_alarm(self, stage: str) -> bool:
        """Tells whether a case that ended in this stage was called a false alarm."""
        return any(rule.is_false for rule in self.rules if rule.stage == stage)

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
    named = {rule.step for rule in workflow.rules if rule.like is None}
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
        if rule.like is not None and (rule.step is None or rule.like not in named):
            yield f"step {rule.step} is like {rule.like}, which is no step with desks and limits of its own"
    for one in workflow.orders:
        if one.to not in {*stages, None}:
            yield f"{one.key} leads to {one.to}, which is no stage"
        if one.of not in {*steps, None}:
            yield f"{one.key} is for the people of {one.of}, which is no step"
    yield from (f"a case is to start in {start}, which is no stage" for start in set(workflow.starts) - stages)
    yield from (f"stage {stage} is never reached" for stage in stages - _reached(workflow))


def _reached(workflow: Workflow) -> set[str]:
    ordered = {one.to for one in workflow.orders if one.to is not None}
    reached, ahead = set[str](), {workflow.start, *workflow.starts, *ordered}
    while ahead:
        reached |= ahead
        rows = [rule for rule in workflow.rules if rule.stage in ahead]
        ahead = {to for rule in rows for action in rule.actions for to in action.targets} - reached
    return reached & set(workflow.stages)
