import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawlers.pages.entry import Entry
from crawlers.pages.jsonfeed import read_json_feed
from stream.errors import Rejected

URL = "http://example.com/feed.json"


def read(*items: Any, **feed: Any) -> list[Entry]:
    return read_json_feed(json.dumps({"items": list(items)} | feed), URL)[0]


def test_an_item_is_read_field_by_field() -> None:
    (entry,) = read(
        {
            "id": "1",
            "url": "/a",
            "title": "停电",
            "content_html": "<p>一</p>",
            "date_published": "2026-11-19T06:00:00Z",
            "date_modified": "2026-11-19T07:00:00Z",
            "tags": ["公告", "停电"],
            "authors": [{"name": "甲", "url": "http://example.com/u/7"}],
        },
        title="供电",
    )
    assert entry == Entry(
        guid="1",
        link="http://example.com/a",
        title="停电",
        markup="<p>一</p>",
        author="http://example.com/u/7",
        board="公告",
        published="2026-11-19T06:00:00Z",
        updated="2026-11-19T07:00:00Z",
    )


@pytest.mark.parametrize(
    ("item", "markup"),
    [
        ({"content_html": "<p>一</p>", "content_text": "二", "summary": "三"}, "<p>一</p>"),
        ({"content_text": "1 < 2", "summary": "三"}, "1 &lt; 2"),
        ({"summary": "a & b"}, "a &amp; b"),
        ({"content_html": "", "content_text": "二"}, "二"),
        ({"content_html": "<p></p>", "content_text": "二"}, "二"),
        ({"content_html": "<img src='a.jpg'>", "content_text": " ", "summary": "a & b"}, "a &amp; b"),
        ({"content_html": None, "content_text": ["二"]}, ""),
        ({}, ""),
    ],
)
def test_the_fullest_text_is_taken_and_plain_text_stays_text(item: dict[str, Any], markup: str) -> None:
    (entry,) = read({"id": "1"} | item)
    assert entry.markup == markup


@pytest.mark.parametrize(
    ("item", "feed", "author"),
    [
        ({"author": {"name": "甲"}}, {}, "甲"),  # version 1.0
        ({"authors": [{"name": "甲"}]}, {"authors": [{"name": "乙"}]}, "甲"),
        ({}, {"authors": [{"name": "乙"}]}, "乙"),
        ({"authors": []}, {"author": {"url": "http://example.com/"}}, "http://example.com/"),
        ({"authors": ["甲"]}, {}, None),
        ({"author": "甲"}, {}, None),
        ({"authors": [{"name": ""}]}, {}, None),
        ({}, {}, None),
    ],
)
def test_the_writer_is_the_items_or_the_feeds(item: dict[str, Any], feed: dict[str, Any], author: str | None) -> None:
    (entry,) = read({"id": "1"} | item, **feed)
    assert entry.author == author


@pytest.mark.parametrize(
    ("told", "guid"), [("a", "a"), (7, "7"), (0, "0"), (True, ""), (None, ""), ([1], ""), (1.5, "")]
)
def test_an_id_is_text_or_against_the_specification_a_whole_number(told: Any, guid: str) -> None:
    (entry,) = read({"id": told, "title": "a"})
    assert entry.guid == guid


@pytest.mark.parametrize(
    ("item", "link"),
    [
        ({"url": "/a", "external_url": "/b"}, "http://example.com/a"),
        ({"external_url": "http://other.example.com/b"}, "http://other.example.com/b"),
        ({"url": "http://["}, ""),
        ({}, ""),
    ],
)
def test_a_link_is_absolute_or_absent(item: dict[str, Any], link: str) -> None:
    (entry,) = read({"id": "1"} | item)
    assert entry.link == link


def test_the_board_is_the_first_tag_or_the_feeds_title() -> None:
    tagged, plain, odd = read({"tags": ["公告", "停电"]}, {"tags": []}, {"tags": "公告"}, title="供电")
    assert [tagged.board, plain.board, odd.board] == ["公告", "供电", "供电"]


def test_what_is_no_object_is_no_item() -> None:
    assert read("a", 1, None, [], {"id": "1"}) == read({"id": "1"})


@pytest.mark.parametrize(
    ("following", "older"),
    [("/2", "http://example.com/2"), ("http://[", None), ("", None), (None, None), ({"a": 1}, None)],
)
def test_older_items_are_where_the_feed_says(following: Any, older: str | None) -> None:
    assert read_json_feed(json.dumps({"items": [], "next_url": following}), URL)[1] == older


@pytest.mark.parametrize(
    "document", ["", "{", "[]", "null", "1", '"items"', "{}", '{"items": {}}', '{"items": null}', "[" * 100_000]
)
def test_any_other_json_is_no_feed(document: str) -> None:
    with pytest.raises(Rejected, match="not_a_feed"):
        read_json_feed(document, URL)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=5,
)
FIELDS = st.sampled_from(["id", "url", "external_url", "title", "content_html", "summary", "authors", "author", "tags"])


@given(st.lists(st.dictionaries(FIELDS, JSON), max_size=4), JSON)
def test_whatever_an_item_holds_it_is_read(items: list[dict[str, Any]], following: Any) -> None:
    entries, older = read_json_feed(json.dumps({"items": items, "next_url": following}), URL)
    assert len(entries) == len(items)
    assert older is None or isinstance(older, str)
    assert all(isinstance(value, str) for entry in entries for value in (entry.guid, entry.link, entry.markup))


@pytest.mark.parametrize(
    ("told", "words"),
    [
        ("2026-11-19", "2026-11-19"),
        (1_700_000_000, "1700000000"),
        (1_700_000_000.5, "1700000000.5"),
        ({"sec": 1}, "{'sec': 1}"),
        ([], "[]"),
        (True, "True"),
        ("", ""),
        (None, ""),
    ],
)
def test_whatever_stands_for_a_time_is_not_taken_for_none(told: object, words: str) -> None:
    (entry,) = read({"id": "1", "date_published": told, "date_modified": told})
    assert (entry.published, entry.updated) == (words, words)
