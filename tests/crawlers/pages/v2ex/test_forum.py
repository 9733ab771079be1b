import json
from contextlib import suppress
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawlers.pages.forum import Answer, PageRefused, Refusal
from crawlers.pages.v2ex.forum import V2exForum
from stream.errors import Rejected

AT = datetime(2026, 11, 28, 7, tzinfo=UTC)
FORUM = V2exForum("https://v2.invalid/", nodes=("shanghai", "上海"))
KEYS = ["id", "content", "content_rendered", "replies", "created", "member", "node", "message"]
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.just("40"),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(KEYS), inner),
    max_leaves=12,
)


def answer(told: object, url: str) -> Answer:
    return Answer(body=json.dumps(told).encode(), url=url, content_type="application/json", at=AT)


@pytest.mark.parametrize(
    ("url", "thread"),
    [
        ("https://v2.invalid/t/40#r_7", "40"),
        ("https://v2.invalid/api/topics/show.json?id=40", "40"),
        ("https://v2.invalid/api/replies/show.json?topic_id=40", "40"),
        ("https://v2.invalid/signin", None),
    ],
)
def test_a_topic_is_known_by_its_page_and_by_both_of_its_answers(url: str, thread: str | None) -> None:
    assert FORUM.thread_id(url) == thread


def test_the_nodes_that_are_configured_are_the_boards() -> None:
    assert FORUM.read_boards(answer([], FORUM.index_url())).boards == ("shanghai", "上海")
    assert FORUM.board_url("上海").endswith("/api/topics/show.json?node_name=%E4%B8%8A%E6%B5%B7")


def test_a_topic_stands_above_all_its_replies() -> None:
    assert [FORUM.rank(name) for name in ("topic:40", "reply:5", "reply:x")] == [0, 5, None]


@pytest.mark.parametrize("url", [FORUM.thread_url("40"), "https://v2.invalid/api/replies/show.json?topic_id=40"])
@given(told=ANYTHING)
def test_json_of_any_shape_is_read_or_rejected(url: str, told: object) -> None:
    with suppress(Rejected):
        FORUM.read_boards(answer(told, url))
    with suppress(Rejected):
        FORUM.read_board(answer(told, url), "shanghai")
    with suppress(Rejected):
        FORUM.read_thread(answer(told, url), "40", None)


def test_a_topic_without_replies_is_one_page_and_another_topic_is_refused() -> None:
    told = {"id": 40, "title": "停电", "replies": 0, "content": "几点来？", "node": {"name": "shanghai"}}
    page = FORUM.read_thread(answer([told], FORUM.thread_url("40")), "40", None)
    assert (page.page, page.next, page.opening) == (1, None, "topic:40")
    (topic,) = page.observations
    assert (topic.board, topic.text, topic.counts.replies) == ("shanghai", "几点来？", 0)
    assert FORUM.read_thread(answer([told | {"replies": 2}], FORUM.thread_url("40")), "40", None).next == (
        "https://v2.invalid/api/replies/show.json?topic_id=40"
    )
    with pytest.raises(Rejected, match="layout"):
        FORUM.read_thread(answer([told], FORUM.thread_url("41")), "41", None)


def test_replies_belong_to_the_topic_though_nothing_is_known_of_it() -> None:
    rows = [{"id": 5, "content": "是", "member": {"username": "a"}, "created": 1795050720}, {"id": None}]
    url = "https://v2.invalid/api/replies/show.json?topic_id=40"
    for opening in (None, "topic:40"):
        page = FORUM.read_thread(answer(rows, url), "40", opening)
        (reply,) = page.observations
        assert (page.page, page.next, reply.thread, reply.author) == (2, None, "topic:40", "a")
        assert (reply.url, reply.published_at) == (
            "https://v2.invalid/t/40#r_5",
            datetime(2026, 11, 19, 1, 12, tzinfo=UTC),
        )


@pytest.mark.parametrize(
    ("told", "refusal"),
    [
        ([], Refusal.GONE),
        ({"status": "error", "message": "Object Not Found"}, Refusal.GONE),
        ({"message": "Rate Limit Exceeded"}, Refusal.CLOSED),
        ({"status": "error"}, Refusal.CLOSED),
    ],
)
def test_a_refusal_is_told_by_its_message(told: object, refusal: Refusal) -> None:
    with pytest.raises(PageRefused) as caught:
        FORUM.read_thread(answer(told, FORUM.thread_url("40")), "40", None)
    assert caught.value.refusal is refusal


def test_rendered_words_are_read_before_the_source_of_them() -> None:
    told = {"id": 40, "content": "**停电**", "content_rendered": "<p><strong>停电</strong><br>了</p>"}
    assert FORUM.read_thread(answer([told], FORUM.thread_url("40")), "40", None).observations[0].text == "停电\n了"
    del told["content_rendered"]
    assert FORUM.read_thread(answer([told], FORUM.thread_url("40")), "40", None).observations[0].text == "**停电**"
