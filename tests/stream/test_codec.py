import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stream.codec import POSTS, SCORED
from stream.errors import DecodeError
from stream.messages import Act, Counts, Crawl, Emotion, Kind, Label, Polarity, Post, Precision, ScoredPost

AT = datetime(2026, 9, 1, 8, 0, 0, 123000, tzinfo=UTC)

POST = Post(
    id="117cbc4bfc398fd85c89366c3e5ea5fa",
    site="bbs",
    native_id="pid:22",
    source="bbs-front",
    kind=Kind.REPLY,
    thread_id="0" * 32,
    url="https://bbs.example/thread-1-1-1.html",
    title="标题",
    text="正文😀\u2028 [CLS]",
    published_at=AT,
    published_precision=Precision.SECOND,
    first_seen_at=AT,
    observed_at=AT,
    counted_at=AT,
    charted_at=AT,
    counts=Counts(views=3),
    content_hash="f" * 32,
    crawl=Crawl(robots="allowed", rate=1.0, parser="discuz", version=1),
)

SCORED_POST = ScoredPost(
    **{name: getattr(POST, name) for name in Post.__dataclass_fields__},
    emotion=Emotion(happy=0.1, neutral=0.2, angry=0.3, sad=0.2, fear=0.1, surprise=0.1),
    polarity=Polarity(negative=0.6, neutral=0.3, positive=0.1),
    negative=0.7,
    label=Label.NEGATIVE,
    topics=("food", "wages"),
    fingerprint="0123456789abcdef",
    model="wenfeng@1",
    scored_at=AT,
)

hex32 = st.text(alphabet="0123456789abcdef", min_size=32, max_size=32)
texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=60)
times = st.datetimes(datetime(1, 1, 2), datetime(9999, 12, 30), timezones=st.just(UTC)).map(
    lambda at: at.replace(microsecond=at.microsecond // 1000 * 1000)
)
numbers = st.none() | st.integers(0, 2**53 - 1)
probabilities = st.floats(0, 1)

posts = st.builds(
    Post,
    schema=st.just(1),
    id=hex32,
    site=texts,
    native_id=texts,
    source=texts,
    kind=st.sampled_from(Kind),
    thread_id=hex32,
    parent_id=st.none() | hex32,
    board=st.none() | texts,
    floor=numbers,
    url=texts,
    title=texts,
    text=texts,
    truncated=st.booleans(),
    voice=st.none() | hex32,
    published_at=st.none() | times,
    published_precision=st.sampled_from(Precision),
    first_seen_at=times,
    observed_at=times,
    counted_at=st.none() | times,
    charted_at=times,
    edited_at=st.none() | times,
    deleted_at=st.none() | times,
    counts=st.builds(Counts, views=numbers, replies=numbers, likes=numbers, reposts=numbers),
    content_hash=hex32,
    crawl=st.builds(
        Crawl,
        robots=texts,
        rate=st.none() | st.floats(0, 1000),
        parser=texts,
        version=st.integers(0, 99),
    ),
)


def wire(**changes: object) -> bytes:
    return json.dumps(json.loads(POSTS.encode(POST)) | changes).encode()


def without(name: str) -> bytes:
    fields: dict[str, Any] = json.loads(POSTS.encode(POST))
    del fields[name]
    return json.dumps(fields).encode()


@given(posts)
def test_a_post_comes_back_as_it_was_and_is_always_the_same_bytes(post: Post) -> None:
    raw = POSTS.encode(post)
    assert POSTS.decode(raw) == post
    assert POSTS.encode(POSTS.decode(raw)) == raw


@given(posts, probabilities, st.lists(texts, max_size=5), st.none() | texts)
def test_a_scored_post_comes_back_as_it_was(
    post: Post, negative: float, topics: list[str], unscored: str | None
) -> None:
    fields = {name: getattr(post, name) for name in Post.__dataclass_fields__}
    scored = replace(SCORED_POST, **fields, negative=negative, topics=tuple(topics), unscored=unscored)
    assert SCORED.decode(SCORED.encode(scored)) == scored


def test_an_unscored_post_comes_back_as_it_was() -> None:
    post = replace(SCORED_POST, emotion=None, polarity=None, negative=None, label=Label.UNCERTAIN, unscored="empty")
    assert SCORED.decode(SCORED.encode(post)) == post


def test_a_record_from_before_the_second_label_is_read_and_has_none() -> None:
    fields = json.loads(SCORED.encode(SCORED_POST))
    for name in ("passage", "act", "act_by", "fields", "cues", "passed_on"):
        del fields[name]
    assert SCORED.decode(json.dumps(fields).encode()) == SCORED_POST
    told = replace(
        SCORED_POST,
        act=Act.APPEAL,
        act_by="rules@1",
        fields=("economic",),
        cues=("danger",),
        passage="停电",
        passed_on=True,
    )
    assert SCORED.decode(SCORED.encode(told)) == told


def test_the_wire_is_one_json_object_with_its_schema_and_plain_times() -> None:
    fields = json.loads(POSTS.encode(POST))
    assert list(fields)[:2] == ["schema", "id"]
    assert (fields["schema"], fields["kind"]) == (1, "reply")
    assert fields["published_at"] == "2026-09-01T08:00:00.123Z"
    assert fields["counts"] == {"views": 3, "replies": None, "likes": None, "reposts": None}
    assert "正文😀".encode() in POSTS.encode(POST)


HUGE = b"[" * 200_000

UNDECODABLE: Mapping[str, bytes | None] = {
    "no value": None,
    "nothing": b"",
    "white space": b"  \n",
    "null": b"null",
    "a list": b"[]",
    "a string": b'"post"',
    "half an object": POSTS.encode(POST)[:-1],
    "two objects": POSTS.encode(POST) * 2,
    "invalid UTF-8": wire(title="@@").replace(b"@@", b"\xff\xfe"),
    "an overlong zero": wire(title="@@").replace(b"@@", b"\xc0\x80"),
    "a raw surrogate": wire(title="@@").replace(b"@@", b"\xed\xa0\xbd"),
    "an escaped surrogate": wire(title="\ud83d"),
    "UTF-16": POSTS.encode(POST).decode().encode("utf-16"),
    "a byte order mark": b"\xef\xbb\xbf" + POSTS.encode(POST),
    "GBK": POSTS.encode(replace(POST, text="正文")).decode().encode("gbk"),
    "deep nesting": HUGE,
    "deep nesting inside": wire(title=0).replace(b'"title": 0', b'"title": ' + HUGE + b"]" * 200_000),
    "a huge integer": wire(floor=0).replace(b'"floor": 0', b'"floor": ' + b"9" * 5_000),
    "a count no double can hold": wire(counts={"views": 2**53}),
    "a negative count": wire(counts={"views": -1}),
    "a count in words": wire(counts={"views": "3"}),
    "a broken count": wire(counts={"views": 1.5}),
    "NaN": wire(crawl={"robots": "", "rate": float("nan"), "parser": "", "version": 1}),
    "Infinity": wire(crawl={"robots": "", "rate": float("inf"), "parser": "", "version": 1}),
    "1e999": wire(crawl={"robots": "", "rate": 77, "parser": "", "version": 1}).replace(b"77", b"1e999"),
    "an unknown field": wire(author="张三"),
    "an unknown field inside": wire(counts={"hearts": 1}),
    "no field": without("title"),
    "another schema": wire(schema=2),
    "a schema in words": wire(schema="1"),
    "an id in capitals": wire(id="F" * 32),
    "an id and a line": wire(id="0" * 32 + "\n"),
    "an unknown kind": wire(kind="tweet"),
    "a time without a zone": wire(observed_at="2026-09-01T08:00:00"),
    "a leap second": wire(observed_at="2016-12-31T23:59:60Z"),
    "the year 10000": wire(observed_at="10000-01-01T00:00:00Z"),
    "a time that UTC does not have": wire(observed_at="0001-01-01T00:00:00+14:00"),
    "a time that Shanghai does not have": wire(observed_at="9999-12-31T23:59:59Z"),
    "a truth in words": wire(truncated="yes"),
}


@pytest.mark.parametrize("name", UNDECODABLE)
def test_what_is_no_post_is_refused_with_its_bytes_kept(name: str) -> None:
    raw = UNDECODABLE[name]
    with pytest.raises(DecodeError) as refused:
        POSTS.decode(raw)
    assert (refused.value.reason, refused.value.raw) == ("undecodable", raw or b"")
    assert 0 < len(refused.value.detail) < 2_000


@given(st.binary(max_size=300))
def test_any_bytes_are_a_post_or_a_decode_error(raw: bytes) -> None:
    with pytest.raises(DecodeError):
        POSTS.decode(raw)


def test_a_refusal_names_each_wrong_field_and_repeats_nothing_of_the_text() -> None:
    with pytest.raises(DecodeError, match=r"not a Post: kind: .*; observed_at: ") as refused:
        POSTS.decode(wire(kind="秘密的话", observed_at="昨天说的"))
    assert "秘密" not in str(refused.value)
    assert "昨天" not in str(refused.value)


def test_a_probability_beyond_one_is_no_scored_post() -> None:
    with pytest.raises(DecodeError, match="negative"):
        SCORED.decode(SCORED.encode(replace(SCORED_POST, negative=1.5)))


def test_a_key_written_twice_counts_as_its_last() -> None:
    raw = POSTS.encode(POST).replace(b'"site":', b'"site":"first","site":')
    assert POSTS.decode(raw) == POST
