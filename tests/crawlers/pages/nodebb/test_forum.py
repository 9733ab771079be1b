import json
from contextlib import suppress
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawlers.pages.forum import Answer, PageRefused, Refusal
from crawlers.pages.nodebb.forum import NodebbForum
from crawlers.pages.observation import Observation
from stream.errors import Rejected
from stream.messages import Counts

AT = datetime(2026, 11, 19, 6, 34, 20, tzinfo=UTC)
FORUM = NodebbForum("http://bbs.invalid/forum")
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=9),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["posts", "topics", "pid", "tid", "content", "user", "pagination"]), inner)
    ),
    max_leaves=12,
)


def answer(told: object) -> Answer:
    return Answer(body=json.dumps(told).encode(), url=FORUM.home, content_type="application/json", at=AT)


def words_of(content: str) -> str:
    told = {"tid": 1, "mainPid": 5, "posts": [{"pid": 5, "content": content}], "pagination": {}}
    return FORUM.read_thread(answer(told), "1", None).observations[0].text


@pytest.mark.parametrize(
    ("url", "thread"),
    [
        ("http://bbs.invalid/forum/api/topic/38?page=2", "38"),
        ("/topic/38/%E5%8C%97%E6%A1%A5/7", "38"),
        ("/category/5", None),
        ("/login?next=/topic/38", None),
    ],
)
def test_a_topic_is_known_by_its_address_with_a_slug_or_without(url: str, thread: str | None) -> None:
    assert FORUM.thread_id(url) == thread


def test_everything_is_asked_for_below_the_forums_folder() -> None:
    assert FORUM.index_url() == "http://bbs.invalid/forum/api/categories"
    assert FORUM.board_url("5") == "http://bbs.invalid/forum/api/category/5"
    assert NodebbForum("http://bbs.invalid").thread_url("38") == "http://bbs.invalid/api/topic/38"


def test_a_quotation_that_names_no_writer_is_the_writers_own_choice() -> None:
    named = '<p><a href="/user/a">@甲</a> said:</p><blockquote>前面的话</blockquote><p>不对</p>'
    assert words_of(named) == "不对"
    assert words_of("<p>公告说：</p><blockquote>今晚检修</blockquote>") == "公告说：\n\n今晚检修"
    assert words_of("<blockquote>今晚检修</blockquote><p>又来</p>") == "今晚检修\n\n又来"


LI = '<a href="/user/li">@li</a>'


@pytest.mark.parametrize(
    "above",
    [
        f"感谢 {LI} 提醒，我们小区已经停水三天，通知：",
        f"{LI} 提醒得对，物业刚才说：",
        f"{LI} 在群里问了，物业在群里说：",
        f"{LI}：",
        '请看 <a href="/post/4">这里</a>：',
        '@li 请看<a href="/topic/5">公告</a>：',
    ],
)
def test_a_line_that_says_more_than_whom_the_software_quotes_stays_with_its_quotation(above: str) -> None:
    assert words_of(f"<p>{above}</p><blockquote>今晚检修</blockquote>").endswith("：\n\n今晚检修")


@pytest.mark.parametrize(
    "above",
    [
        f'{LI} <a href="/post/4">said</a>:',
        f'{LI} <a href="/post/4">sagte</a>:',
        f"{LI} 说：",
        f'{LI} said in <a href="/topic/5">停电了，急：</a>:',
        f'{LI} 在 <a href="/topic/5">停电了，急！</a> 中说：',
        '<a href="/uid/7">@Kevin Lau</a> wrote:',
        "@小说家 说：",
        '@A Former User <a href="/post/4">said</a>:',
        '@li 在 <a href="/topic/5">停电了</a> 中說：',
        '访客 <a href="/post/4">说</a>：',
    ],
)
def test_what_the_software_writes_above_a_quotation_names_its_writer(above: str) -> None:
    assert words_of(f"<p>{above}</p><blockquote>别人的话</blockquote><p>不对</p>") == "不对"


def test_a_post_nested_beyond_all_measure_keeps_its_words() -> None:
    assert "停电了" in words_of("<b>" * 3000 + "停电了" + "</b>" * 3000)


@given(ANYTHING)
def test_json_of_any_shape_is_read_or_rejected(told: object) -> None:
    with suppress(Rejected):
        FORUM.read_boards(answer(told))
    with suppress(Rejected):
        FORUM.read_board(answer(told), "5")
    with suppress(Rejected):
        FORUM.read_thread(answer(told), "38", None)


QUOTED = '<p><a href="/post/4">@甲</a> said:</p><blockquote>别人的话</blockquote>'
MARKUP = st.lists(
    st.sampled_from(
        ["<p>", "</p>", "<blockquote>", "</blockquote>", '<a href="/user/a">', "</a>", "说：", "<b>", "\x00"]
    ),
    max_size=12,
).map("".join)


def read(post: dict[str, object], **topic: object) -> Observation:
    told = {"tid": 1, "mainPid": 5, "posts": [{"pid": 5, "content": "停电"} | post], "pagination": {}} | topic
    return FORUM.read_thread(answer(told), "1", None).observations[0]


def test_what_stands_between_and_behind_quotations_is_the_writers() -> None:
    assert words_of(f"<p>一</p>{QUOTED}<p>二</p>{QUOTED}三") == "一\n\n二\n三"
    nested = QUOTED.replace("别人的话", f"<p>早</p>{QUOTED}")
    assert words_of(f"{nested}<p>我家也是</p>") == "我家也是"


@given(MARKUP)
def test_markup_of_any_shape_around_a_post_costs_it_no_word_of_its_last_paragraph(markup: str) -> None:
    closed = markup + "</a></b>" * 12 + "</blockquote>" * 12
    assert words_of(f"<div>{closed}</div><section><p>停电了</p></section>").count("停电了") == 1


def test_an_author_without_an_account_is_nobody_and_a_name_alone_is_none() -> None:
    assert read({"user": {"uid": 0, "username": "访客"}}).author is None
    assert read({"user": {"uid": 7}}).author == "7"
    assert read({"user": "x"}).author is None


def test_a_post_has_its_floor_its_parent_and_its_edit_where_it_tells_them() -> None:
    found = read({"index": 0, "toPid": 3, "timestamp": 1763533000000, "edited": 1763533060000})
    assert (found.floor, found.parent) == (1, "pid:3")
    assert found.published_at is not None
    assert found.edited_at is not None
    assert (found.edited_at - found.published_at).total_seconds() == 60
    never = read({"edited": 0})
    assert (never.floor, never.parent, never.edited_at) == (None, None, None)


def test_titles_and_boards_are_told_without_the_escapes_of_html() -> None:
    found = read({}, title="供电&#x2F;供水 &amp; 燃气", category={"name": "停电 &amp; 抢修"})
    assert (found.title, found.board) == ("供电/供水 & 燃气", "停电 & 抢修")
    assert read({}, title="a&amp;amp;b", titleRaw="a&amp;b").title == "a&amp;b"  # as the writer typed it


def test_a_topic_of_one_post_has_no_replies_and_one_without_a_count_tells_none() -> None:
    assert read({}, postcount=1, viewcount=9).counts == Counts(views=9, replies=0)
    assert read({}, postcount=0).counts == Counts(replies=0)
    assert read({}).counts == Counts()


def test_our_own_visits_do_not_move_a_topics_counters_and_a_deletion_does() -> None:
    def listed(**more: object) -> tuple[str, bool]:
        row = {"tid": 7, "postcount": 3, "lastposttime": 1763533000000} | more
        (thread,) = FORUM.read_board(answer({"topics": [row, {"tid": None}]}), "5").threads
        return thread.counters, thread.gone

    assert listed(viewcount=1) == listed(viewcount=2)
    assert listed(deleted=1) != listed()
    assert listed(deleted=1)[1]


def test_an_answer_of_the_newer_interface_is_read_out_of_its_wrapping() -> None:
    wrapped = {"status": {"code": "ok"}, "response": {"categories": [{"cid": 5}, {"cid": 6, "link": "http://x"}]}}
    assert FORUM.read_boards(answer(wrapped)).boards == ("5",)


@pytest.mark.parametrize(
    ("told", "refusal"),
    [
        ({"status": {"code": "not-authorised", "message": "登录"}}, Refusal.PERMISSION),
        ({"status": {"code": "forbidden", "message": "x"}}, Refusal.PERMISSION),
        ({"status": {"code": "not-found", "message": "x"}}, Refusal.GONE),
        ({"title": "[[global:404.title]]", "path": "/forum/topic/9"}, Refusal.GONE),
    ],
)
def test_a_refusal_is_told_by_its_code(told: object, refusal: Refusal) -> None:
    with pytest.raises(PageRefused) as caught:
        FORUM.read_thread(answer(told), "9", None)
    assert caught.value.refusal is refusal
