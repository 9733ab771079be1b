import json
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawlers.pages.forum import Answer
from crawlers.pages.mastodon.api import read_account, read_one, read_timeline
from stream.errors import Rejected
from stream.messages import Counts


def answer(told: Any) -> Answer:
    at = datetime(2026, 11, 19, 6, 34, tzinfo=UTC)
    return Answer(body=json.dumps(told).encode(), url="", content_type="application/json", at=at)


def test_an_account_is_known_by_its_number_as_text_or_as_a_number() -> None:
    assert read_account(answer({"id": "42"})) == "42"
    assert read_account(answer({"id": 42})) == "42"
    for other in ({}, [], {"id": None}, {"id": True}):
        with pytest.raises(Rejected, match="not_the_api"):
            read_account(answer(other))


def test_a_status_that_is_for_followers_is_never_read() -> None:
    private = {"id": "1", "visibility": "private", "content": "<p>只给你看"}
    assert read_timeline(answer([private, {"id": "2", "visibility": "direct"}, 7, {"content": "x"}]), "我们") == ()
    with pytest.raises(Rejected, match="not_the_api"):
        read_one(answer(private), "我们")


def test_a_status_without_anything_but_an_id_is_read_as_far_as_it_goes() -> None:
    found = read_one(answer({"id": "1"}), "我们")
    assert (found.native_id, found.text, found.author, found.published_at) == ("status:1", "", None, None)
    odd = {"id": "1", "poll": {"options": 7}, "account": [], "reblog": "x", "edited_at": "2026-11-19T06:00:00Z"}
    assert read_one(answer(odd), "我们").edited_at is None


@pytest.mark.parametrize("visibility", ["private", "direct", "mutuals_only", None, [], {}, True])
def test_what_is_boosted_must_be_public_too_and_an_odd_visibility_is_none(visibility: Any) -> None:
    boosted = {"id": "2", "visibility": visibility, "content": "<p>只给你看"}
    assert read_timeline(answer([{"id": "1", "visibility": "public", "reblog": boosted}]), "我们") == ()
    assert read_timeline(answer([boosted]), "我们") == ()


def test_a_boost_is_passed_on_without_the_name_of_its_writer() -> None:
    boosted = {"id": "2", "content": "<p>停电了</p>", "account": {"acct": "wang@elsewhere.org"}}
    found = read_one(
        answer({"id": "1", "content": "<p>看 //@老王: 是", "reblog": boosted, "account": {"id": 7}}), "我们"
    )
    assert (found.text, found.author) == ("看 //@…: 是//@…:停电了", "7")


def test_a_warning_and_the_options_of_a_poll_are_words_and_its_votes_are_not() -> None:
    def said(votes: int) -> str:
        poll = {"options": [{"title": "今晚", "votes_count": votes}, {"title": None}, 7, {"title": "明天"}]}
        told = {"id": "1", "spoiler_text": "停电", "content": "<p>几点来？</p>", "poll": poll}
        return read_one(answer(told), "我们").text

    assert said(3) == said(4) == "停电\n几点来？\n今晚\n明天"


@pytest.mark.parametrize(
    ("edited_at", "read"),
    [
        ("2026-11-19T06:00:01.000Z", datetime(2026, 11, 19, 6, 0, 1, tzinfo=UTC)),
        ("2026-11-19T06:00:00.000Z", None),  # some servers write both times at once
        ("2026-11-19T05:59:59.000Z", None),
        (None, None),
        (7, None),
    ],
)
def test_an_edit_came_after_the_status_was_published(edited_at: Any, read: datetime | None) -> None:
    told = {"id": "1", "created_at": "2026-11-19T06:00:00.000Z", "edited_at": edited_at}
    assert read_one(answer(told), "我们").edited_at == read


def test_counters_that_are_none_are_not_told_and_a_time_that_nobody_reads_is() -> None:
    told = {"id": "1", "replies_count": True, "favourites_count": -1, "reblogs_count": 3, "created_at": "gestern früh"}
    found = read_one(answer(told), "我们")
    assert found.counts == Counts(reposts=3)
    assert (found.published_at, found.unread_time) == (None, "gestern früh")


def test_a_status_lies_at_its_page_or_where_its_server_keeps_it() -> None:
    assert read_one(answer({"id": "1", "url": None, "uri": "https://m.cn/1"}), "我们").url == "https://m.cn/1"
    assert read_one(answer({"id": "1", "url": "https://m.cn/@us/1", "uri": "x"}), "我们").url == "https://m.cn/@us/1"
    assert read_one(answer({"id": "1", "in_reply_to_id": 5}), "我们").parent == "status:5"


LINE = '<p class="quote-inline">RE: <a href="https://m.cn/@b/4"><span>m.cn/@b/4</span></a></p>'


@pytest.mark.parametrize(
    ("quote", "parent"),
    [
        ({"state": "accepted", "quoted_status": {"id": "4", "content": "<p>停电</p>"}}, "status:4"),
        ({"state": "accepted", "quoted_status_id": "4"}, "status:4"),
        ({"state": "revoked", "quoted_status": None}, None),
        ({"state": "accepted", "quoted_status": 7}, None),
    ],
)
def test_a_quoted_status_is_the_one_that_is_answered_and_the_line_in_its_place_is_nobodys(
    quote: dict[str, Any], parent: str | None
) -> None:
    found = read_one(answer({"id": "5", "content": f"{LINE}<p>同意</p>", "quote": quote}), "我们")
    assert (found.text, found.parent) == ("同意", parent)
    spanned = f"<p>同意{LINE.replace('<p ', '<span ').replace('</p>', '</span>')}</p>"
    assert read_one(answer({"id": "5", "content": spanned, "quote": quote}), "我们").text == "同意"
    both = read_one(answer({"id": "5", "content": LINE, "quote": quote, "in_reply_to_id": "3"}), "我们")
    assert (both.text, both.parent) == ("", "status:3")


@pytest.mark.parametrize("quote", [None, 7, []])
def test_the_line_of_a_quote_that_is_told_in_no_other_way_stays(quote: Any) -> None:
    found = read_one(answer({"id": "5", "content": f"{LINE}<p>同意</p>", "quote": quote}), "我们")
    assert (found.text, found.parent) == ("RE: m.cn/@b/4\n\n同意", None)


KEYS = [
    "quote",
    "quoted_status",
    "id",
    "visibility",
    "reblog",
    "content",
    "poll",
    "options",
    "title",
    "account",
    "created_at",
    "url",
]
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.sampled_from(["1", "public", "<p>停"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(KEYS), inner),
    max_leaves=12,
)


@given(ANYTHING)
def test_json_of_any_shape_is_read_or_rejected(told: Any) -> None:
    for read in (read_account, lambda one: read_timeline(one, "我们"), lambda one: read_one(one, "我们")):
        with suppress(Rejected):
            read(answer(told))


@pytest.mark.parametrize("body", [b"", b"<html>", b"\xff", b"[" * 100_000])
def test_what_is_no_json_is_not_the_api(body: bytes) -> None:
    with pytest.raises(Rejected, match="not_the_api"):
        read_timeline(Answer(body=body, url="", content_type="", at=datetime(2026, 11, 19, tzinfo=UTC)), "我们")
