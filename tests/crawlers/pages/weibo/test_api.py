import json
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawlers.pages.forum import Answer
from crawlers.pages.weibo.api import (
    WeiboRefused,
    WeiboTrouble,
    read_comments,
    read_status,
    read_statuses,
    read_token_end,
    refusal_of,
)
from stream.errors import Rejected
from stream.messages import Counts, Kind

AT = datetime(2026, 11, 19, 6, 34, tzinfo=UTC)


def answer(told: Any) -> Answer:
    return Answer(body=json.dumps(told).encode(), url="", content_type="application/json", at=AT)


@pytest.mark.parametrize(
    ("code", "trouble"),
    [
        (21327, WeiboTrouble.TOKEN), (21315, WeiboTrouble.TOKEN), (21316, WeiboTrouble.TOKEN),
        (21332, WeiboTrouble.TOKEN),
        (10022, WeiboTrouble.BUSY), (10023, WeiboTrouble.BUSY), (10024, WeiboTrouble.BUSY),
        (20101, WeiboTrouble.GONE), ("20101", WeiboTrouble.GONE),
        (10014, WeiboTrouble.RIGHTS), (99999, WeiboTrouble.UNKNOWN), ("what", WeiboTrouble.UNKNOWN),
    ],
)  # fmt: skip
def test_an_error_code_tells_what_to_do(code: object, trouble: WeiboTrouble) -> None:
    with pytest.raises(WeiboRefused) as caught:
        read_status(answer({"error": "no", "error_code": code}))
    assert caught.value.trouble is trouble


def test_the_tokens_end_is_counted_from_the_answer() -> None:
    assert read_token_end(answer({"uid": 1, "expire_in": 86400})) == AT + timedelta(days=1)
    assert read_token_end(answer({"uid": 1})) is None
    assert read_token_end(answer({"expire_in": "soon"})) is None
    with pytest.raises(WeiboRefused):
        read_token_end(answer({"error_code": 21327}))


@pytest.mark.parametrize("told", [[], None, 7, {}, {"statuses": {}}])
def test_json_of_another_make_is_not_the_api(told: Any) -> None:
    with pytest.raises(Rejected, match="not_the_api"):
        read_statuses(answer(told))


def test_an_id_that_only_stands_as_a_number_is_read_whole() -> None:
    (found,) = read_statuses(answer({"statuses": [{"id": 5000000000000000001, "text": "停电"}]})).statuses
    assert found.status.native_id == "status:5000000000000000001"
    assert (found.comments, found.status.author, found.status.url) == (0, None, "")


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("a<b 且 c>d", "a<b 且 c>d"),
        ("&lt;东湖路&gt; AT&amp;T", "<东湖路> AT&T"),
        ('停电<br />了 <a href="https://m.weibo.cn/n/x">@临江</a>', "停电\n了 @临江"),
        (" 停电[怒] ", "停电[怒]"),
    ],
)
def test_a_text_is_plain_unless_it_holds_tags_of_weibos_own(written: str, read: str) -> None:
    assert read_status(answer({"idstr": "1", "text": written})).status.text == read


@pytest.mark.parametrize("code", ["²", "", -1, 1.5, True, [], "9" * 30])
def test_a_code_that_is_no_number_is_a_refusal_nobody_knows(code: object) -> None:
    with pytest.raises(WeiboRefused, match="weibo_0") as caught:
        read_status(answer({"error": ["no"], "error_code": code}))
    assert (caught.value.code, caught.value.trouble, caught.value.detail) == (0, WeiboTrouble.UNKNOWN, "")


def status(**more: Any) -> dict[str, Any]:
    user = {"idstr": "9", "screen_name": "临江供电"}
    return {"idstr": "1", "text": "停电通知", "created_at": "Thu Nov 19 14:00:00 +0800 2026", "user": user} | more


def test_a_repost_is_the_own_words_and_the_post_without_the_name_of_its_writer() -> None:
    original = {"idstr": "2", "text": "停电了", "user": {"id": 7, "screen_name": "老王"}}
    found = read_status(answer(status(text="已知悉//@小李:快修", retweeted_status=original))).status
    assert (found.text, found.parent) == ("已知悉//@…:快修//@…:停电了", "status:2")


@pytest.mark.parametrize(
    "original",
    [
        {"idstr": "2", "text": "抱歉，此微博已被作者删除", "deleted": "1", "user": {"id": 7}},
        {"idstr": "2", "text": "抱歉，此微博已被作者删除"},
    ],
)
def test_the_platforms_notice_of_a_deleted_original_is_nobodys_words(original: dict[str, Any]) -> None:
    found = read_status(answer(status(text="转发微博", retweeted_status=original))).status
    assert (found.text, found.parent) == ("转发微博", "status:2")


@pytest.mark.parametrize(
    "hidden",
    [
        {"visible": {"type": 1, "list_id": 0}},
        {"visible": {"type": "6"}},
        {"visible": {"type": 3, "list_id": 7}},
        {"deleted": "1", "text": "抱歉，此微博已被作者删除。查看帮助：http://t.cn/Rfd3rQV"},
        {"deleted": True},
        {"text": "抱歉，此微博已被作者删除。"},
        {"text": "抱歉，作者已设置仅展示半年内微博，此微博已不可见。"},
        {"text": "抱歉，由于作者设置，你暂时没有这条微博的查看权限哦。查看帮助：网页链接"},
        {"text": "该微博因被多人投诉，根据《微博社区公约》，已被删除。查看帮助：<a href='http://t.cn/x'>网页链接</a>"},
    ],
)
def test_a_status_that_is_not_there_for_everybody_is_gone_and_its_words_are_nobodys(hidden: dict[str, Any]) -> None:
    page = read_statuses(answer({"statuses": [status(**hidden), status(idstr="2")]}))
    assert ([one.status.native_id for one in page.statuses], page.gone) == (["status:2"], ("status:1",))
    with pytest.raises(WeiboRefused) as caught:
        read_status(answer(status(**hidden)))
    assert caught.value.trouble is WeiboTrouble.GONE
    assert refusal_of(answer(status(**hidden))) is not None
    original = {"idstr": "2", "text": "只给你看", "user": {"id": 7}} | hidden
    assert read_status(answer(status(text="转", retweeted_status=original))).status.text == "转"


@pytest.mark.parametrize(
    "shown",
    [
        {"visible": {"type": 0, "list_id": 0}}, {"visible": {"type": "0"}}, {"visible": {}}, {"visible": None},
        {"deleted": "0"}, {"deleted": 0}, {"deleted": None},
        {"text": "抱歉，此微博内容有误，现已删除。"},
        {"text": "抱歉，此微博已被作者删除。有人这样回我"},
        {"text": "该微博所说停电系谣言，已被删除"},
    ],
)  # fmt: skip
def test_a_status_for_everybody_is_read_also_where_its_writer_tells_of_one_that_is_gone(shown: dict[str, Any]) -> None:
    page = read_statuses(answer({"statuses": [status(**shown)]}))
    assert (len(page.statuses), page.gone) == (1, ())


WHOLE = "今晚检修，请备好照明"


@pytest.mark.parametrize(
    "beside",
    [
        {"longText": {"content": WHOLE}},
        {"longText": {"longTextContent": WHOLE}},
        {"longText": WHOLE},
        {"long_text": {"content": "", "longTextContent": WHOLE}},
        {"longTextContent": WHOLE},
    ],
)
def test_a_long_text_is_read_whole_wherever_the_answer_has_it(beside: dict[str, Any]) -> None:
    for told in ({}, {"isLongText": True}, {"is_long_text": 1}):
        long = {"text": "今晚检修...全文： http://m.weibo.cn/9/1"} | beside | told
        found = read_status(answer(status(**long))).status
        assert (found.text, found.cut) == (WHOLE, False)
        original = {"idstr": "2", "user": {"id": 7}} | long
        found = read_status(answer(status(text="转", retweeted_status=original))).status
        assert (found.text, found.cut) == (f"转//@…:{WHOLE}", False)


@pytest.mark.parametrize("beside", [{}, {"longText": 7}, {"longText": {"content": None}}, {"long_text": [1]}])
def test_a_long_text_that_the_answer_lacks_is_cut_and_ends_so(beside: dict[str, Any]) -> None:
    found = read_status(answer(status(text="今晚检修\u200b...全文： http://m.weibo.cn/9/1", **beside))).status
    assert (found.text, found.cut) == ("今晚检修…", True)
    found = read_status(answer(status(text="今晚检修", isLongText=True, **beside))).status
    assert (found.text, found.cut) == ("今晚检修…", True)
    assert not read_status(answer(status(**beside))).status.cut


def test_a_text_that_the_platform_calls_short_is_whole_however_it_ends() -> None:
    found = read_status(answer(status(text="详见…全文", isLongText=False))).status
    assert (found.text, found.cut) == ("详见…全文", False)
    assert not read_status(answer(status(isLongText="soon"))).status.cut


def test_a_repost_is_cut_where_its_own_words_or_those_passed_on_are() -> None:
    original = {"idstr": "2", "user": {"id": 7}, "text": "今晚检修...全文： http://m.weibo.cn/7/2", "isLongText": True}
    found = read_status(answer(status(text="转//@小李:快看", retweeted_status=original))).status
    assert (found.text, found.cut) == ("转//@…:快看//@…:今晚检修…", True)
    found = read_status(answer(status(text="先说…全文", retweeted_status=original | {"longText": WHOLE}))).status
    assert (found.text, found.cut) == (f"先说…//@…:{WHOLE}", True)
    for gone in ({"deleted": 1}, {"user": None}):  # the platform's notice is nobody's words, cut or not
        found = read_status(answer(status(text="转", retweeted_status=original | gone))).status
        assert (found.text, found.cut) == ("转", False)


@pytest.mark.parametrize(
    ("told", "trouble"), [({"error_code": 10014}, WeiboTrouble.RIGHTS), ({"idstr": "1"}, None), ([], None)]
)
def test_a_refusal_is_found_in_an_answer(told: Any, trouble: WeiboTrouble | None) -> None:
    refused = refusal_of(answer(told))
    assert (refused.trouble if refused else None) is trouble


def test_a_status_has_its_address_its_account_and_its_counters_as_far_as_they_are_numbers() -> None:
    found = read_status(answer(status(comments_count=3, attitudes_count=-1, reposts_count="5")))
    assert (found.status.url, found.status.board, found.status.author) == ("https://weibo.com/9/1", "临江供电", "9")
    assert found.status.counts == Counts(replies=3)
    assert (found.status.published_at, found.comments) == (datetime(2026, 11, 19, 6, tzinfo=UTC), 3)


def test_a_comment_that_answers_another_names_nobody_and_knows_which() -> None:
    rows = [
        {"idstr": "5", "text": "回复@老王:我家也是//@小李:是", "user": {"id": 3}, "reply_comment": {"idstr": "4"}},
        {"idstr": "6", "text": "回复 @老王：好", "reply_comment": []},
        {"text": "没有号"},
        7,
    ]
    first, second = read_comments(answer({"comments": rows}), "status:1")
    assert (first.text, first.parent, first.author) == ("我家也是//@…:是", "comment:4", "3")
    assert (second.text, second.parent, second.thread) == ("好", "status:1", "status:1")
    assert {first.kind, second.kind} == {Kind.COMMENT}


@pytest.mark.parametrize("body", [b"", b"<html>", b"\xff", b"[" * 100_000])
def test_what_is_no_json_is_not_the_api(body: bytes) -> None:
    with pytest.raises(Rejected, match="not_the_api"):
        read_comments(Answer(body=body, url="", content_type="", at=AT), "status:1")


KEYS = [
    "visible",
    "deleted",
    "type",
    "id",
    "idstr",
    "text",
    "user",
    "retweeted_status",
    "longText",
    "content",
    "isLongText",
    "statuses",
    "comments",
    "error_code",
]
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(KEYS), inner),
    max_leaves=12,
)


@given(ANYTHING)
def test_json_of_any_shape_is_read_or_rejected(told: Any) -> None:
    for read in (read_status, read_statuses, read_token_end, lambda one: read_comments(one, "status:1")):
        with suppress(Rejected):
            read(answer(told))
