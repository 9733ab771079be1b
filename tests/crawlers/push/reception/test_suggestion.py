"""A suggestion before it is one: whose form, how long, how often, and a number that is of nobody."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawlers.edge import normalise
from crawlers.push.reception.suggestion import (
    LONGEST_TITLE,
    NONCE,
    VALID,
    Forms,
    Turnstile,
    Written,
    as_observation,
    judge,
)

NOW = datetime(2026, 11, 28, 15, 0, tzinfo=UTC)
FORMS = Forms(b"k" * 32, "box")
TOKEN = FORMS.issue(NOW, bytes(NONCE))


def test_a_page_is_ours_for_a_day_and_after_a_restart() -> None:
    again = Forms(b"k" * 32, "box")
    assert again.is_ours(TOKEN, NOW)
    assert again.is_ours(TOKEN, NOW + VALID)
    assert not again.is_ours(TOKEN, NOW + VALID + timedelta(seconds=1))
    assert not again.is_ours(TOKEN, NOW - timedelta(minutes=2))


def test_a_page_of_another_box_or_key_is_not_ours() -> None:
    assert not Forms(b"k" * 32, "other").is_ours(TOKEN, NOW)
    assert not Forms(b"x" * 32, "box").is_ours(TOKEN, NOW)


@given(st.text(max_size=60))
def test_no_made_up_token_is_ours(token: str) -> None:
    assert not FORMS.is_ours(token, NOW)
    assert not FORMS.is_ours(f"{token}.{TOKEN}", NOW)


def test_a_number_is_the_same_for_the_same_words_of_one_page_and_else_another() -> None:
    number = FORMS.number(TOKEN, Written("题", "停水了"))
    assert number == FORMS.number(TOKEN, Written("题", "停水了\r\n"))  # as browsers send the same words
    assert len({number, FORMS.number(TOKEN, Written("题", "停电了")), FORMS.number(TOKEN, Written("", "停水了"))}) == 3
    assert number != FORMS.number(FORMS.issue(NOW, b"1" * NONCE), Written("题", "停水了"))
    assert [len(part) for part in number.split("-")] == [4, 4, 4]
    assert number.replace("-", "").isalnum()


def test_a_bucket_lets_through_so_many_a_minute_and_fills_evenly() -> None:
    turnstile = Turnstile(3, NOW)
    assert [turnstile.admit(NOW) for _ in range(4)] == [True, True, True, False]
    assert not turnstile.admit(NOW + timedelta(seconds=19))
    assert turnstile.admit(NOW + timedelta(seconds=40))
    assert [turnstile.admit(NOW + timedelta(hours=1)) for _ in range(4)] == [True, True, True, False]


def test_a_clock_set_back_closes_no_bucket() -> None:
    turnstile = Turnstile(1, NOW)
    assert turnstile.admit(NOW)
    assert not turnstile.admit(NOW - timedelta(hours=1))
    assert turnstile.admit(NOW - timedelta(minutes=59))


@pytest.mark.parametrize(
    ("written", "wrong"),
    [
        (Written("题", "停水了"), {}),
        (Written("", "字" * 100), {}),
        (Written("", ""), {"text": "还没有写内容，请写下您想反映的事情。"}),
        (Written("题", " \r\n\u200b "), {"text": "还没有写内容，请写下您想反映的事情。"}),
        (Written("", "字" * 103), {"text": "内容写了 103 字，超出 3 字，请删减到 100 字以内。"}),
        (Written("题" * (LONGEST_TITLE + 2), "字"), {"title": "题目写了 62 字，超出 2 字，请删减到 60 字以内。"}),
    ],
)
def test_what_was_typed_is_judged_by_field_with_how_much_is_over(written: Written, wrong: dict[str, str]) -> None:
    assert judge(written, 100) == wrong


def test_a_line_break_counts_as_one_character_as_its_writer_sees_it() -> None:
    assert judge(Written("", "字\r\n" * 50 + "字"), 101) == {}


def test_a_suggestion_has_no_writer_and_no_time_of_its_own() -> None:
    found = as_observation(Written("题", "停水了"), "AAAA-BBBB-CCCC")
    assert (found.native_id, found.thread, found.title, found.text) == (
        "box:AAAA-BBBB-CCCC", "box:AAAA-BBBB-CCCC", "题", "停水了",
    )  # fmt: skip
    assert (found.author, found.published_at, found.kind) == (None, None, "suggestion")
    assert found.board == "编号 AAAA-BBBB-CCCC"


def test_a_token_is_of_the_future_by_a_minute_at_most() -> None:
    """Two machines behind one proxy are never of one second."""
    assert FORMS.is_ours(TOKEN, NOW - timedelta(minutes=1))
    assert not FORMS.is_ours(TOKEN, NOW - timedelta(minutes=1, seconds=1))


def test_a_token_with_a_time_of_somebodys_own_is_not_ours() -> None:
    issued, chance, mac = TOKEN.split(".")
    later = f"{int(issued, 16) + 3600:x}"
    assert not FORMS.is_ours(f"{later}.{chance}.{mac}", NOW + timedelta(hours=1))
    assert not FORMS.is_ours("", NOW)
    assert not FORMS.is_ours("..", NOW)


@given(st.text(max_size=200), st.text(max_size=80), st.integers(100, 200))
def test_what_may_be_sent_has_words_within_its_bounds_and_becomes_a_post(text: str, title: str, longest: int) -> None:
    written = Written(title, text)
    if not judge(written, longest):
        assert 0 < len(normalise(text)) <= longest
        assert len(normalise(title)) <= LONGEST_TITLE
        assert as_observation(written, FORMS.number(TOKEN, written)).text == text
