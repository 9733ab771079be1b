"""What the posts of a case say, summed up."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from alerts.reports.wave import BINS, MOST, Share, WaveFacts, read_posts, sum_up
from stream.index.port import Reader
from stream.messages import Act, Counts, Label, ScoredPost
from tests.alerts.reports.conftest import HOUR, MINUTE, Write


@pytest.fixture
def facts(posts: list[ScoredPost], now: datetime) -> WaveFacts:
    return sum_up(posts, now - HOUR, now, [], now)


def test_the_first_source_is_the_earliest_negative_post_with_where_it_stands(facts: WaveFacts, now: datetime) -> None:
    assert facts.first is not None
    assert (facts.first.at, facts.first.site, facts.first.board) == (now - 40 * MINUTE, "bbs", "民生")
    assert (facts.first.title, facts.first.url) == ("停电三天？", "https://bbs.example.com/p/1")
    assert not facts.first.removed


def test_sites_go_by_the_names_of_their_sources_where_they_have_one(posts: list[ScoredPost], now: datetime) -> None:
    facts = sum_up(posts, now - HOUR, now, [], now, {"bbs": "临江论坛"})
    assert facts.first is not None
    assert (facts.first.site, {one.site for one in facts.threads}) == ("临江论坛", {"临江论坛"})
    assert "临江论坛" in {one.site for one in facts.sites}


def test_an_earlier_post_that_is_not_negative_is_no_first_source(posts: list[ScoredPost], now: datetime) -> None:
    calm = replace(posts[0], id="0" * 32, label=Label.NEUTRAL, charted_at=now - 50 * MINUTE)
    first = sum_up([calm, *posts], now - HOUR, now, [], now).first
    assert first is not None
    assert first.at == now - 40 * MINUTE


def test_sites_are_in_order_of_appearance_with_their_counts(facts: WaveFacts) -> None:
    assert [(one.site, one.posts, one.negative) for one in facts.sites] == [("bbs", 29, 29), ("weibo", 2, 2)]


def test_threads_say_how_far_they_reach(write: Write, now: datetime) -> None:
    seen = write(1, counts=Counts(views=700, replies=3)), write(2, counts=Counts(views=900))
    (thread,) = sum_up(seen, now - HOUR, now + HOUR, [], now).threads
    assert (thread.views, thread.replies, thread.posts) == (900, 3, 2)
    assert thread.title == "停电了没人修", "a thread without a title is called by its first words"


def test_what_is_said_alike_is_one_saying_with_its_people(facts: WaveFacts) -> None:
    most = facts.sayings[0]
    assert (most.text, most.posts, most.authors) == ("停电了没人修，电话打不通", 6, 6)


def test_the_same_author_is_counted_once_and_one_without_a_voice_by_himself(write: Write, now: datetime) -> None:
    said = write(1, voice="a" * 32), write(2, voice="a" * 32), write(3, voice=None), write(4, voice=None)
    assert sum_up(said, now - HOUR, now + HOUR, [], now).authors == 3


def test_names_and_numbers_are_masked_in_all_that_is_quoted(write: Write, now: datetime) -> None:
    told = write(1, "张伟经理的电话13812345678打不通", title="找张伟经理13812345678")
    facts = sum_up([told], now - HOUR, now + HOUR, [], now)
    assert facts.first is not None
    shown = [
        facts.first.title,
        facts.threads[0].title,
        facts.sayings[0].text,
        *(one.text or "" for one in facts.quotes),
    ]
    assert all("13812345678" not in words and "张伟" not in words for words in shown)
    assert facts.first.title == "找张某经理［号码］"


def test_a_post_gone_for_more_than_a_day_is_counted_and_never_quoted(write: Write, now: datetime) -> None:
    gone = write(1, "一句话", title="题目", deleted_at=now - timedelta(days=2))
    facts = sum_up([gone], now - HOUR, now + HOUR, [], now)
    assert facts.first is not None
    assert (facts.negative, facts.removed, facts.first.removed, facts.first.title) == (1, 1, True, "")
    assert facts.threads[0].title == "（原帖已不公开）"
    assert facts.sayings == facts.quotes == ()


def test_shares_before_and_after_an_answer_are_of_its_wave_alone(write: Write, now: datetime) -> None:
    at = {n: now + n * HOUR for n in range(6)}
    seen = [
        write(0, at=at[0]), write(1, at=at[1]), write(2, at=at[2], label=Label.POSITIVE), write(3, at=at[3]),
        write(4, at=at[5]),
    ]  # fmt: skip
    (answer,) = sum_up(seen, now, at[5] + HOUR, [(at[1], at[2], at[5])], now).answers
    assert (answer.before, answer.after) == (Share(1, 1), Share(1, 2))
    assert answer.after.part == 0.5
    assert Share(0, 0).part is None


def test_appeals_are_counted_by_field_the_most_first(write: Write, now: datetime) -> None:
    seen = [
        write(1, act=Act.APPEAL, fields=("service",)), write(2, act=Act.APPEAL, fields=("service", "safety")),
        write(3, act=Act.QUESTION, fields=("safety",)),
    ]  # fmt: skip
    assert sum_up(seen, now, now + HOUR, [], now).appeals == (("service", 2), ("safety", 1))


def test_more_posts_than_are_read_are_said_to_be_cut(write: Write, now: datetime) -> None:
    many = [write(1)] * (MOST + 1)
    facts = sum_up(many, now, now + HOUR, [], now)
    assert (facts.cut, facts.total) == (True, MOST)


def test_an_index_that_is_away_gives_none_and_one_that_is_there_the_topics_posts(
    away: Reader, posts: list[ScoredPost], there: Reader, now: datetime
) -> None:
    assert read_posts(away, "outage", now - HOUR, now) is None
    found = read_posts(there, "outage", now - HOUR, now)
    assert found is not None
    assert {post.id for post in found} == {post.id for post in posts}
    assert read_posts(there, "bill", now - HOUR, now) == []


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(minutes=st.lists(st.integers(0, 60 * 24 * 40), min_size=1, max_size=30), length=st.integers(1, 60 * 24 * 40))
def test_every_post_of_the_time_is_in_one_step_of_the_trend(
    write: Callable[..., ScoredPost], now: datetime, minutes: list[int], length: int
) -> None:
    inside = [n for n in minutes if n < length]
    seen = [write(at, at=now + n * MINUTE) for at, n in enumerate(inside)]
    facts = sum_up(seen, now, now + length * MINUTE, [], now)
    assert sum(one.total for one in facts.trend) == len(inside)
    assert 1 <= len(facts.trend) <= BINS
