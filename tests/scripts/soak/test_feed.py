"""The soak's posts: a past that teaches and counts towards no spike, a spike of many people, no id twice."""

from datetime import UTC, datetime, timedelta
from random import Random

from scripts.soak.feed import HISTORY, OLD, PAST_IDS, PAST_POSTS, SPIKE_POSTS, SPIKE_VOICES, Posts

NOW = datetime(2026, 11, 19, 6, 0, tzinfo=UTC)


def test_the_past_is_older_than_what_counts_and_speaks_now_and_then_of_what_the_spike_is_about() -> None:
    posts = Posts(Random(2), made=PAST_IDS)
    rows = posts.past(NOW)
    ages = [NOW - datetime.fromisoformat(row["at"]) for row in rows]
    assert min(ages) >= OLD - timedelta(seconds=1)
    assert max(ages) <= HISTORY + timedelta(seconds=1)
    about = [row for row in rows if "黑石渡变电站" in row["text"]]
    assert len(rows) - len(about) == PAST_POSTS
    assert len({row["at"][:10] for row in about}) == 7
    assert len(about) == 20


def test_the_past_and_what_is_fed_share_no_id() -> None:
    past, fed = Posts(Random(2), made=PAST_IDS), Posts(Random(1))
    assert not {row["id"] for row in past.past(NOW)} & {row["id"] for row in fed.flood(1000, NOW)}


def test_the_spike_is_many_people_with_words_of_their_own() -> None:
    rows = Posts(Random(1)).spike(NOW)
    assert len(rows) == len({row["text"] for row in rows}) == SPIKE_POSTS
    assert len({row["author"] for row in rows}) == SPIKE_VOICES
