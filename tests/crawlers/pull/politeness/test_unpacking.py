import gzip
import zlib
from typing import Any

import pytest
from scrapy import Request
from scrapy.exceptions import IgnoreRequest
from scrapy.http import Response
from scrapy.utils.test import get_crawler

from crawlers.pull.politeness.unpacking import LenientUnpacking

WORDS = b"<rss>" + b"x" * 100
ASKED = Request("http://example.com/feed")


def unpack(body: bytes, encoding: str, **settings: Any) -> Response:
    unpacking = LenientUnpacking.from_crawler(get_crawler(settings_dict=settings))
    told = Response(ASKED.url, body=body, headers={"Content-Encoding": encoding})
    answer = unpacking.process_response(ASKED, told)
    assert isinstance(answer, Response)
    return answer


@pytest.mark.parametrize(
    ("body", "encoding"),
    [
        (gzip.compress(WORDS), "gzip"),
        (gzip.compress(WORDS), "x-gzip"),
        (zlib.compress(WORDS), "deflate"),
        (WORDS, "gzip"),
        (WORDS, "x-gzip"),
        (WORDS, "deflate"),
    ],
)
def test_a_body_is_read_whether_or_not_it_is_packed_as_its_header_says(body: bytes, encoding: str) -> None:
    answer = unpack(body, encoding)
    assert (answer.body, answer.headers.get("Content-Encoding")) == (WORDS, None)


def test_a_body_in_an_encoding_that_is_none_of_packing_comes_as_it_is() -> None:
    assert unpack(WORDS, "utf-8").body == WORDS


def test_a_body_that_unpacks_beyond_the_bound_is_refused_all_the_same() -> None:
    with pytest.raises(IgnoreRequest, match="DOWNLOAD_MAXSIZE"):
        unpack(gzip.compress(b"x" * 100_000), "gzip", DOWNLOAD_MAXSIZE=1000)
