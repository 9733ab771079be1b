"""A notice is kept as JSON with a version, and comes back the same or is refused in words."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.notify.contents.notice import VERSION, Colour, Occasion, UnreadableNotice, read_notice, write_notice
from alerts.notify.contents.quotes import Quote
from tests.alerts.notify.posting import NOW, notice


@pytest.mark.parametrize("occasion", Occasion)
@pytest.mark.parametrize("colour", Colour)
def test_a_notice_comes_back_as_it_was(occasion: Occasion, colour: Colour) -> None:
    told = notice(occasion=occasion, colour=colour, quotes=(Quote(None, "bbs", "x", NOW),), withheld=True)
    assert read_notice(write_notice(told)) == told


def test_the_version_stands_in_what_is_kept_and_words_stay_readable() -> None:
    kept = write_notice(notice())
    assert json.loads(kept)["version"] == VERSION
    assert "停电三天没人管" in kept


@given(st.text(max_size=100))
def test_any_words_are_kept_but_for_half_characters(words: str) -> None:
    assert read_notice(write_notice(notice(topic=words))).topic == words.encode("utf-8", "replace").decode()


def test_half_a_character_becomes_a_question_mark() -> None:
    assert read_notice(write_notice(notice(topic="半\ud83d"))).topic == "半?"


@pytest.mark.parametrize(
    ("kept", "words"),
    [
        ("", "Expecting value"),
        ("[]", "."),
        ("{}", "version"),
        ("null", "."),
        ('{"version": 99}', "version 99, this program knows 1"),
        ('{"version": 1}', "validation errors"),
        ('{"version": "1"}', "version 1"),
    ],
)
def test_what_is_no_notice_is_refused_in_words(kept: str, words: str) -> None:
    with pytest.raises(UnreadableNotice, match=words):
        read_notice(kept)


def test_a_notice_with_a_field_too_few_is_no_notice() -> None:
    told = json.loads(write_notice(notice()))
    del told["demand"]["due_at"]
    with pytest.raises(UnreadableNotice, match="due_at"):
        read_notice(json.dumps(told))
