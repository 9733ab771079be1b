import json
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawlers.pages.forum import Answer
from crawlers.pages.wordpress.address import Listing
from crawlers.pages.wordpress.rest import Meaning, RestPage, meaning_of, read_categories, read_list
from stream.errors import Rejected

AT = datetime(2026, 11, 19, 6, 34, 20, tzinfo=UTC)


def read(rows: Any, listing: Listing = Listing.COMMENTS, **headers: str) -> RestPage:
    told = json.dumps(rows).encode()
    return read_list(Answer(body=told, url="http://a.cn/", content_type="", at=AT), listing, headers, {})


@pytest.mark.parametrize(
    ("status", "body", "number", "meaning", "word"),
    [
        (200, b"[]", 1, Meaning.PAGE, ""),
        (400, b'{"code":"rest_post_invalid_page_number"}', 2, Meaning.END, "rest_post_invalid_page_number"),
        (400, b'{"code":"rest_invalid_param"}', 1, Meaning.ABSENT, "rest_invalid_param"),
        (401, b'{"code":"rest_not_logged_in"}', 1, Meaning.CLOSED, "rest_not_logged_in"),
        (403, b"<html>", 1, Meaning.CLOSED, "http_403"),
        (404, b'{"code":"rest_no_route"}', 1, Meaning.ABSENT, "rest_no_route"),
        (404, b'{"code":"rest_disabled"}', 1, Meaning.ABSENT, "rest_disabled"),
        (404, b'{"code":"rest_cannot_access"}', 1, Meaning.CLOSED, "rest_cannot_access"),
        (404, b"<html>", 1, Meaning.ABSENT, "http_404"),
        (410, b"", 1, Meaning.ABSENT, "http_410"),
        (404, b"[" * 100_000, 1, Meaning.ABSENT, "http_404"),
    ],
)
def test_an_answer_says_what_it_is(status: int, body: bytes, number: int, meaning: Meaning, word: str) -> None:
    assert meaning_of(status, body, number) == (meaning, word)


@pytest.mark.parametrize(
    ("told", "total"), [("1738", 1738), ("", None), ("many", None), ("-1", None), ("9" * 20, None)]
)
def test_totals_are_the_sites_own_or_not_known(told: str, total: int | None) -> None:
    assert read([], **{"X-WP-Total": told}).total == total


def test_a_guest_is_told_by_name_and_an_account_by_number() -> None:
    rows = [
        {"id": 1, "post": 2, "author": 0, "author_name": "甲"},
        {"id": 3, "post": 2, "author": 7, "author_name": "乙"},
    ]
    assert [one.author for one in read(rows).observations] == ["甲", "user:7"]
    assert read(rows).parents == {"post:2"}


def test_categories_are_known_by_number_and_odd_rows_passed_by() -> None:
    assert read_categories(json.dumps([{"id": 2, "name": "停电 &amp; 抢修"}, {"id": "x"}, 3]).encode()) == {
        2: "停电 & 抢修"
    }


@pytest.mark.parametrize("body", [b"", b"<html>", b'{"code":"x"}', b"7", b"\xff", b"[" * 100_000])
def test_what_is_no_list_is_refused(body: bytes) -> None:
    with pytest.raises(Rejected, match="not_wordpress"):
        read_list(Answer(body=body, url="", content_type="", at=AT), Listing.POSTS, {}, {})


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["rendered", "protected"]), inner),
    max_leaves=5,
)
FIELDS = st.sampled_from(
    ["id", "post", "parent", "author", "date_gmt", "modified_gmt", "title", "content", "categories", "type"]
)


@given(st.lists(st.dictionaries(FIELDS, JSON), max_size=4), st.sampled_from(list(Listing)))
def test_whatever_a_row_holds_it_is_read_or_counted(rows: list[dict[str, Any]], listing: Listing) -> None:
    with suppress(Rejected):
        page = read(rows, listing)
        assert len(page.observations) + page.withheld + page.unreadable == len(rows)


@pytest.mark.parametrize("code", ["null", "false", "0", '""'])
def test_a_code_that_says_nothing_is_told_as_the_status(code: str) -> None:
    assert meaning_of(404, f'{{"code": {code}}}'.encode(), 1) == (Meaning.ABSENT, "http_404")


def test_a_post_behind_a_password_and_a_ping_are_withheld_and_a_row_without_a_number_is_counted() -> None:
    rows = [
        {"id": 1, "content": {"rendered": "", "protected": True}},
        {"id": 2, "type": "pingback", "content": {"rendered": "x"}},
        {"id": True},
        {"id": "3"},
        {"id": 4, "content": {"rendered": "<p>停电</p>", "protected": False}},
        "x",
    ]
    page = read(rows)
    assert [one.native_id for one in page.observations] == ["comment:4"]
    assert (page.withheld, page.unreadable) == (2, 2)


def test_times_are_those_of_greenwich_and_an_edit_came_after() -> None:
    def row(modified: str) -> Any:
        told = {"id": 1, "date": "2026-11-19T09:12:00", "date_gmt": "2026-11-19T01:12:00", "modified_gmt": modified}
        return read([told], Listing.POSTS).observations[0]

    assert row("").published_at == datetime(2026, 11, 19, 1, 12, tzinfo=UTC)
    assert row("2026-11-19T01:12:00").edited_at is None
    assert row("2026-11-19T01:13:00").edited_at == datetime(2026, 11, 19, 1, 13, tzinfo=UTC)
    assert row("0000-00-00T00:00:00").edited_at is None


def test_a_comment_stands_under_its_post_or_alone_and_answers_another_or_none() -> None:
    rows = [{"id": 5, "post": 2, "parent": 4}, {"id": 6, "post": 2, "parent": 0}, {"id": 7, "post": 0}]
    told = [(one.thread, one.parent) for one in read(rows).observations]
    assert told == [("post:2", "comment:4"), ("post:2", None), ("comment:7", None)]
    assert read(rows).parents == {"post:2", "comment:7"}


def test_a_title_that_names_a_tag_keeps_what_stands_behind_it() -> None:
    rows = [{"id": 1, "title": {"rendered": "如何用<video>标签 播放"}, "content": {"rendered": "文"}}]
    (found,) = read(rows, Listing.POSTS).observations
    assert found.title == "如何用<video>标签 播放"


def test_entities_and_bare_brackets_of_a_title_are_what_a_reader_sees() -> None:
    rows = [
        {"id": 1, "title": {"rendered": "AT&amp;T &#8211; 3<5 &amp; a<b 段"}, "content": {"rendered": "a<b 且 c>d"}}
    ]
    (found,) = read(rows, Listing.POSTS).observations
    assert (found.title, found.text) == ("AT&T – 3<5 & a<b 段", "a<b 且 c>d")


def test_the_board_is_the_first_category_that_has_a_name() -> None:
    told = json.dumps([{"id": 1, "categories": ["x", 9, 2, 3]}]).encode()
    page = read_list(Answer(body=told, url="", content_type="", at=AT), Listing.POSTS, {}, {2: "停电与抢修", 3: "公告"})
    assert page.observations[0].board == "停电与抢修"
