import gzip

import pytest

from crawlers.pages.feeds.packed import unpacked
from stream.errors import Rejected

WORDS = "<rss>停电</rss>".encode()


def packed(times: int) -> bytes:
    body = WORDS
    for _ in range(times):
        body = gzip.compress(body)
    return body


@pytest.mark.parametrize("times", [0, 1, 2, 3])
def test_a_body_is_unpacked_as_often_as_it_was_packed(times: int) -> None:
    assert unpacked(packed(times)) == WORDS


def test_a_body_that_was_cut_off_is_unpacked_as_far_as_it_goes() -> None:
    body = gzip.compress(bytes(range(256)) * 20)
    assert bytes(range(256)).startswith(unpacked(body[:200])[:256])


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (packed(4), "broken_gzip"),
        (b"\x1f\x8b\x08" + b"\xff" * 40, "broken_gzip"),
        (gzip.compress(b"x" * 1001), "too_large"),
    ],
)
def test_what_cannot_be_unpacked_is_refused_by_a_word(body: bytes, reason: str) -> None:
    with pytest.raises(Rejected) as caught:
        unpacked(body, most=1000)
    assert caught.value.reason == reason
