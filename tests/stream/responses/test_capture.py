"""A capture's form in a file: what came is what is read, and nothing else is."""

import json
import zlib
from datetime import timedelta
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stream.responses.capture import DamagedCapture, about_of, decode, encode, time_of
from tests.stream.responses.captured import NOON, PAGE, captured


def test_what_came_is_what_is_read() -> None:
    one = captured("a" * 32, "b" * 32, status=404)
    read = decode(encode(one))
    assert read == one
    assert read.digest == sha256(PAGE).hexdigest()


@given(st.binary(max_size=300), st.text(max_size=60))
def test_any_body_and_any_address_come_back(body: bytes, url: str) -> None:
    one = captured(body=body)
    object.__setattr__(one, "url", url)
    assert (decode(encode(one)).body, decode(encode(one)).url) == (body, url)


def test_the_first_line_says_what_it_is_without_a_word_of_the_page() -> None:
    line, _, packed = encode(captured()).partition(b"\n")
    about = json.loads(line)
    assert set(about) == {"url", "status", "at", "sha256", "source", "headers", "posts"}
    assert about["at"] == "2026-11-19T04:00:00.123Z"
    assert about_of(line)["posts"] == ["a" * 32]
    assert line.isascii()
    assert zlib.decompress(packed) == PAGE


def test_a_body_that_is_not_the_one_that_was_hashed_is_found() -> None:
    line, _, _ = encode(captured()).partition(b"\n")
    with pytest.raises(DamagedCapture, match="its body is not the one whose SHA-256 is"):
        decode(line + b"\n" + zlib.compress(PAGE + b" "))


@pytest.mark.parametrize(
    "raw",
    [
        b"", b"\n", b"no json\n", b"[]\n", b'{"posts": 3}\n', b'{"posts": []}\n', b"\xff\xfe\n",
        encode(captured())[:-5], encode(captured())[:60], encode(captured()).replace(b'"at": "2026', b'"at": "20x6'),
    ],
)  # fmt: skip
def test_what_is_no_capture_is_told_in_words(raw: bytes) -> None:
    with pytest.raises(DamagedCapture, match=r"^not readable"):
        decode(raw)


def test_files_are_named_by_time_and_digest_so_that_their_order_is_that_of_time() -> None:
    early, late = captured(at=NOON), captured(at=NOON + timedelta(milliseconds=1), body=b"")
    assert early.name < late.name
    assert early.name.endswith(early.digest)
    assert time_of(early.name) == NOON
    assert time_of(f"{late.name}-7.part") == NOON + timedelta(milliseconds=1)


@pytest.mark.parametrize("name", ["", "notes.txt", "123-abc", "abcdefghijklm-0", "1732000000000", "１" * 13 + "-0"])
def test_files_of_others_have_no_time(name: str) -> None:
    assert time_of(name) is None


def test_a_page_packs_to_a_part_of_its_size() -> None:
    page = "".join(f"<div class=post id=pid{n}><a href=/u/{n}>用户{n}</a><p>停电第{n}天</p></div>" for n in range(500))
    assert len(encode(captured(body=page.encode()))) < len(page.encode()) / 4
