from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter

from crawlers.config import AnySource
from crawlers.pages.feeds.opml import FeedList, OutlineFeed, read_opml, source_entries
from stream.errors import Rejected

LIST = """<?xml version="1.0" encoding="UTF-8"?>
<opml version="2.0"><head><title>订阅</title></head><body>
<outline text="新闻"><outline text="临江日报" type="rss" xmlUrl="https://news.example.com/rss?a=1&b=2"/></outline>
<outline title="论坛" text="x" XMLURL="feed://bbs.example.com/rss"/><outline text="又一次" xmlUrl="feed:https://news.example.com/rss?a=1&amp;b=2"/>
<outline text="评论" xmlUrl="https://news.example.com/comments"/><outline text="页面" htmlUrl="https://a.example.com"/>
<outline text="坏" xmlUrl="javascript:alert(1)"/><outline text="密码" xmlUrl="https://u:p@a.example.com/"/>
</body></opml>"""


def test_every_feed_is_found_once_in_whatever_folder_and_spelling() -> None:
    assert read_opml(LIST.encode()) == FeedList(
        (
            OutlineFeed("临江日报", "https://news.example.com/rss?a=1&b=2"),
            OutlineFeed("论坛", "http://bbs.example.com/rss"),
            OutlineFeed("评论", "https://news.example.com/comments"),
        ),
        ("javascript:alert(1)", "https://u:p@a.example.com/"),
    )


def test_feeds_of_one_host_are_one_source_that_waits_for_its_owners_name() -> None:
    entries = source_entries(read_opml(LIST.encode()))
    assert {key: (one["url"], one.get("feeds"), one["enabled"]) for key, one in entries.items()} == {
        "news-example-com": ("https://news.example.com/rss?a=1&b=2", ["https://news.example.com/comments"], False),
        "bbs-example-com": ("http://bbs.example.com/rss", None, False),
    }


def test_what_is_written_is_read_by_the_configuration() -> None:
    entry = source_entries(read_opml(LIST.encode()))["news-example-com"]
    source = TypeAdapter(AnySource).validate_python(entry)
    assert (source.name, source.enabled) == ("临江日报", False)


def test_two_hosts_of_one_key_stay_two() -> None:
    feeds = FeedList(
        (OutlineFeed("", "http://a-b.cn/"), OutlineFeed("", "http://a_b.cn/"), OutlineFeed("", "http://a.b.cn/"))
    )
    assert list(source_entries(feeds)) == ["a-b-cn", "a_b-cn", "a-b-cn-2"]


@pytest.mark.parametrize(
    ("body", "told"),
    [
        (b"", "no XML"),
        (b"<html><body>", "no XML"),
        (b"<rss></rss>", "begins with <rss>"),
        (b"<opml><body/></opml>", "names no feed"),
        (b'<!DOCTYPE opml [<!ENTITY x SYSTEM "file:///etc/passwd">]><opml><outline xmlUrl="&x;"/></opml>', "DOCTYPE"),
        (b" " * (8 * 1024 * 1024 + 1), "bytes"),
    ],
)
def test_anything_else_is_refused_in_words(body: bytes, told: str) -> None:
    with pytest.raises(Rejected, match="not_opml") as caught:
        read_opml(body)
    assert told in caught.value.detail


def test_entities_are_not_expanded() -> None:
    bomb = b'<!DOCTYPE opml [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;">]><opml><outline xmlUrl="http://x/&b;"/></opml>'
    with pytest.raises(Rejected):
        read_opml(bomb)


PIECES = [
    "<opml>",
    "</opml>",
    '<outline xmlUrl="',
    "http://a.cn/",
    '"/>',
    "<!DOCTYPE",
    "&",
    "<",
    "停",
    "\x00",
    "http://[",
]


@given(st.lists(st.sampled_from(PIECES), max_size=15).map("".join))
def test_nonsense_is_read_or_refused(document: str) -> None:
    with suppress(Rejected):
        source_entries(read_opml(document.encode()))


def test_a_host_that_leaves_nothing_for_a_key_has_one_all_the_same() -> None:
    entries = source_entries(FeedList((OutlineFeed("", "http://---/"), OutlineFeed("", "http://___/"))))
    assert list(entries) == ["feed", "___"]
    assert list(source_entries(FeedList((OutlineFeed("", "http://---/"), OutlineFeed("", "http://+/"))))) == [
        "feed",
        "feed-2",
    ]


def test_a_title_is_one_line_of_what_can_be_shown_and_cut_to_its_measure() -> None:
    (entry,) = source_entries(FeedList((OutlineFeed(" 临江\u200b\n 日报\x07 " + "长" * 60, "http://a.cn/"),))).values()
    assert entry["name"] == "临江 日报 " + "长" * 34
    (silent,) = source_entries(FeedList((OutlineFeed(" \n", "http://a.cn/"),))).values()
    assert "name" not in silent


def test_one_host_in_two_spellings_is_one_source_and_another_port_is_another() -> None:
    feeds = ("http://A.cn/1", "http://a.cn/2", "http://a.cn:8080/3")
    entries = source_entries(FeedList(tuple(OutlineFeed("", url) for url in feeds)))
    assert {key: entry.get("feeds") for key, entry in entries.items()} == {"a-cn": ["http://a.cn/2"], "a-cn-8080": None}
