"""What is packed comes back; what was read lately is not read again, and not kept for ever."""

from crawlers.packing import Unpacking, pack
from stream.codec import POSTS
from tests.crawlers.test_cursors import sent


def test_a_packed_record_is_the_post_again() -> None:
    post = sent("pid:1")
    assert Unpacking()(pack(POSTS.encode(post))) == post


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
