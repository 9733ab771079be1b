"""What the API of 微信客服 answers, and whose words become posts."""

import json
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawlers.push.reception.service import ServiceRefused, SyncedPage, read_access, read_sync
from stream.errors import Rejected
from stream.messages import Kind, Precision
from tests.crawlers.push.reception.service_desk import SENT, said


def page(*messages: Any, **told: Any) -> SyncedPage:
    return read_sync(json.dumps({"errcode": 0, "msg_list": list(messages)} | told).encode())


def test_a_customers_text_is_a_suggestion_with_its_time() -> None:
    (found,) = page(said(7, " 三号楼停水了 ")).observations
    assert (found.native_id, found.thread, found.kind) == ("service:m7", "service:m7", Kind.SUGGESTION)
    assert (found.text, found.author) == (" 三号楼停水了 ", "wmCUSTOMER")
    at = datetime.fromtimestamp(SENT + 7, UTC)
    assert (found.published_at, found.published_precision, found.unread_time) == (at, Precision.SECOND, "")
    assert "wmCUSTOMER" not in repr(found)


def test_what_servicers_and_the_system_say_is_nobodys_opinion_and_is_not_counted() -> None:
    found = page(said(1, origin=5), said(2, origin=4, msgtype="event"), said(3, origin="3"), 7)
    assert (found.observations, found.wordless) == ((), {})


@pytest.mark.parametrize("kind", ["image", "voice", "video", "file", "location", "link", "miniprogram"])
def test_what_has_no_words_is_counted_by_its_kind(kind: str) -> None:
    found = page(said(1, msgtype=kind, **{kind: {"media_id": "x"}}), said(2))
    assert (len(found.observations), found.wordless) == (1, {kind: 1})


@pytest.mark.parametrize(
    "told",
    [{"text": None}, {"text": {"content": " "}}, {"msgid": ""}, {"msgid": 7}, {"text": {"content": 5}}],
)
def test_a_text_without_words_or_without_an_id_is_no_post(told: dict[str, Any]) -> None:
    found = page(said(1, **told))
    assert (found.observations, found.wordless) == ((), {"text": 1})


def test_a_kind_of_any_name_is_one_word() -> None:
    assert page(said(1, msgtype="x; y"), said(2, msgtype=None)).wordless == {"unknown": 2}


@pytest.mark.parametrize("sent", [-1, 10**13, "now", None, 1.5])
def test_a_time_that_is_none_is_told_as_not_understood(sent: object) -> None:
    (found,) = page(said(1, send_time=sent)).observations
    assert (found.published_at, found.published_precision) == (None, Precision.UNKNOWN)
    assert (found.unread_time == "") == (sent is None)


def test_a_page_says_where_to_go_on_and_may_be_empty_before_the_last() -> None:
    found = page(next_cursor="4gw7", has_more=1)
    assert (found.observations, found.cursor, found.more) == ((), "4gw7", True)
    found = page(next_cursor=None, has_more=0)
    assert (found.cursor, found.more) == ("", False)


def test_an_access_token_is_read_with_its_end() -> None:
    assert read_access(b'{"errcode": 0, "access_token": "a", "expires_in": 7200}') == ("a", 7200.0)
    assert read_access(b'{"access_token": "a", "expires_in": "soon"}') == ("a", 0.0)
    with pytest.raises(Rejected, match="no access_token"):
        read_access(b'{"errcode": 0}')


def test_a_code_is_a_refusal_by_its_number() -> None:
    with pytest.raises(ServiceRefused, match="service_40001: no") as caught:
        read_access(b'{"errcode": 40001, "errmsg": "no"}')
    assert caught.value.code == 40001


@pytest.mark.parametrize("body", [b"", b"<html>", b"[]", b"\xff", b"[" * 100_000, b'{"errcode": "x"}'])
def test_what_is_no_answer_of_the_platform_is_told(body: bytes) -> None:
    with pytest.raises(Rejected, match="not_the_api"):
        read_sync(body)


KEYS = ["msgid", "origin", "msgtype", "text", "content", "msg_list", "next_cursor", "has_more", "errcode", "send_time"]
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 10**12) | st.sampled_from(["text", "m1", "3"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(KEYS), inner),
    max_leaves=12,
)


@given(ANYTHING)
def test_json_of_any_shape_is_read_or_rejected(told: Any) -> None:
    for read in (read_sync, read_access):
        with suppress(Rejected):
            read(json.dumps(told).encode())
    with suppress(Rejected):
        page(
            told if isinstance(told, dict) else {},
            {"origin": 3, "msgtype": "text"} | (told if isinstance(told, dict) else {}),
        )
