"""Exercise letters: one of every kind, each marked, and to nobody whom the configuration does not know."""

from datetime import UTC, datetime

import pytest

from alerts.config import AlertsConfig
from alerts.desk.exercise.bulletins import KINDS
from alerts.desk.exercise.letters import ALL, exercise_letters, recipient
from alerts.notify.channel import Form, Medium
from alerts.notify.contents.letter import read_letter, write_letter
from alerts.notify.contents.notice import Notice, Occasion
from alerts.notify.render.forms import render
from alerts.notify.render.subject import subject_line
from alerts.workflow.cases import Refused

NOW = datetime(2026, 9, 22, 7, 15, tzinfo=UTC)


def test_there_is_a_letter_of_every_occasion_and_kind_and_each_is_marked(config: AlertsConfig) -> None:
    letters = exercise_letters(config, (), "张敏", NOW)
    assert len(letters) == len(ALL) == len(Occasion) + len(KINDS)
    subjects = [subject_line(letter) for letter in letters]
    assert all(one.startswith("【演练】") for one in subjects)
    assert len(set(subjects)) == len({letter.id for letter in letters}) == len(letters)


@pytest.mark.parametrize("medium", Medium)
def test_every_one_of_them_can_be_written_kept_and_read(config: AlertsConfig, medium: Medium) -> None:
    head = config.routing.letterhead
    for letter in exercise_letters(config, (), "张敏", NOW):
        made = render(letter, Form(medium), head, "zhang.min@example.com").content
        again = render(read_letter(write_letter(letter)), Form(medium), head, "zhang.min@example.com").content
        assert made == again
        assert "本信为简版" not in made.decode("utf-8", "replace")


def test_some_can_be_chosen(config: AlertsConfig) -> None:
    chosen = exercise_letters(config, ("daily", "verdict"), "张敏", NOW)
    assert [letter.id.split(".")[1] for letter in chosen] == ["verdict", "daily"]
    assert isinstance(chosen[0], Notice)
    assert chosen[0].truth == "已核实：谣言"


def test_whom_it_goes_to_is_a_person_or_an_address(config: AlertsConfig) -> None:
    for named in ("zhang_min", "张敏", "zhang.min@example.com"):
        name, routes = recipient(config, named)
        assert (name, [one.address for one in routes]) == ("张敏", ["zhang.min@example.com"])
    assert recipient(config, "new@example.com")[1][0].address == "new@example.com"
    with pytest.raises(Refused, match="没有「王二」"):
        recipient(config, "王二")
