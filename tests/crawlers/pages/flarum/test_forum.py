import json
from contextlib import suppress
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawlers.pages.flarum.forum import FlarumForum
from crawlers.pages.forum import Answer, PageRefused, Refusal, ThreadPage
from stream.errors import Rejected
from stream.messages import Counts, Kind

AT = datetime(2026, 11, 28, 7, tzinfo=UTC)
FORUM = FlarumForum("http://bbs.invalid/talk")
KEYS = [
    "data",
    "included",
    "attributes",
    "relationships",
    "type",
    "id",
    "links",
    "next",
    "errors",
    "contentHtml",
    "tags",
]
VALUES = st.sampled_from(["posts", "discussions", "tags", "comment", "40"])
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | VALUES,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(KEYS), inner),
    max_leaves=15,
)


def answer(told: object) -> Answer:
    return Answer(body=json.dumps(told).encode(), url=FORUM.thread_url("40"), content_type="application/json", at=AT)


@pytest.mark.parametrize(
    ("url", "thread"),
    [
        ("http://bbs.invalid/talk/d/40-lu-deng/7", "40"),
        ("http://bbs.invalid/talk/api/discussions/40", "40"),
        ("http://bbs.invalid/talk/api/posts?filter%5Bdiscussion%5D=40&sort=number", "40"),
        ("http://bbs.invalid/talk/t/outage", None),
    ],
)
def test_a_discussion_is_known_by_its_page_and_by_its_posts(url: str, thread: str | None) -> None:
    assert FORUM.thread_id(url) == thread


def test_everything_is_asked_for_below_the_forums_folder() -> None:
    assert FORUM.index_url() == "http://bbs.invalid/talk/api"
    assert FORUM.board_url("all").startswith("http://bbs.invalid/talk/api/discussions?sort=-lastPostedAt")
    assert FORUM.thread_url("40").startswith("http://bbs.invalid/talk/api/posts?filter[discussion]=40")


def test_an_error_of_an_unknown_kind_closes_the_page_with_its_words() -> None:
    with pytest.raises(PageRefused, match="维护") as caught:
        FORUM.read_boards(answer({"errors": [{"code": "something", "detail": "维护"}]}))
    assert caught.value.refusal is Refusal.CLOSED


@given(ANYTHING)
def test_json_of_any_shape_is_read_or_rejected(told: object) -> None:
    with suppress(Rejected):
        FORUM.read_boards(answer(told))
    with suppress(Rejected):
        FORUM.read_board(answer(told), "all")
    with suppress(Rejected):
        FORUM.read_thread(answer(told), "40", None)


def post(number: int, **said: object) -> dict[str, object]:
    told = {"number": number, "contentType": "comment", "contentHtml": "<p>停电</p>"} | said
    return {"type": "posts", "id": str(100 + number), "attributes": told}


def read(*posts: dict[str, object], included: tuple[object, ...] = (), opening: str | None = None) -> ThreadPage:
    return FORUM.read_thread(answer({"data": list(posts), "included": list(included)}), "40", opening)


def test_what_the_software_noted_and_what_is_hidden_are_no_posts() -> None:
    page = read(post(1), post(2, contentType="discussionRenamed"), post(3, isHidden=True), post(4, contentHtml=None))
    assert [one.native_id for one in page.observations] == ["pid:101", "pid:104"]
    assert page.opening == "pid:101"


def test_a_post_whose_words_are_missing_is_told_as_unreadable() -> None:
    silent: dict[str, object] = {"type": "posts", "id": "9", "attributes": {"contentType": "comment", "number": 9}}
    assert read(post(1), silent).unreadable == ("pid:9",)


def test_a_post_that_is_answered_is_known_by_its_mention_and_its_quotation_is_left_out() -> None:
    mention = '<a class="PostMention" data-id="{}" href="/d/40/1">甲</a>'
    quote = f"<blockquote>{mention.format(101)} 早</blockquote>"
    (found,) = read(post(2, contentHtml=f"{quote}<p>我家也是</p><blockquote>公告</blockquote>")).observations
    assert (found.text, found.parent) == ("我家也是\n\n公告", "pid:101")
    (odd,) = read(post(2, contentHtml=f"<p>{mention.format('x')} 是</p>")).observations
    assert odd.parent is None


def test_a_quotation_that_begins_with_no_mention_is_the_writers_and_one_within_it_goes_alone() -> None:
    mention = '<a class="PostMention" data-id="101" href="/d/40/1">甲</a>'
    named = f"<blockquote><p>{mention} 早</p></blockquote>"
    for quote, text in (
        (f"<blockquote>{named}<p>全天停水</p></blockquote>", "全天停水"),
        (f"<blockquote>见 {mention}</blockquote>", "见 甲"),
        (f"<blockquote>{mention} 早{named}<blockquote>公告</blockquote></blockquote>是", "是"),
    ):
        assert read(post(2, contentHtml=quote)).observations[0].text == text


@pytest.mark.parametrize(
    ("words", "text"),
    [
        ("<p>{} 同意</p>", "同意"),
        ("<p><b>{}</b></p><p>同意</p>", "同意"),
        ("<blockquote>{} 早</blockquote><p>{}同意</p>", "同意"),
        ("<p>同意 {} 的说法</p>", "同意 {} 的说法"),  # the writer's sentence
        ('<p>{} <a class="PostMention" data-id="102">乙</a> 都同意</p>', "乙 都同意"),
        ('<p><a class="UserMention">@乙</a> 同意{}</p>', "@乙 同意{}"),
    ],
)
def test_the_mention_that_begins_an_answer_is_the_softwares_also_of_a_post_that_is_gone(words: str, text: str) -> None:
    linked = '<a class="PostMention" data-id="101" href="/d/40/1">甲</a>'
    deleted = '<span class="PostMention PostMention--deleted" data-id="101">[deleted]</span>'
    for mention, shown in ((linked, "甲"), (deleted, "[deleted]")):
        (found,) = read(post(2, contentHtml=words.replace("{}", mention))).observations
        assert (found.text, found.parent) == (text.replace("{}", shown), "pid:101")


def test_title_and_first_tag_are_those_of_this_discussion_among_all_that_is_included() -> None:
    tags = {"tags": {"data": [{"type": "tags", "id": "8"}, {"type": "tags", "id": "9"}]}}
    included = (
        {"type": "discussions", "id": "41", "attributes": {"title": "别的", "commentCount": 99}},
        {"type": "discussions", "id": "40", "attributes": {"title": "停电", "commentCount": 3}, "relationships": tags},
        {"type": "tags", "id": "9", "attributes": {"name": "抢修"}},
        {"type": "users", "id": "8", "attributes": {"name": "老王"}},
    )
    first, second = read(post(1), post(2), included=included).observations
    assert (first.title, first.board, first.counts) == ("停电", "抢修", Counts(replies=2))
    assert (second.kind, second.thread, second.counts) == (Kind.REPLY, "pid:101", Counts())
    assert (first.url, second.url) == ("http://bbs.invalid/talk/d/40", "http://bbs.invalid/talk/d/40/2")


def test_a_later_page_knows_its_number_by_its_offset_and_the_opening_post_by_what_was_known() -> None:
    def page(offset: str) -> ThreadPage:
        told = json.dumps({"data": [post(51)]}).encode()
        url = f"{FORUM.thread_url('40')}&page[offset]={offset}"
        return FORUM.read_thread(Answer(body=told, url=url, content_type="", at=AT), "40", "pid:101")

    assert [page(offset).page for offset in ("50", "100", "x", "9" * 5000)] == [2, 3, 1, 1]
    assert page("50").observations[0].kind is Kind.REPLY


@pytest.mark.parametrize(
    ("link", "offset"),
    [("http://elsewhere.cn/api?page%5Boffset%5D=50", "50"), ("x?page[offset]=-1", None), ("http://[", None), (7, None)],
)
def test_older_discussions_are_asked_of_this_forum_whatever_host_the_link_names(
    link: object, offset: str | None
) -> None:
    row = {"type": "discussions", "id": "7", "attributes": {"isSticky": True, "commentCount": 3}}
    listing = FORUM.read_board(answer({"data": [row, {"type": "tags", "id": "1"}], "links": {"next": link}}), "all")
    assert listing.next == (f"{FORUM.board_url('all')}&page[offset]={offset}" if offset else None)
    assert [(one.thread, one.sticky) for one in listing.threads] == [("7", True)]
