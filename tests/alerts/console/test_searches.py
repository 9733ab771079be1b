"""Searches kept under a name, each person's own; and the record of what left the house."""

import json
from datetime import timedelta

import pytest
from sqlalchemy import Engine, select

from alerts.console.searches import LONGEST_NAME, MOST, forget_search, note_export, save_search, saved_searches
from alerts.console.tables import AccessRow
from alerts.workflow.cases import Refused
from stream.state.database import reading
from tests.alerts.conftest import NOW


def told(engine: Engine, person: str) -> list[tuple[str, str]]:
    return [(one.name, one.asked) for one in saved_searches(engine, person)]


def test_a_search_is_kept_under_its_name_and_replaced_by_one_of_the_same(engine: Engine) -> None:
    save_search(engine, "zhang_min", " 停电  诉求 ", "q=1", NOW)
    save_search(engine, "zhang_min", "爆炸", "q=2", NOW)
    save_search(engine, "zhang_min", "停电 诉求", "q=3", NOW + timedelta(hours=1))
    assert told(engine, "zhang_min") == [("停电 诉求", "q=3"), ("爆炸", "q=2")]


def test_nobody_sees_or_removes_what_is_somebody_else_s(engine: Engine) -> None:
    save_search(engine, "zhang_min", "停电", "q=1", NOW)
    (kept,) = saved_searches(engine, "zhang_min")
    assert told(engine, "li_qiang") == []
    with pytest.raises(Refused, match="可能已经删除"):
        forget_search(engine, "li_qiang", kept.id)
    assert forget_search(engine, "zhang_min", kept.id) == "停电"
    with pytest.raises(Refused, match="可能已经删除"):
        forget_search(engine, "zhang_min", kept.id)


@pytest.mark.parametrize(
    ("name", "words"), [(" ", "请给这个检索起个名字"), ("长" * (LONGEST_NAME + 1), "现有 41 个字")]
)
def test_a_name_is_needed_and_short(engine: Engine, name: str, words: str) -> None:
    with pytest.raises(Refused, match=words):
        save_search(engine, "zhang_min", name, "q=1", NOW)


def test_one_too_many_is_refused_and_an_old_one_can_still_be_replaced(engine: Engine) -> None:
    for number in range(MOST):
        save_search(engine, "zhang_min", f"检索 {number}", "q=1", NOW)
    with pytest.raises(Refused, match="请先删除不用的"):
        save_search(engine, "zhang_min", "又一个", "q=1", NOW)
    save_search(engine, "zhang_min", "检索 7", "q=2", NOW)
    save_search(engine, "li_qiang", "又一个", "q=1", NOW)
    assert ("检索 7", "q=2") in told(engine, "zhang_min")


def test_an_export_is_on_record(engine: Engine) -> None:
    note_export(engine, "zhang_min", "10.0.0.9", {"reason": "周报", "rows": 3}, NOW)
    with reading(engine) as session:
        (row,) = session.scalars(select(AccessRow))
    assert (row.person, row.client, row.what, row.at) == ("zhang_min", "10.0.0.9", "export", NOW)
    assert json.loads(row.detail) == {"reason": "周报", "rows": 3}
