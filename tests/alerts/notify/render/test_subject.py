"""Subjects: what is wanted by when stands first, and ten letters of one case are told apart in a phone's list."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.notify.contents.notice import Demand, Notice, Occasion, as_copy
from alerts.notify.contents.quotes import Quote
from alerts.notify.render.subject import LEADS, STEP_LEADS, lead, subject_line
from alerts.words import STEP_NAMES
from tests.alerts.notify.posting import MINUTE, NOW, full, notice, situation


def demanded(key: str, minutes: int = 60) -> Demand:
    return Demand(
        person="张敏", desk="值班", step=STEP_NAMES.get(key, key), due_at=NOW + minutes * MINUTE, next_desk="",
        commands=(), key=key,
    )  # fmt: skip


def told(occasion: Occasion, key: str = "acknowledge", **changes: object) -> str:
    return subject_line(notice(occasion=occasion, topic="险情传言", demand=demanded(key), **changes))


def test_the_first_letter_asks_first_and_calls_nothing_a_rumour() -> None:
    assert told(Occasion.OPENED) == "【请15:02前签收】涉险情信息·较大·负面37条（事件1）"


@pytest.mark.parametrize(
    ("occasion", "key", "head"),
    [
        (Occasion.WARNED, "acknowledge", "【催办·15:02前签收】"),
        (Occasion.ESCALATED, "acknowledge", "【逾期转请·15:02前签收】"),
        (Occasion.ASSIGNED, "verify", "【转办·15:02前核实】"),
        (Occasion.EXPECTED, "verify", "【待核实 15:02前】"),
        (Occasion.EXPECTED, "report", "【请15:02前上报】"),
        (Occasion.REKINDLED, "acknowledge", "【复燃·15:02前签收】"),
        (Occasion.STATEMENT, "respond", "【口径待审·15:02前】"),
        (Occasion.SUPERVISED, "verify", "【督办·15:02前核实】"),
        (Occasion.REMEDY, "remedy", "【整改·15:02前】"),
        (Occasion.CLEAR, "close", "【趋缓·15:02前办结】"),
    ],
)
def test_every_occasion_and_step_has_a_form_of_its_own(occasion: Occasion, key: str, head: str) -> None:
    assert told(occasion, key).startswith(head)


def test_every_occasion_has_a_lead_and_no_two_share_one() -> None:
    assert set(LEADS) == set(Occasion)
    forms = [form for occasion, form in LEADS.items() if occasion is not Occasion.EXPECTED]
    assert len({*forms}) == len(forms)
    assert {*STEP_LEADS} >= {"verify", "respond"}


def test_ten_letters_of_one_case_are_ten_subjects() -> None:
    course = [
        (Occasion.OPENED, "acknowledge"), (Occasion.WARNED, "acknowledge"), (Occasion.ESCALATED, "acknowledge"),
        (Occasion.ROSE, "judge"), (Occasion.EXPECTED, "judge"), (Occasion.EXPECTED, "report"),
        (Occasion.EXPECTED, "verify"), (Occasion.VERDICT, "respond"), (Occasion.EXPECTED, "guide"),
        (Occasion.EXPECTED, "review"),
    ]  # fmt: skip
    heads = {told(occasion, key)[:20] for occasion, key in course}
    assert len(heads) == 10


def test_a_rise_says_from_how_many_to_how_many_and_other_letters_how_many_now() -> None:
    assert "负面15→33条" in told(Occasion.ROSE, situation=situation())
    assert "负面33条" in told(Occasion.WARNED, situation=situation())
    still = replace(situation(), negative=11, before=11, peak=53)
    assert "负面峰值53条" in told(Occasion.ROSE, situation=still)


def test_a_letter_that_all_is_calm_again_tells_the_count_of_now_and_not_the_alarm_s() -> None:
    assert "负面0条" in told(Occasion.CLEAR, "close", situation=replace(situation(), negative=0))


def test_another_day_is_said() -> None:
    assert lead(notice(demand=demanded("review", 24 * 60))) == "请次日14:02前复盘"
    assert lead(notice(demand=demanded("review", 72 * 60))) == "请9月24日14:02前复盘"


def test_trouble_names_what_is_the_matter_and_no_counts() -> None:
    found = told(Occasion.TROUBLE, figures=None)
    assert found == "【系统·15:02前签收】险情传言（事件1）"


def test_a_copy_asks_for_nothing_and_an_exercise_says_what_it_is() -> None:
    assert subject_line(as_copy(notice(), "李强")) == "【抄送】涉停电抢修信息·较大·负面37条（事件1）"
    assert subject_line(notice(exercise=True)).startswith("【演练】【请")


@given(words=st.text(max_size=80), occasion=st.sampled_from(Occasion))
def test_no_word_of_a_post_gets_into_a_subject(words: str, occasion: Occasion) -> None:
    def made(said: str) -> Notice:
        return full(
            occasion=occasion, claim=said, quotes=(Quote(said, "bbs", "x", NOW - timedelta(1)),), express=(said,)
        )

    assert subject_line(made(words)) == subject_line(made("x"))
