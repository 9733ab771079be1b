"""What is packed comes back; what was read lately is not read again, and not kept for ever."""

import zlib

from hypothesis import given
from hypothesis import strategies as st

from crawlers.packing import Unpacking, pack, unpack
from stream.codec import POSTS
from tests.crawlers.test_cursors import sent

#: A record as it is kept since `0025`, byte for byte.
KEPT = b'\x01I\x00\x00\x00\x0f\xa3\x03\tCbbs"V\x01\x0c\xfb\x00\x15}\x87\x02\x80\xe5\x81\x9c\xe7\x94\xb5"}'


def test_a_packed_record_is_the_post_again() -> None:
    post = sent("pid:1")
    assert Unpacking()(pack(POSTS.encode(post))) == post


@given(st.binary())
def test_whatever_is_packed_comes_back(record: bytes) -> None:
    assert unpack(pack(record)) == record


def test_a_record_takes_no_more_than_half_of_its_bytes() -> None:
    record = POSTS.encode(sent("pid:1"))
    assert len(pack(record)) < len(record) / 2


def test_what_earlier_versions_kept_is_read() -> None:
    post = sent("pid:1")
    assert Unpacking()(zlib.compress(POSTS.encode(post), 1)) == post


def test_what_this_version_keeps_is_read_by_every_later_one() -> None:
    assert (
        unpack(KEPT) == b'{"schema":1,"id":"","site":"bbs","counts":{"views":null},"text":"\xe5\x81\x9c\xe7\x94\xb5"}'
    )


def test_where_nothing_is_kept_there_is_no_post() -> None:
    assert Unpacking()(None) is None
    assert Unpacking()(b"") is None


def test_what_was_noted_or_read_is_not_read_again() -> None:
    unpacking, post = Unpacking(), sent("pid:1")
    packed = pack(POSTS.encode(post))
    unpacking.note(packed, post)
    assert unpacking(packed) is post
    other = pack(POSTS.encode(sent("pid:2")))
    assert unpacking(other) is unpacking(other)


def test_only_the_last_few_hundred_are_remembered() -> None:
    unpacking, first = Unpacking(), sent("pid:0")
    packed = pack(POSTS.encode(first))
    unpacking.note(packed, first)
    for number in range(1000):
        unpacking.note(b"%d" % number, first)
    assert unpacking(packed) is not first
    assert unpacking(packed) == first
