"""Why people are written to: a sentence for each occasion."""

from dataclasses import replace
from datetime import timedelta

import pytest

from alerts.casefile.snapshot import CaseSnapshot
from alerts.casefile.telling.headlines import HEADLINES, headline
from alerts.notify.contents.notice import Demand, Occasion
from tests.alerts.notify.posting import MINUTE, NOW, situation


def told(found: CaseSnapshot, occasion: Occasion, left: timedelta = 60 * MINUTE, **changes: object) -> str:
    demand = Demand(person="李强", desk="宣传部", step="核实", due_at=NOW + left, next_desk="", commands=())
    facts: dict[str, object] = {"topic": "险情传言", "verdict": "", "before": "", "situation": None} | changes
    return headline(occasion, found, demand=demand, now=NOW, **facts)  # type: ignore[arg-type]


def test_every_occasion_has_a_sentence() -> None:
    assert set(HEADLINES) == set(Occasion)


@pytest.mark.parametrize("occasion", Occasion)
def test_no_form_is_left_unfilled_and_none_calls_it_a_rumour(found: CaseSnapshot, occasion: Occasion) -> None:
    words = told(found, occasion, topic="险情传言" if occasion is not Occasion.TROUBLE else "论坛未采集")
    assert "{" not in words
    assert "传言" not in words


@pytest.mark.parametrize(("minutes", "said"), [(4.5, 5), (5, 5), (6, 10), (-3, 5), (29, 30)])
def test_a_reminder_says_how_little_time_is_left(found: CaseSnapshot, minutes: float, said: int) -> None:
    assert told(found, Occasion.WARNED, minutes * MINUTE) == f"距办理时限不足 {said} 分钟，请抓紧办理（催办）"


def test_an_escalation_names_the_desk_that_let_its_time_go_by(found: CaseSnapshot) -> None:
    assert told(found, Occasion.ESCALATED, before="舆情值班") == "舆情值班未在时限内办理，现转请您处置"


def test_a_rise_says_from_how_many_to_how_many(found: CaseSnapshot) -> None:
    assert told(found, Occasion.ROSE, situation=situation()) == "负面信息持续增多（15 条→33 条），请关注并视情提级"
    assert told(found, Occasion.ROSE) == "负面信息持续增多，请关注并视情提级"
    late = replace(situation(), negative=5, before=11, peak=80)
    assert told(found, Occasion.ROSE, situation=late) == "负面信息峰值更新为 80 条，近一小时已降至 5 条，请关注"
    still = replace(situation(), negative=11, before=11, peak=53)
    assert told(found, Occasion.ROSE, situation=still) == "负面信息峰值更新为 53 条，近一小时已降至 11 条，请关注"
