from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawlers.pages.entry import Entry, absolute, first_with_words, to_observation
from crawlers.pages.observation import Observation
from stream.messages import Kind, Precision
from stream.process.clock import SHANGHAI

AT = datetime(2026, 11, 19, 6, 34, 20, tzinfo=UTC)
PAGE = "http://example.com/archives/13.html"
COMMENT = f"{PAGE}#comment-17"


def seen(entry: Entry, kind: Kind = Kind.ARTICLE) -> Observation:
    return to_observation(entry, kind, AT, SHANGHAI)


@pytest.mark.parametrize(
    ("entry", "native_id"),
    [
        (Entry(guid="1", link=PAGE), "entry:1"),
        (Entry(link=PAGE), f"entry:{PAGE}"),
        (Entry(guid="停电"), "entry:停电"),
    ],
)
def test_an_entry_is_known_by_its_own_id_else_by_its_link(entry: Entry, native_id: str) -> None:
    assert entry.native_id == native_id


def test_an_entry_without_either_is_known_by_its_words() -> None:
    first, same, other = (Entry(title="停电", markup=markup) for markup in ("<p>一", "<p>一", "<p>二"))
    assert first.native_id == same.native_id != other.native_id
    assert len(first.native_id) == len("entry:") + 32
    assert Entry(title="\ud800").native_id  # half a character, as broken JSON has


@pytest.mark.parametrize(
    ("entry", "empty"),
    [
        (Entry(), True),
        (Entry(author="甲", published="2026-11-19"), True),
        (Entry(guid="1"), False),
        (Entry(link=PAGE), False),
        (Entry(title="停电"), False),
        (Entry(markup="<p>"), False),
    ],
)
def test_an_entry_without_a_name_and_without_words_is_empty(entry: Entry, empty: bool) -> None:
    assert entry.is_empty() is empty


@pytest.mark.parametrize(
    ("link", "address"),
    [
        ("/a", "http://example.com/a"),
        ("b", "http://example.com/archives/b"),
        ("http://other.example.com/", "http://other.example.com/"),
        ("//cdn.example.com/a", "http://cdn.example.com/a"),
        ("", ""),
        ("http://[", ""),
    ],
)
def test_a_link_is_where_it_leads_from_its_page(link: str, address: str) -> None:
    assert absolute(PAGE, link) == address


def test_an_article_is_its_own_thread() -> None:
    one = seen(Entry(guid="1", link=PAGE, title="停电", markup="<p>一</p>", board="公告", author="甲", replies=3))
    assert (one.kind, one.thread, one.parent, one.board) == (Kind.ARTICLE, "entry:1", None, "公告")
    assert (one.title, one.text, one.url, one.author, one.counts.replies) == ("停电", "一", PAGE, "甲", 3)


def test_a_comment_is_told_by_its_link_and_stands_under_the_page() -> None:
    one = seen(Entry(guid="c", link=COMMENT, title="停电", markup="同问", board="公告"))
    assert (one.kind, one.thread, one.parent, one.board) == (Kind.COMMENT, f"entry:{PAGE}", None, None)


def test_a_comment_is_told_by_what_it_answers() -> None:
    one = seen(Entry(guid="c", in_reply_to="1", markup="同问"))
    assert (one.kind, one.thread, one.parent) == (Kind.COMMENT, "entry:1", "entry:1")


def test_the_line_that_names_the_other_writer_is_not_the_commenters_text() -> None:
    line = f'<p>回复 <a href="{PAGE}#comment-16">乙</a>：</p>'
    one = seen(Entry(guid="c", link=COMMENT, markup=f"{line}<p>同问</p>"))
    assert (one.text, one.parent) == ("同问", f"entry:{PAGE}#comment-16")


def test_a_link_to_a_comment_further_down_is_the_writers_own() -> None:
    markup = f'<p>看这里</p><p>回复 <a href="{PAGE}#comment-16">乙</a></p>'
    one = seen(Entry(guid="1", link=PAGE, markup=markup))
    assert (one.kind, one.parent, "看这里" in one.text) == (Kind.ARTICLE, None, True)


def test_a_link_to_a_comment_is_an_articles_own_in_its_first_paragraph_too() -> None:
    markup = f'<p>评论里<a href="{PAGE}#comment-12">这一条</a>说得对</p><p>停水三天了</p>'
    one = seen(Entry(guid="1", link=PAGE, markup=markup))
    assert (one.kind, one.thread, one.parent) == (Kind.ARTICLE, "entry:1", None)
    assert one.text == "评论里这一条说得对\n\n停水三天了"


def test_a_feed_of_comments_needs_no_other_sign_for_whom_one_answers() -> None:
    markup = f'<p>In reply to <a href="{PAGE}#comment-16">乙</a>.</p><p>同问</p>'
    one = seen(Entry(guid="c", link=PAGE, markup=markup), Kind.COMMENT)
    assert (one.kind, one.text, one.parent) == (Kind.COMMENT, "同问", f"entry:{PAGE}#comment-16")


@pytest.mark.parametrize(
    ("markups", "first"),
    [
        (("<p>全文</p>", "摘要"), "<p>全文</p>"),
        (("<p></p>", "摘要"), "摘要"),
        (('<img src="a.jpg">', "", "<p>摘要</p>"), "<p>摘要</p>"),
        (("<script>x</script>", "&nbsp;", "a<b"), "a<b"),
        (('<img src="a.jpg">', " ", "<p></p>"), '<img src="a.jpg">'),
        (("", " "), ""),
        ((), ""),
    ],
)
def test_of_an_entrys_texts_the_first_with_words_counts(markups: tuple[str, ...], first: str) -> None:
    assert first_with_words(*markups) == first


def test_a_comments_title_that_names_its_writer_is_not_kept() -> None:
    named = Entry(guid="c", link=COMMENT, title="甲 对《停电》的评论", author="甲")
    assert seen(named).title == ""
    assert seen(Entry(guid="1", link=PAGE, title="甲 的公告", author="甲")).title == "甲 的公告"


def test_a_repost_of_a_bridge_is_in_weibos_form_and_names_nobody() -> None:
    markup = '太差了<br><blockquote> - 转发 <a href="https://weibo.com/2">@临江电力</a>: 停电公告原文</blockquote>'
    one = seen(Entry(guid="1", link=PAGE, title="太差了 - 转发 @临江电力: 停电公告", markup=markup))
    assert (one.title, one.text) == ("太差了//@…:停电公告", "太差了//@…:停电公告原文")


def test_an_answer_in_a_topic_is_no_edit_of_what_was_said_before() -> None:
    quoted = (
        '<aside class="quote" data-username="li"><div class="title">li:</div><blockquote>食堂贵</blockquote></aside>'
    )
    more = f'<p><a href="{PAGE}">Read full topic</a></p>'
    counts = ("3 posts - 2 participants", "4 posts - 3 participants")
    texts = {seen(Entry(guid="1", markup=f"{quoted}<p>同意</p><p>{count}</p>{more}")).text for count in counts}
    assert texts == {"同意"}


@pytest.mark.parametrize("words", ["获取全文失败，请重试~", "<p>获取全文失败，请重试~</p>", "获取全文失败，请重试"])
def test_a_bridges_apology_is_no_text(words: str) -> None:
    assert seen(Entry(guid="1", markup=words)).text == ""


@pytest.mark.parametrize(
    ("published", "updated", "at", "edited"),
    [
        ("2026-11-19T06:00:00Z", "", datetime(2026, 11, 19, 6, tzinfo=UTC), None),
        ("2026-11-19T06:00:00Z", "2026-11-19T06:00:00Z", datetime(2026, 11, 19, 6, tzinfo=UTC), None),
        (
            "2026-11-19T06:00:00Z",
            "2026-11-19T07:00:00Z",
            datetime(2026, 11, 19, 6, tzinfo=UTC),
            datetime(2026, 11, 19, 7, tzinfo=UTC),
        ),
        ("2026-11-19T06:00:00Z", "2026-11-19T05:00:00Z", datetime(2026, 11, 19, 6, tzinfo=UTC), None),
        ("", "2026-11-19T07:00:00Z", datetime(2026, 11, 19, 7, tzinfo=UTC), None),
        ("soon", "2026-11-19T07:00:00Z", datetime(2026, 11, 19, 7, tzinfo=UTC), None),
        ("2026-11-19 14:00:00", "", datetime(2026, 11, 19, 6, tzinfo=UTC), None),  # of the site's zone
        ("", "", None, None),
    ],
)
def test_an_edit_is_later_than_what_it_edits(
    published: str, updated: str, at: datetime | None, edited: datetime | None
) -> None:
    one = seen(Entry(guid="1", published=published, updated=updated))
    assert (one.published_at, one.edited_at) == (at, edited)
    assert (one.published_precision is Precision.UNKNOWN) == (at is None)


@pytest.mark.parametrize(
    ("published", "updated", "unread"),
    [
        ("", "", ""),
        ("2026-11-19T06:00:00Z", "", ""),
        ("2026-11-19T06:00:00Z", "soon", ""),  # an edit without a time: what was published has one
        ("", "2026-11-19T06:00:00Z", ""),
        ("Soon", "", "soon"),
        ("", "Soon", "soon"),
        ("soon", "later", "soon"),
        ("soon", "2026-11-19T06:00:00Z", "soon"),  # charted by the edit; but nobody knows how old it is
    ],
)
def test_a_time_of_publishing_that_nobody_understands_is_told_from_none(
    published: str, updated: str, unread: str
) -> None:
    assert seen(Entry(guid="1", published=published, updated=updated)).unread_time == unread


WORDS = st.text(max_size=20) | st.sampled_from([PAGE, COMMENT, "2026-11-19", f'<p>x<a href="{COMMENT}">y</a></p>', "<"])


@given(st.builds(Entry, guid=WORDS, link=WORDS, title=WORDS, markup=WORDS, author=st.none() | WORDS, published=WORDS,
                 updated=WORDS, in_reply_to=st.none() | WORDS))  # fmt: skip
def test_whatever_an_entry_says_it_is_a_post_of_one_thread(entry: Entry) -> None:
    one = seen(entry)
    assert one.native_id.startswith("entry:")
    assert one.thread.startswith("entry:")
    assert one.kind is Kind.COMMENT or (one.thread, one.parent) == (one.native_id, None)
