"""A letter that cannot be composed costs nobody the news: a short one goes, and the operators are told."""

from dataclasses import replace
from datetime import datetime

import pytest

from alerts.casefile.context import CaseContext
from alerts.casefile.guards.composing import composed
from alerts.casefile.guards.failures import FailureKind
from alerts.casefile.notices import Telling
from alerts.casefile.snapshot import CaseSnapshot
from alerts.notify.contents.notice import Notice, Occasion
from alerts.notify.render.forms import render
from alerts.words import STEP_NAMES
from alerts.workflow.cases import Case
from alerts.workflow.ladder import Task, begin


@pytest.fixture
def task(context: CaseContext, new_case: Case, now: datetime) -> Task:
    return begin(replace(new_case, id=7), "acknowledge", context.config.ladder, owner="dispatch", turn=0, now=now)


def compose_for(context: CaseContext, task: Task, case: Case, found: CaseSnapshot, now: datetime) -> Notice:
    telling = Telling(replace(case, id=7), found, (), Occasion.OPENED, "opened-acknowledge")
    return composed(context, telling, task, context.config.people["zhang_min"], now)


def test_a_letter_that_can_be_composed_is_the_whole_one_and_takes_its_trouble_off(
    context: CaseContext, task: Task, new_case: Case, found: CaseSnapshot, now: datetime
) -> None:
    context.failures.note(FailureKind.LETTER, "zhang_min, opened", ValueError("x"), now)
    assert compose_for(context, task, new_case, found, now).headline == (
        "监测发现涉及「停电抢修」的负面信息异常增多，请及时研判处置"
    )
    assert context.failures.open() == []


def test_one_that_cannot_is_short_and_says_case_step_and_limit(
    context: CaseContext, task: Task, new_case: Case, found: CaseSnapshot, now: datetime
) -> None:
    whole = compose_for(context, task, new_case, found, now)
    broken = replace(found, cues=(("danger", None),))  # type: ignore[arg-type]
    short = compose_for(context, task, new_case, replace(broken, coverage=(None,)), now)  # type: ignore[arg-type]
    assert (short.id, short.thread, short.case, short.demand.due_at) == (whole.id, whole.thread, 7, whole.demand.due_at)
    assert short.headline == "有一项舆情任务请您办理；本信正文生成失败，仅列要点"
    assert short.demand.step == STEP_NAMES["acknowledge"]
    assert short.demand.commands[0].line == "python -m alerts case show 7"
    (failure,) = context.failures.open()
    assert (failure.part, failure.about, failure.since) == (FailureKind.LETTER, "zhang_min, opened", now)
    for route in context.config.routing.routes("zhang_min"):
        assert render(short, route.form, context.config.routing.letterhead, route.address).content
