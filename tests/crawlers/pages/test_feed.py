from contextlib import suppress
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawlers.pages.feed import parse
from stream.errors import Rejected
from stream.messages import Kind

AT = datetime(2026, 11, 19, 6, 34, 21, tzinfo=UTC)


def test_comments_may_be_told_by_the_configuration() -> None:
    document = b'<rss version="2.0"><channel><item><guid>1</guid><title>a</title></item></channel></rss>'
    (entry,) = parse(document, "http://example.com/", "text/xml", AT, kind=Kind.COMMENT).entries
    assert (entry.kind, entry.thread) == (Kind.COMMENT, "entry:1")


TITLE = "停水三天沒人處理，請問什麼時候恢復供水"


@pytest.mark.parametrize("label", ["", "utf-8", "gbk", "us-ascii"])
@pytest.mark.parametrize(("title", "encoding"), [(TITLE, "big5"), ("停水三天没人处理，请问什么时候恢复供水", "gbk")])
def test_a_feed_is_read_by_its_bytes_as_a_page_is(title: str, encoding: str, label: str) -> None:
    prolog = f'<?xml version="1.0" encoding="{label}"?>' if label else ""
    document = f"{prolog}<rss version='2.0'><channel><item><guid>1</guid><title>{title}</title></item></channel></rss>"
    (entry,) = parse(document.encode(encoding), "http://example.com/", "text/xml", AT).entries
    assert entry.title == title


@pytest.mark.parametrize(
    "tail", ["<item>" * 20_000, "<item><description>" + "&lt;" * 100_000, "<item><title>" + "<b>" * 3000]
)
def test_a_hostile_document_is_read_or_refused_and_never_raises(tail: str) -> None:
    parse(f'<rss version="2.0"><channel>{tail}'.encode(), "http://[bad", "text/xml", AT)


def test_entities_are_neither_expanded_nor_fetched() -> None:
    document = (
        '<!DOCTYPE rss [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;"><!ENTITY x SYSTEM "file:///etc/hostname">]>'
        '<rss version="2.0"><channel><item><guid>1</guid><title>&b;&x;</title></item></channel></rss>'
    )
    (entry,) = parse(document.encode(), "http://example.com/", "text/xml", AT).entries
    assert "a" * 20 not in entry.title
    assert len(entry.title) < 20


CAPTION = "<media:content url='a'><media:description type='plain'>图说</media:description></media:content>"
FULL = "<content:encoded><![CDATA[<p>全文</p>]]></content:encoded>"
PICTURE = "<content:encoded><![CDATA[<img src='a.jpg'>]]></content:encoded>"
EMPTY = "<content:encoded><![CDATA[<p></p>]]></content:encoded>"
DESCRIPTION = "<description>停水三天，无人回应</description>"


@pytest.mark.parametrize(
    ("told", "text"),
    [
        (DESCRIPTION + CAPTION, "停水三天，无人回应"),
        (CAPTION + DESCRIPTION, "停水三天，无人回应"),
        (CAPTION, "图说"),
        (CAPTION + "<description/>", "图说"),
        (f"<media:group>{CAPTION}</media:group>", "图说"),
        (FULL + CAPTION, "全文"),
        (DESCRIPTION + FULL + CAPTION, "全文"),
        (CAPTION + DESCRIPTION + FULL, "全文"),
        (PICTURE + CAPTION, "图说"),
        (DESCRIPTION + PICTURE, "停水三天，无人回应"),
        (PICTURE + DESCRIPTION, "停水三天，无人回应"),
        (EMPTY + DESCRIPTION + CAPTION, "停水三天，无人回应"),
        (DESCRIPTION + EMPTY + CAPTION, "停水三天，无人回应"),
        (EMPTY, ""),
        ("<media:caption type='plain'>图说</media:caption>", ""),
    ],
)
def test_an_entrys_own_words_are_its_text_and_a_caption_only_where_there_are_none(told: str, text: str) -> None:
    names = 'xmlns:media="http://search.yahoo.com/mrss/" xmlns:content="http://purl.org/rss/1.0/modules/content/"'
    document = (
        f'<rss version="2.0" {names}><channel><item><guid>1</guid><title>停水</title>{told}</item></channel></rss>'
    )
    (entry,) = parse(document.encode(), "http://example.com/", "text/xml", AT).entries
    assert (entry.title, entry.text) == ("停水", text)


def test_a_title_keeps_what_stands_behind_a_tag_that_it_only_names() -> None:
    document = (
        '<rss version="2.0"><channel><item><guid>1</guid><title>如何用&lt;video&gt;标签 &amp;amp; 其他</title></item>'
        "</channel></rss>"
    )
    (entry,) = parse(document.encode(), "http://example.com/", "text/xml", AT).entries
    assert entry.title == "如何用<video>标签 & 其他"


PIECES = [
    '<rss version="2.0"><channel>', "<item>", "</item>", "<title>", "</title>", "<guid>", "<link>http://[::1</link>",
    '<link href="http://[x" rel="next"/>', "<pubDate>", '<feed xmlns="http://www.w3.org/2005/Atom">', "<entry>",
    '<content type="xhtml">', "<content:encoded>", "<![CDATA[", "]]>", "<!DOCTYPE", '<!ENTITY x "y">', "&x;",
    "&#xD800;", "&#0;", "&#99999999;", "<![if]>", "<?", '<a xml:base="http://[">', '<media:content url="http://[">',
    "<image><url>", "<slash:comments>²", '<thr:in-reply-to ref="">', "<source>", "<textinput>", "</rss>", "停电",
    "\x00", "\ud800", '{"items":[',
]  # fmt: skip
LABELS = ["text/xml", "", "text/xml; charset=gbk"]


@given(st.lists(st.sampled_from(PIECES), max_size=25).map("".join), st.sampled_from(LABELS))
def test_nonsense_is_read_or_rejected(document: str, content_type: str) -> None:
    with suppress(Rejected):
        parse(document.encode("utf-8", "surrogatepass"), "http://example.com/", content_type, AT)


def test_an_impossible_character_costs_itself_alone() -> None:
    document = (
        '<rss version="2.0"><channel><item><guid>1</guid><title>停&#xD800;电&#128545;</title></item></channel></rss>'
    )
    (entry,) = parse(document.encode(), "http://example.com/", "text/xml", AT).entries
    assert entry.title == "停\ufffd电😡"


@pytest.mark.parametrize(
    "words", ["停电&#55357;&#56865;了", "<![CDATA[停电&#xD83D;&#xde21;了]]>", "停电&amp;#55357;&amp;#56865;了"]
)
def test_an_emoji_in_two_halves_is_one(words: str) -> None:
    entry = f"<guid>1</guid><title>{words}</title><description>{words}</description>"
    document = f"<rss version='2.0'><channel><item>{entry}</item></channel></rss>"
    (found,) = parse(document.encode(), "http://example.com/", "text/xml", AT).entries
    assert (found.title, found.text) == ("停电😡了", "停电😡了")


def test_a_reply_that_names_nothing_is_an_entry_all_the_same() -> None:
    document = (
        b'<rss version="2.0" xmlns:thr="http://purl.org/syndication/thread/1.0"><channel><item><guid>1</guid>'
        b"<title>a</title><thr:in-reply-to>b</thr:in-reply-to></item></channel></rss>"
    )
    assert len(parse(document, "http://example.com/", "text/xml", AT).entries) == 1


@pytest.mark.parametrize(
    ("told", "moment", "unread"),
    [
        ("", None, ""),
        ("<pubDate/>", None, ""),
        ("<pubDate>2026-11-19T06:00:00Z</pubDate>", datetime(2026, 11, 19, 6, tzinfo=UTC), ""),
        ("<pubDate>am fünften</pubDate>", None, "am fünften"),
        ("<dc:date>am fünften</dc:date>", None, "am fünften"),
        ("<dcterms:created>2026-11-18T06:00:00Z</dcterms:created>", datetime(2026, 11, 18, 6, tzinfo=UTC), ""),
        ("<dcterms:created>am fünften</dcterms:created>", None, "am fünften"),
        (
            "<pubDate>am fünften</pubDate><dc:date>2026-11-19T06:34:00Z</dc:date>",
            datetime(2026, 11, 19, 6, 34, tzinfo=UTC),
            "am fünften",
        ),
    ],
)
def test_a_time_that_is_not_understood_is_told_from_none(told: str, moment: datetime | None, unread: str) -> None:
    names = 'xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:dcterms="http://purl.org/dc/terms/"'
    document = f'<rss version="2.0" {names}><channel><item><guid>1</guid>{told}</item></channel></rss>'
    (entry,) = parse(document.encode(), "http://example.com/", "text/xml", AT).entries
    assert (entry.published_at, entry.unread_time) == (moment, unread)
