"""Who signed a delivery, whether it was taken before, and what its body amounts to."""

import hmac
import json
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawlers.push.reception.webhook import (
    MOST_POSTS,
    REMEMBERED,
    Deliveries,
    Delivery,
    check_delivery,
    read_posts,
    sign_delivery,
)
from stream.errors import Rejected
from stream.messages import Kind, Precision

KEY = "0123456789abcdef" * 4
NOW = datetime(2026, 11, 28, 15, 0, 30, tzinfo=UTC)
START = NOW - timedelta(hours=1)


def delivery(body: bytes = b"{}", at: datetime = NOW, name: str = "d-1") -> Delivery:
    told = str(int(at.timestamp()))
    signature = "sha256=" + hmac.new(KEY.encode(), f"{told}.{name}.".encode() + body, sha256).hexdigest()
    return Delivery(id=name, timestamp=told, signature=signature, body=body)


def reason(work: Any, *told: Any) -> str:
    with pytest.raises(Rejected) as caught:
        work(*told)
    return caught.value.reason


def test_a_signature_is_the_standard_hmac_over_time_delivery_and_body() -> None:
    # printf '1795906830.d-1.{"text":"停水"}' | openssl dgst -sha256 -hmac KEY
    assert sign_delivery(KEY, "d-1", "1795906830", '{"text":"停水"}'.encode()) == SIGNED_BY_OPENSSL


SIGNED_BY_OPENSSL = "sha256=40b66e6b34def6fc125ed9ca9c9232be12667b13565fb148adde55e54de72b68"


def test_what_is_signed_with_the_key_and_now_passes() -> None:
    check_delivery(KEY, delivery(), NOW)
    check_delivery(KEY, delivery(), NOW + timedelta(minutes=5))


def test_another_key_body_time_or_id_is_forged() -> None:
    one = delivery()
    for forged in (
        replace(one, body=b"[]"), replace(one, timestamp=str(int(one.timestamp) + 1)), replace(one, id="d-2"),
        replace(one, signature=""), replace(one, signature="sha256=é"), replace(one, signature=one.signature[7:]),
    ):  # fmt: skip
        assert reason(check_delivery, KEY, forged, NOW) == "forged_signature"
    assert reason(check_delivery, "x" * 64, one, NOW) == "forged_signature"


@pytest.mark.parametrize("late", [timedelta(minutes=6), -timedelta(minutes=6)])
def test_what_was_signed_more_than_five_minutes_from_now_is_stale(late: timedelta) -> None:
    assert reason(check_delivery, KEY, delivery(at=NOW - late), NOW) == "stale_signature"


def test_the_very_same_is_known_and_anything_else_under_its_id_is_refused() -> None:
    seen = Deliveries(START)
    assert not seen.is_known("a", delivery(), NOW)
    seen.remember("a", delivery(), NOW)
    assert seen.is_known("a", delivery(), NOW)
    assert seen.is_known("a", delivery(at=NOW + timedelta(seconds=9)), NOW)  # signed anew, since the answer was lost
    assert reason(seen.is_known, "a", delivery(b"[]"), NOW) == "replayed"
    assert not seen.is_known("b", delivery(b"[]"), NOW)


def test_what_was_signed_before_a_restart_is_to_be_signed_anew() -> None:
    seen = Deliveries(NOW)
    assert reason(seen.is_known, "a", delivery(), NOW) == "signed_too_early"
    assert not seen.is_known("a", delivery(at=NOW + timedelta(seconds=1)), NOW)


def test_deliveries_are_forgotten_when_their_signature_is_stale_anyway() -> None:
    seen = Deliveries(START)
    seen.remember("a", delivery(), NOW)
    later = NOW + REMEMBERED + timedelta(seconds=1)
    assert not seen.is_known("a", delivery(b"[]", later), later)


def body(*posts: dict[str, Any]) -> bytes:
    return json.dumps(posts[0] if len(posts) == 1 else posts, ensure_ascii=False).encode()


def test_one_post_is_read_with_all_that_it_may_say() -> None:
    whole = {
        "id": "42", "text": "停水了", "title": "三号楼", "url": "https://corp.cn/42", "board": "后勤",
        "published_at": "2026-11-28T22:58:00+08:00", "kind": "comment", "thread": "40", "parent": "41", "author": "u7",
    }  # fmt: skip
    (found,) = read_posts(body(whole), "d-1", Kind.SUGGESTION)
    assert (found.native_id, found.thread, found.parent, found.kind) == ("id:42", "id:40", "id:41", Kind.COMMENT)
    assert (found.title, found.text, found.url, found.board) == ("三号楼", "停水了", "https://corp.cn/42", "后勤")
    assert (found.published_at, found.published_precision) == (datetime(2026, 11, 28, 14, 58, tzinfo=UTC), "second")
    assert (found.author, "u7" in repr(found)) == ("u7", False)


def test_posts_without_ids_are_known_by_their_delivery_and_their_place() -> None:
    first, second = read_posts(body({"text": "甲"}, {"text": "乙"}), "d-1", Kind.SUGGESTION)
    assert (first.native_id, second.native_id) == ("delivery:d-1:0", "delivery:d-1:1")
    assert (first.thread, first.kind, first.published_precision) == ("delivery:d-1:0", "suggestion", Precision.UNKNOWN)


@pytest.mark.parametrize(
    ("told", "words"),
    [
        (b"", "body: "),
        (b"[]", "body: List should have at least 1 item"),
        (b"7", "body: "),
        (b'{"text": ""}', "text: "),
        (b'{"words": "x"}', "text: "),
        (b'{"text": "x", "colour": 1}', "colour: "),
        (b'{"text": 5}', "text: "),
        (b'{"text": "x", "published_at": "2026-11-28T22:58:00"}', "published_at: "),
        (b'{"text": "x", "kind": "rumour"}', "kind: "),
        (b'{"text": "x", "id": "a b"}', "id: "),
        (b'[{"text": "x"}, {"title": "y"}]', "1.text: "),
        (b'{"text": "\xff"}', "body: "),
        (json.dumps([{"text": "x"}] * (MOST_POSTS + 1)).encode(), "body: List should have at most 500 items"),
        (b"[" * 3000, "body: "),
    ],
)
def test_a_body_that_is_not_understood_is_refused_whole_with_the_place_of_each_mistake(told: bytes, words: str) -> None:
    with pytest.raises(Rejected, match="not_understood") as caught:
        read_posts(told, "d-1", Kind.SUGGESTION)
    assert words in caught.value.detail


@given(st.binary(max_size=200))
def test_no_body_breaks_the_reader(noise: bytes) -> None:
    with suppress(Rejected):
        assert read_posts(noise, "d", Kind.SUGGESTION)


def test_a_delivery_is_known_until_nobody_could_sign_it_so_any_more() -> None:
    """The window is five minutes on both sides: signed ahead by five, it may be played until ten minutes later."""
    seen, ahead = Deliveries(START), delivery(at=NOW + timedelta(minutes=5))
    check_delivery(KEY, ahead, NOW)
    seen.remember("a", ahead, NOW)
    last = NOW + timedelta(minutes=10)
    check_delivery(KEY, ahead, last)
    assert seen.is_known("a", ahead, last)


def test_one_id_of_two_senders_is_two_deliveries() -> None:
    seen = Deliveries(START)
    seen.remember("a", delivery(), NOW)
    assert (seen.is_known("a", delivery(), NOW), seen.is_known("b", delivery(), NOW)) == (True, False)


def test_what_was_taken_stays_known_though_it_was_signed_before_the_memory_began() -> None:
    seen, early = Deliveries(NOW), delivery(at=NOW - timedelta(seconds=1))
    seen.remember("a", early, NOW)
    assert seen.is_known("a", early, NOW)


@pytest.mark.parametrize(
    ("told", "words"),
    [
        (
            body({"id": "1", "text": "停水"}, {"id": "1", "text": "停电"}),
            "1.id: '1' is that of another post in this body",
        ),
        (body({"id": "null", "text": "停水"}), "id: 'null' says that there is none: leave it out"),
        (b'{"text": " \\u200b "}', "text: holds nothing that can be read"),
    ],
)
def test_what_would_hide_another_post_or_says_nothing_is_refused(told: bytes, words: str) -> None:
    with pytest.raises(Rejected, match="not_understood") as caught:
        read_posts(told, "d-1", Kind.SUGGESTION)
    assert words in caught.value.detail


def test_the_very_same_post_twice_in_a_body_is_one() -> None:
    twice = body({"id": "1", "text": "停水"}, {"id": "1", "text": "停水"})
    assert {one.native_id for one in read_posts(twice, "d-1", Kind.SUGGESTION)} == {"id:1"}


def test_of_many_mistakes_the_first_twenty_are_told() -> None:
    with pytest.raises(Rejected) as caught:
        read_posts(body(*[{"title": str(number)} for number in range(30)]), "d-1", Kind.SUGGESTION)
    told = caught.value.detail.split("; ")
    assert (len(told), told[0].partition(":")[0], told[-1].partition(":")[0]) == (20, "0.text", "19.text")


def test_a_list_of_one_is_as_one_and_may_begin_with_a_line_break() -> None:
    alone, listed = (read_posts(told, "d-1", Kind.SUGGESTION) for told in (b' \n {"text": "x"}', b'\n[{"text": "x"}]'))
    assert alone == listed
