import json
from contextlib import suppress
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawlers.pages.discourse.forum import DiscourseForum
from crawlers.pages.forum import Answer, PageRefused, Refusal, ThreadPage
from stream.errors import Rejected
from stream.messages import Counts, Kind

AT = datetime(2026, 11, 28, 7, tzinfo=UTC)
FORUM = DiscourseForum("http://bbs.invalid/talk")
KEYS = [
    "post_stream",
    "posts",
    "stream",
    "id",
    "cooked",
    "topic_list",
    "topics",
    "category_list",
    "categories",
    "errors",
]
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(KEYS), inner),
    max_leaves=12,
)


def answer(told: object, url: str = "http://bbs.invalid/talk/t/40.json") -> Answer:
    return Answer(body=json.dumps(told).encode(), url=url, content_type="application/json", at=AT)


@pytest.mark.parametrize(
    ("url", "thread"),
    [
        ("http://bbs.invalid/talk/t/40.json?page=2", "40"),
        ("/t/lu-deng/40", "40"),
        ("/t/lu-deng/40/7", "40"),
        ("/t/40/7", "40"),
        ("/login", None),
        ("/c/outage/5", None),
    ],
)
def test_a_topic_is_known_by_its_address_with_a_slug_or_without(url: str, thread: str | None) -> None:
    assert FORUM.thread_id(url) == thread


def test_everything_is_asked_for_below_the_forums_folder() -> None:
    assert FORUM.index_url() == "http://bbs.invalid/talk/categories.json?include_subcategories=true"
    assert FORUM.board_url("5") == "http://bbs.invalid/talk/latest.json?category=5&no_subcategories=true"
    assert FORUM.thread_url("40") == "http://bbs.invalid/talk/t/40.json"


def test_a_page_without_anything_that_a_person_wrote_does_not_end_the_topic() -> None:
    posts = [{"id": 21, "post_number": 21, "post_type": 3, "cooked": ""}]
    told = {"id": 40, "post_stream": {"stream": [1, 21, 22], "posts": posts}}
    page = FORUM.read_thread(answer(told, "http://bbs.invalid/talk/t/40.json?page=2"), "40", "pid:1")
    assert (page.page, page.observations) == (2, ())
    assert page.next == "http://bbs.invalid/talk/t/40.json?page=3"


def test_an_error_of_an_unknown_kind_closes_the_page_with_its_words() -> None:
    with pytest.raises(PageRefused, match="维护") as caught:
        FORUM.read_boards(answer({"errors": ["维护"], "error_type": "something"}))
    assert caught.value.refusal is Refusal.CLOSED


@given(ANYTHING)
def test_json_of_any_shape_is_read_or_rejected(told: object) -> None:
    with suppress(Rejected):
        FORUM.read_boards(answer(told))
    with suppress(Rejected):
        FORUM.read_board(answer(told), "5")
    with suppress(Rejected):
        FORUM.read_thread(answer(told), "40", None)


def read(*posts: dict[str, object], opening: str | None = "pid:1", **topic: object) -> ThreadPage:
    told = {"id": 40, "title": "停电", "post_stream": {"stream": [1, 2, 3], "posts": list(posts)}} | topic
    return FORUM.read_thread(answer(told), "40", opening)


def post(number: int, **more: object) -> dict[str, object]:
    return {"id": number, "post_number": number, "post_type": 1, "cooked": "<p>停电</p>"} | more


@pytest.mark.parametrize(
    "more",
    [{"hidden": True}, {"user_deleted": True}, {"deleted_at": "2026-11-28T06:00:00Z"}, {"post_type": 3}, {"id": None}],
)
def test_what_was_hidden_or_withdrawn_or_written_by_the_software_is_no_post(more: dict[str, object]) -> None:
    page = read(post(1), post(2, **more))
    assert ([one.native_id for one in page.observations], page.unreadable) == (["pid:1"], ())


def test_a_moderators_post_is_one_and_one_without_words_is_unreadable() -> None:
    silent = post(3)
    del silent["cooked"]
    page = read(post(2, post_type=2), silent)
    assert ([one.native_id for one in page.observations], page.unreadable) == (["pid:2"], ("pid:3",))


def test_a_reply_names_the_post_that_it_answers_only_where_this_page_shows_it() -> None:
    page = read(post(1), post(2, reply_to_post_number=1), post(3, reply_to_post_number=99))
    assert [one.parent for one in page.observations] == [None, "pid:1", None]
    assert [one.url.rpartition("/t/")[2] for one in page.observations] == ["40", "40/2", "40/3"]


def test_an_edit_is_one_of_a_later_version_since_any_like_moves_the_time() -> None:
    moved = {"created_at": "2026-11-28T05:00:00Z", "updated_at": "2026-11-28T06:00:00Z"}
    first, second = read(post(1, version=1, **moved), post(2, version=2, **moved)).observations
    assert (first.edited_at, second.edited_at) == (None, datetime(2026, 11, 28, 6, tzinfo=UTC))


def test_the_opening_post_is_the_first_of_all_ids_though_this_page_does_not_show_it() -> None:
    page = read(post(2), post(3), opening=None)
    assert page.opening == "pid:1"
    assert {(one.kind, one.thread) for one in page.observations} == {(Kind.REPLY, "pid:1")}
    assert read(post(2), opening="pid:7").opening == "pid:7"


def test_counters_are_the_topics_and_stand_with_its_opening_post_alone() -> None:
    first, second = read(post(1), post(2), views=9, posts_count=2, like_count=0).observations
    assert first.counts == Counts(views=9, replies=1, likes=0)
    assert second.counts == Counts()


def test_quoted_posts_and_previews_of_links_are_nobodys_words_here() -> None:
    quote = '<aside class="quote"><div>甲</div><blockquote>早</blockquote></aside>'
    preview = '<aside class="onebox"><article>新闻标题</article></aside>'
    picture = '<a class="lightbox"><img alt="x"><div class="meta">IMG_1.jpg 800×600</div></a>'
    (found,) = read(
        post(1, cooked=f"{quote}<p>我家也是</p>{preview}{picture}<blockquote>公告</blockquote>")
    ).observations
    assert found.text == "我家也是\n\n公告"


def test_a_quotation_that_names_nobody_is_the_writers_and_one_by_name_within_it_goes_alone() -> None:
    named = '<aside class="quote" data-username="a"><blockquote>早</blockquote></aside>'
    own = f'<aside class="quote no-group"><blockquote><p>全天停水</p>{named}</blockquote></aside>'
    (found,) = read(post(1, cooked=f"{own}<p>我家也是</p>")).observations
    assert found.text == "全天停水\n\n我家也是"


def test_an_address_whose_page_is_no_number_that_a_forum_has_is_of_page_one() -> None:
    told = {"id": 40, "post_stream": {"stream": [1], "posts": [post(1)]}}
    for page in ("9" * 5000, "x", ""):
        assert FORUM.read_thread(answer(told, f"http://bbs.invalid/talk/t/40.json?page={page}"), "40", None).page == 1


@pytest.mark.parametrize(("more", "page"), [("/latest?category=5&page=2", "2"), ("/latest?page=x", None), (None, None)])
def test_older_topics_are_asked_for_by_the_page_that_is_named(more: str | None, page: str | None) -> None:
    topics = {"topics": [{"id": 7, "pinned_globally": True}, {"id": None}], "more_topics_url": more}
    listing = FORUM.read_board(answer({"topic_list": topics}), "5")
    assert listing.next == (f"{FORUM.board_url('5')}&page={page}" if page else None)
    assert [(one.thread, one.sticky) for one in listing.threads] == [("7", True)]
