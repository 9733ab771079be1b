from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import count

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.terms.bursts import BurstingTerm, bar, find_bursts, surprise
from stream.messages import ScoredPost

Write = Callable[..., ScoredPost]
Said = Callable[..., list[ScoredPost]]

ORDINARY = (
    "食堂的饭菜不错",
    "充电桩又坏了两个",
    "电费怎么这么贵",
    "热线打不通",
    "路灯没亮",
    "公交车晚点",
    "周末去爬山",
)
COLLAPSE = ("电缆沟塌了", "电缆沟塌方没人管", "听说电缆沟塌陷", "电缆沟塌啊", "路边电缆沟塌！")


@pytest.fixture
def said(write: Write, now: datetime) -> Said:
    """Posts of these texts in turn, each by an author of its own unless told, one a minute until now."""
    numbers = count(1)

    def one(texts: tuple[str, ...], times: int, **changes: object) -> list[ScoredPost]:
        return [
            write(next(numbers), texts[n % len(texts)], at=now - timedelta(minutes=times - n), **changes)
            for n in range(times)
        ]

    return one


@pytest.fixture
def past(said: Said) -> list[list[ScoredPost]]:
    """Twenty ordinary spans."""
    return [said(ORDINARY, 35) for _ in range(20)]


def terms(found: list[BurstingTerm]) -> list[str]:
    return [one.term for one in found]


def test_a_term_that_nobody_used_before_bursts_as_a_whole(said: Said, past: list[list[ScoredPost]]) -> None:
    (found,) = find_bursts(said(ORDINARY, 35) + said(COLLAPSE, 8), past)
    assert (found.term, found.authors, found.posts, found.topic) == ("电缆沟塌", 8, 8, "outage")
    assert found.usual_authors < 0.1
    assert found.score > 4


def test_what_is_said_as_ever_does_not_burst(said: Said, past: list[list[ScoredPost]]) -> None:
    assert find_bursts(said(ORDINARY, 35), past) == []
    assert find_bursts(said(ORDINARY, 350), past) == []  # ten times as loud, of the same


def test_who_writes_more_at_length_bursts_with_nothing(said: Said, past: list[list[ScoredPost]]) -> None:
    long = tuple("，".join((ORDINARY * 2)[n : n + 5]) for n in range(7))
    assert find_bursts(said(long, 35), past) == []


def test_a_machine_that_posts_all_day_hides_no_burst(said: Said, past: list[list[ScoredPost]]) -> None:
    machine = said(("推荐一款好用的充电宝点击购买",) * 3 + ORDINARY, 400, voice="e" * 32)
    found = find_bursts(said(ORDINARY, 35) + said(COLLAPSE, 12) + machine, past)
    assert terms(found) == ["电缆沟塌"]


def test_a_common_term_bursts_where_far_more_say_it_than_ever(said: Said, past: list[list[ScoredPost]]) -> None:
    found = find_bursts(said(ORDINARY, 35) + said(("路灯不亮", "路灯坏了", "哪里路灯都黑"), 30), past)
    assert terms(found) == ["路灯"]
    assert found[0].authors == 35
    assert 4 < found[0].usual_authors < 10


def test_four_authors_are_too_few_however_often_they_say_it(said: Said, past: list[list[ScoredPost]]) -> None:
    recent = said(ORDINARY, 35)
    loud = [post for n in range(4) for post in said(COLLAPSE, 5, voice=f"{n:032x}")]
    assert find_bursts(recent + loud, past) == []
    fifth = said(COLLAPSE[:1], 1)
    (found,) = find_bursts(recent + loud + fifth, past)
    assert (found.authors, found.posts) == (5, 21)


def test_one_text_pasted_by_many_counts_once(said: Said, past: list[list[ScoredPost]]) -> None:
    pasted = said(("滨江路的电缆沟塌了一大块请扩散",), 40, fingerprint="c" * 16)
    assert find_bursts(said(ORDINARY, 35) + pasted, past) == []


def test_an_author_counts_once_a_span_of_the_past_as_well(said: Said, past: list[list[ScoredPost]]) -> None:
    advertiser = [[*span, *said(COLLAPSE, 30, voice="a" * 32)] for span in past]
    (found,) = find_bursts(said(ORDINARY, 35) + said(COLLAPSE, 20), advertiser)
    assert found.usual_authors < 2


def test_what_has_its_hours_is_no_news_in_them(said: Said, past: list[list[ScoredPost]]) -> None:
    greetings = ("祝各位早茶愉快", "早茶吃什么", "约早茶吗")
    mornings = [span + said(greetings, 20) if place % 4 == 3 else span for place, span in enumerate(past)]
    assert find_bursts(said(ORDINARY, 35) + said(greetings, 20), mornings) == []
    assert terms(find_bursts(said(ORDINARY, 35) + said(greetings, 20), past)) == ["早茶"]


def test_a_burst_that_lasts_into_the_next_span_is_still_one(said: Said, past: list[list[ScoredPost]]) -> None:
    lasting = [past[0] + said(COLLAPSE, 15), *past[1:]]
    assert terms(find_bursts(said(ORDINARY, 35) + said(COLLAPSE, 15), lasting)) == ["电缆沟塌"]


def test_without_a_past_nothing_can_burst(said: Said) -> None:
    assert find_bursts(said(COLLAPSE, 50), []) == []
    assert find_bursts(said(COLLAPSE, 50), [[], []]) == []
    assert find_bursts([], [[]]) == []


def test_of_one_story_one_term_is_shown_and_of_two_both(said: Said, past: list[list[ScoredPost]]) -> None:
    story = tuple(f"{text}，消防车来了" for text in COLLAPSE)
    other = ("幼儿园发霉面包", "发霉面包谁负责", "又见发霉面包")
    found = find_bursts(said(ORDINARY, 35) + said(story, 12) + said(other, 9), past)
    assert sorted(terms(found))[0] == "发霉面包"
    assert len(found) == 2


def test_the_most_surprising_come_first_and_no_more_than_asked(said: Said, past: list[list[ScoredPost]]) -> None:
    matters = {"井盖丢失": 9, "发霉面包": 14, "水管爆裂": 7}
    recent = said(ORDINARY, 35) + [post for word, times in matters.items() for post in said((word,), times)]
    found = find_bursts(recent, past)
    assert terms(found) == ["发霉面包", "井盖丢失", "水管爆裂"]
    assert find_bursts(recent, past, 2) == found[:2]


def test_latin_words_and_hotlines_are_terms_as_well(said: Said, past: list[list[ScoredPost]]) -> None:
    found = find_bursts(said(ORDINARY, 35) + said(("95598没人接", "打95598占线", "95598！"), 9), past)
    assert terms(found) == ["95598"]


def test_a_term_is_known_where_nearly_all_its_posts_have_the_topic(said: Said, past: list[list[ScoredPost]]) -> None:
    def topic(known: int, unknown: int, *topics: str) -> str | None:
        posts = said(COLLAPSE, known, topics=topics) + said(COLLAPSE, unknown, topics=())
        (found,) = find_bursts(said(ORDINARY, 35) + posts, past)
        return found.topic

    assert topic(10, 2, "roadworks") == "roadworks"
    assert topic(10, 5, "roadworks") is None
    assert topic(12, 0, "elsewhere") is None  # nobody's rules know it: they only name the organisation
    assert topic(12, 0, "elsewhere", "roadworks") == "roadworks"


def test_examples_are_of_different_authors_and_the_newest_first(
    said: Said, past: list[list[ScoredPost]], now: datetime
) -> None:
    burst = said(COLLAPSE, 6)
    again = replace(said(COLLAPSE, 1)[0], voice=burst[0].voice, charted_at=now)
    (found,) = find_bursts([*said(ORDINARY, 35), *burst, again], past)
    assert [post.id for post in found.examples] == [again.id, burst[5].id, burst[4].id]


@pytest.mark.parametrize(
    "texts",
    [
        ("找张小明经理问问", "张小明经理不接电话", "又是张小明经理", "张小明经理在哪", "投诉张小明经理"),
        ("电话13812345678", "打13812345678吧", "13812345678没人", "快打13812345678", "13812345678！"),
        ("@张小明 停下", "@张小明 出来", "@张小明 在吗", "＠张小明 快看", "@张小明"),
    ],
)
def test_a_persons_name_or_number_is_never_a_term(
    said: Said, past: list[list[ScoredPost]], texts: tuple[str, ...]
) -> None:
    found = terms(find_bursts(said(ORDINARY, 35) + said(texts, 15), past))
    assert not [term for term in found if "小明" in term or "138" in term]


def test_the_order_in_which_posts_are_read_changes_nothing(said: Said, past: list[list[ScoredPost]]) -> None:
    recent = said(ORDINARY, 35) + said(COLLAPSE, 8) + said(("井盖丢失",), 6)
    forwards, backwards = find_bursts(recent, past), find_bursts(recent[::-1], [span[::-1] for span in past[::-1]])
    assert forwards == backwards


def test_the_past_is_read_span_by_span_and_not_kept(said: Said, past: list[list[ScoredPost]]) -> None:
    begun: list[int] = []
    ended: list[int] = []

    def span(place: int) -> Iterator[ScoredPost]:
        begun.append(place)
        yield from past[place]
        ended.append(place)

    def spans() -> Iterator[Iterator[ScoredPost]]:
        for place in range(len(past)):
            assert ended == list(range(place))
            yield span(place)

    assert terms(find_bursts(said(ORDINARY, 35) + said(COLLAPSE, 8), spans())) == ["电缆沟塌"]
    assert begun == ended == list(range(20))


PAST = st.lists(st.integers(1, 500).flatmap(lambda said: st.tuples(st.integers(0, said), st.just(said))), max_size=30)


@given(PAST, st.integers(1, 1000), st.integers(0, 500))
def test_more_authors_are_never_less_surprising(past: list[tuple[int, int]], said: int, authors: int) -> None:
    usual, score = surprise(authors, said, past)
    assert usual > 0
    assert surprise(authors + 1, said, past)[1] > score


@given(PAST, st.integers(1, 1000))
def test_as_many_as_usual_are_no_surprise(past: list[tuple[int, int]], said: int) -> None:
    usual, _ = surprise(0, said, past)
    assert surprise(int(usual), said, past)[1] <= 0


@given(PAST, st.integers(1, 1000), st.integers(5, 500))
def test_what_strays_is_held_against_a_term_and_never_for_it(
    past: list[tuple[int, int]], said: int, authors: int
) -> None:
    together = [(sum(used for used, _ in past), sum(much for _, much in past))]
    usual, score = surprise(authors, said, past)
    assert surprise(authors, said, together)[0] == pytest.approx(usual)
    if score > 0:
        assert surprise(authors, said, together)[1] >= score - 1e-9


def test_spans_without_a_post_teach_nothing() -> None:
    past = [(1, 40), (0, 35), (2, 50)]
    assert surprise(9, 40, [*past, (0, 0), (0, 0)]) == surprise(9, 40, past)


def test_the_bar_rises_with_how_many_terms_there_are() -> None:
    assert [round(bar(terms), 1) for terms in (0, 1, 90, 1_000, 10_000)] == [3.0, 3.0, 3.0, 3.7, 4.3]
