import codecs

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawlers.pages.decoding import decode

CHINESE = st.text(st.characters(codec="gbk", exclude_categories=("Cc", "Cs")), min_size=1).map(lambda text: f"停{text}")
LABELS = ["", "text/html", "text/html; charset=utf-8", "text/html; charset=gbk", "text/html; charset=x", "\x00;;="]


@pytest.mark.parametrize(
    ("body", "content_type", "text", "encoding"),
    [
        ("停电".encode(), "text/html; charset=utf-8", "停电", "utf-8"),
        ("停电".encode("gbk"), "text/html; charset=gbk", "停电", "gb18030"),
        ("㙍停电".encode("gb18030"), "text/html; charset=gb2312", "㙍停电", "gb18030"),  # GBK has no 㙍
        ("停電".encode("big5"), "text/html; charset=big5", "停電", "big5hkscs"),
        (b'<meta charset="gbk">' + "停电".encode("gbk"), "text/html", '<meta charset="gbk">停电', "gb18030"),
        ("停电".encode(), "text/html", "停电", "utf-8"),
        ("停电".encode("gbk"), "text/html", "停电", "gb18030"),
        ("停电".encode("gbk"), "", "停电", "gb18030"),
        (b"", "", "", "utf-8"),
        (b"abc", "", "abc", "utf-8"),
    ],
)
def test_the_label_decides_and_where_there_is_none_the_bytes(
    body: bytes, content_type: str, text: str, encoding: str
) -> None:
    assert decode(body, content_type) == (text, encoding)


@pytest.mark.parametrize("mark", [codecs.BOM_UTF8, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE])
def test_a_byte_order_mark_counts_for_more_than_the_header(mark: bytes) -> None:
    encoding = {codecs.BOM_UTF8: "utf-8", codecs.BOM_UTF16_LE: "utf-16-le", codecs.BOM_UTF16_BE: "utf-16-be"}[mark]
    assert decode(mark + "停电".encode(encoding), "text/html; charset=gbk") == ("停电", encoding)


@pytest.mark.parametrize("override", ["gbk", "GBK", "gb2312", "gb18030", "cp936"])
def test_the_owners_word_counts_for_more_than_any_label(override: str) -> None:
    assert decode("停电".encode("gbk"), "text/html; charset=utf-8", override)[0] == "停电"


@pytest.mark.parametrize("codec", ["hex", "idna", "undefined", "rot13", "base64", "no-such-codec"])
def test_a_page_that_names_no_encoding_of_text_is_read_by_its_bytes(codec: str) -> None:
    body = f'<meta charset="{codec}">停电'
    assert decode(body.encode(), "text/html")[0] == body
    assert decode(body.encode("gbk"), f"text/html; charset={codec}")[0] == body


def test_a_byte_that_fits_nothing_costs_itself_alone() -> None:
    text, _ = decode("停电".encode() + b"\xff" + "了".encode(), "text/html; charset=utf-8")
    assert text == "停电\ufffd了"


@given(CHINESE, st.sampled_from(["utf-8", "gbk", "gb18030"]))
def test_what_was_written_is_read_as_its_label_says(text: str, encoding: str) -> None:
    assert decode(text.encode(encoding), f"text/html; charset={encoding}")[0] == text


@given(CHINESE, st.sampled_from(["utf-8", "gbk"]))
def test_the_owners_encoding_is_the_one_that_is_used(text: str, encoding: str) -> None:
    assert decode(text.encode(encoding), "text/html; charset=utf-16", encoding)[0] == text


@given(st.binary(max_size=300), st.sampled_from(LABELS), st.sampled_from([None, "utf-8", "gbk", "big5", "utf-16"]))
def test_any_bytes_become_a_text_that_can_be_written_again(
    body: bytes, content_type: str, override: str | None
) -> None:
    text, encoding = decode(body, content_type, override)
    assert codecs.lookup(encoding)
    text.encode("utf-8")
