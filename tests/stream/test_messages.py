import json
from datetime import UTC, datetime, timedelta, timezone
from hashlib import sha256

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from stream.messages import Precision, author_hash, content_hash, counted_at, post_id, wire_time

SEEN = datetime(2026, 9, 1, 8, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)


def test_a_post_is_known_by_its_site_and_the_sites_own_id() -> None:
    assert post_id("bbs", "pid:22") == "117cbc4bfc398fd85c89366c3e5ea5fa"
    assert post_id("论坛", "comment:34") == "7cd65159006f3c40a9544297a3782fab"


def test_site_and_id_cannot_run_into_each_other() -> None:
    assert len({post_id("a", "b,c"), post_id("a,b", "c"), post_id('a","b', "c"), post_id("a", 'b","c')}) == 4


@given(st.text(), st.text())
@example('"', "\\")
@example("\x7f\u2028", "\x00\n</a>")
def test_what_is_hashed_is_a_list_of_json(one: str, other: str) -> None:
    told = json.dumps([one, other], ensure_ascii=False, separators=(",", ":")).encode()
    assert content_hash(one, other) == post_id(one, other) == sha256(told).hexdigest()[:32]


def test_a_content_hash_changes_with_the_words_and_with_where_they_stand() -> None:
    hashes = {content_hash("题", "文"), content_hash("题文", ""), content_hash("", "题文"), content_hash("题", "文 ")}
    assert len(hashes) == 4
    assert content_hash("题", "文") == content_hash("题", "文")


def test_a_voice_is_one_for_a_month_of_shanghai_and_one_site() -> None:
    key = b"k" * 32
    end_of_month = datetime(2026, 8, 31, 15, 59, tzinfo=UTC)
    august = author_hash(key, "bbs", "42", end_of_month)
    assert author_hash(key, "bbs", "42", datetime(2026, 8, 1, tzinfo=UTC)) == august
    others = {
        author_hash(key, "bbs", "42", end_of_month + MINUTE),
        author_hash(key, "bbs", "43", end_of_month),
        author_hash(key, "other", "42", end_of_month),
        author_hash(b"another key", "bbs", "42", end_of_month),
    }
    assert len(others - {august}) == 4


@pytest.mark.parametrize(
    ("published", "precision", "counted"),
    [
        (SEEN - HOUR, Precision.SECOND, SEEN - HOUR),
        (SEEN - HOUR, Precision.MINUTE, SEEN - HOUR),
        (SEEN - 24 * HOUR, Precision.SECOND, SEEN - 24 * HOUR),
        (SEEN - 24 * HOUR - timedelta(seconds=1), Precision.SECOND, None),
        (SEEN - 48 * HOUR, Precision.DAY, None),
        (SEEN + 5 * MINUTE, Precision.MINUTE, SEEN + 5 * MINUTE),
        (SEEN + 5 * MINUTE + timedelta(seconds=1), Precision.MINUTE, SEEN),
        (SEEN + 24 * HOUR, Precision.SECOND, SEEN),
        (SEEN + 24 * HOUR + timedelta(seconds=1), Precision.SECOND, None),
        (SEEN + 9999 * HOUR, Precision.DAY, None),
        (SEEN - 8 * HOUR, Precision.DAY, SEEN),
        (SEEN - 8 * HOUR, Precision.UNKNOWN, SEEN),
        (None, Precision.UNKNOWN, SEEN),
    ],
)
def test_a_post_counts_when_it_was_published_if_that_is_believable(
    published: datetime | None, precision: Precision, counted: datetime | None
) -> None:
    assert counted_at(published, precision, SEEN) == counted


@given(st.none() | st.datetimes(timezones=st.just(UTC)), st.sampled_from(Precision))
def test_no_date_a_site_invents_moves_a_post_far_from_when_it_was_seen(
    published: datetime | None, precision: Precision
) -> None:
    counted = counted_at(published, precision, SEEN)
    assert counted is None or SEEN - 24 * HOUR <= counted <= SEEN + 5 * MINUTE


def test_a_time_on_the_wire_is_utc_in_milliseconds() -> None:
    eight = timezone(timedelta(hours=8))
    assert wire_time(datetime(2026, 9, 1, 0, 0, 1, 234567, tzinfo=eight)) == "2026-08-31T16:00:01.234Z"
