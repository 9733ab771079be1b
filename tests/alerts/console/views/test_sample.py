"""样信: one round to oneself, what the server answered, and no second one within five minutes."""

from dataclasses import replace
from email import message_from_bytes
from email.policy import default
from pathlib import Path

import pytest
from sqlalchemy import select

from alerts.console.door import Premises
from alerts.console.tables import AccessRow
from alerts.desk.exercise.letters import ALL
from stream.process.clock import ScriptedClock
from stream.state.database import reading
from tests.alerts.console.conftest import SignIn


@pytest.fixture
def premises(premises: Premises, tmp_path: Path) -> Premises:
    config = replace(premises.context.config, folder=tmp_path / "letters")
    return replace(premises, context=replace(premises.context, config=config))


def letters(folder: Path) -> list[Path]:
    return sorted((folder / "letters").rglob("*.eml"))


def test_the_page_says_where_letters_would_go_and_sends_none(signed_in: SignIn, tmp_path: Path) -> None:
    page = signed_in("zhang_min").get("/sample").text
    assert "folder：zhang.min@example.com" in page
    assert letters(tmp_path) == []


def test_one_of_every_kind_comes_to_oneself_marked_as_an_exercise(
    signed_in: SignIn, premises: Premises, tmp_path: Path
) -> None:
    answer = signed_in("zhang_min").post("/sample")
    assert answer.status_code == 200
    assert f"{len(ALL)} 封均已送达服务器" in answer.text
    assert answer.text.count("已收下") == len(ALL)
    found = [message_from_bytes(path.read_bytes(), policy=default) for path in letters(tmp_path)]
    assert len(found) == len(ALL)
    assert all(str(one["Subject"]).startswith("【演练】") for one in found)
    assert all("zhang.min@example.com" in str(one["To"]) for one in found)
    with reading(premises.context.engine) as session:
        assert [(row.person, row.what) for row in session.scalars(select(AccessRow))] == [("zhang_min", "sample")]


def test_a_second_round_waits_five_minutes_and_another_person_does_not(
    signed_in: SignIn, clock: ScriptedClock, tmp_path: Path
) -> None:
    browser = signed_in("zhang_min")
    form = browser.form("/sample", "/sample")
    assert browser.send("/sample", form).status_code == 200
    clock.sleep(130)
    answer = browser.send("/sample", form)
    assert (answer.status_code, "刚发过一轮，请 3 分钟后再试" in answer.text) == (429, True)
    assert len(letters(tmp_path)) == len(ALL)
    assert signed_in("li_qiang").post("/sample").status_code == 200
    clock.sleep(170)
    assert browser.send("/sample", form).status_code == 200
    assert len(letters(tmp_path)) == 3 * len(ALL)


class TestWithoutAWayOut:
    @pytest.fixture
    def premises(self, premises: Premises, tmp_path: Path) -> Premises:
        (tmp_path / "letters").write_text("no folder", "utf-8")
        return premises

    def test_what_was_not_taken_is_said(self, signed_in: SignIn) -> None:
        page = signed_in("zhang_min").post("/sample").text
        assert f"{len(ALL)} 封中有 {len(ALL)} 封未送达" in page
        assert "通道连不上，未再尝试" in page
