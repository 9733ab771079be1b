"""What the search form means, and how it is told again: by address, by chips, by mistakes beside its fields."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.desk.finding.asked import (
    KINDS,
    LONGEST,
    OWN,
    SPANS,
    BadSearch,
    SearchForm,
    chips,
    read_address,
    read_form,
    to_query,
)
from alerts.desk.finding.scope import SearchScope
from stream.index.port import Query
from stream.messages import Act, Label

NOW = datetime(2026, 9, 21, 6, 2, tzinfo=UTC)
SCOPE = SearchScope(
    sources=(("bbs", "临江论坛"),), topics=(("outage", "停电抢修"), ("bills", "电费账单")),
    fields=(("service", "服务"),), cues=(("danger", "险情"),),
)  # fmt: skip


def form(**told: str | Sequence[str]) -> SearchForm:
    lists = {name: [value] if isinstance(value, str) else list(value) for name, value in told.items()}
    return read_form(lambda name: lists.get(name, []))


def test_every_condition_reaches_the_query() -> None:
    asked = form(
        q="停电", span="24h", topic=["outage", "bills"], source="bbs", label="negative", act="appeal", field="service",
        cue="danger", board="民生",
    )  # fmt: skip
    assert to_query(asked, SCOPE, NOW) == Query(
        words="停电", topics=("outage", "bills"), sources=("bbs",), labels=(Label.NEGATIVE,), acts=(Act.APPEAL,),
        fields=("service",), cues=("danger",), boards=("民生",), charted_since=NOW - timedelta(hours=24),
    )  # fmt: skip
    assert asked.narrowed == 8


def test_an_empty_form_asks_for_the_last_seven_days() -> None:
    assert to_query(form(), SCOPE, NOW) == Query(charted_since=NOW - timedelta(days=7))
    assert to_query(form(span="all"), SCOPE, NOW) == Query()


def test_times_that_were_typed_count_unless_a_range_is_pressed() -> None:
    typed = form(since="2026-09-20 14:00", until="2026-09-20", within="7d")
    assert typed.span == OWN
    query = to_query(typed, SCOPE, NOW)
    assert query.charted_since == datetime(2026, 9, 20, 6, tzinfo=UTC)
    assert query.charted_until == datetime(2026, 9, 20, 16, tzinfo=UTC)
    pressed = form(since="2026-09-20", within="7d", span="30d")
    assert (pressed.span, pressed.since) == ("30d", "")
    assert form(within="24h").span == "24h"


@pytest.mark.parametrize(
    ("told", "field", "words"),
    [
        ({"topic": "gone"}, "topic", "没有话题「gone」，可能已从配置中移除；现有：停电抢修、电费账单"),
        ({"source": "gone"}, "source", "没有来源「gone」，可能已从配置中移除；现有：临江论坛"),
        ({"field": "x"}, "field", "没有诉求所涉「x」，可能已从配置中移除；现有：服务"),
        ({"cue": "x"}, "cue", "没有待核实说法「x」，可能已从配置中移除；现有：险情"),
        ({"label": "angry"}, "label", "没有倾向「angry」；现有：负面、中性、正面、待人工判断"),
        ({"act": "x"}, "act", "没有意图「x」；现有：诉求、疑问、陈述、嘲讽、号召、澄清"),
        ({"span": "8d"}, "span", "没有时间范围「8d」；现有：近 24 小时、近 7 天、近 30 天、全部时间"),
        ({"order": "x"}, "order", "没有排序「x」；现有：按时间、按负面概率、按回复数"),
        ({"since": "x"}, "since", "“x”不是时间：请写 2026-09-22、2026-09-22 14:00、昨天，或 24h、7d"),
        ({"since": "2026-09-20", "until": "2026-09-19"}, "until", "止于的时间早于起于的时间：请对调或改正"),
    ],
)
def test_a_mistake_is_a_sentence_beside_its_field(told: dict[str, str], field: str, words: str) -> None:
    with pytest.raises(BadSearch) as found:
        to_query(form(**told), SCOPE, NOW)
    assert found.value.mistakes == {field: words}


def test_every_mistake_is_told_at_once() -> None:
    with pytest.raises(BadSearch) as found:
        to_query(form(q="停*", topic="gone", until="x"), SCOPE, NOW)
    assert set(found.value.mistakes) == {"q", "topic", "until"}


def test_chips_name_what_was_chosen_and_lead_to_the_search_without_it() -> None:
    asked = form(q="停电", topic="outage", label="negative", board="民生", span="24h")
    told = {chip.text: chip.without for chip in chips(asked, SCOPE)}
    assert list(told) == ["近 24 小时", "话题：停电抢修", "倾向：负面", "版块：民生"]
    assert parse_qs(told["话题：停电抢修"] or "") == {
        "q": ["停电"], "span": ["24h"], "label": ["negative"], "board": ["民生"]
    }  # fmt: skip
    assert parse_qs(told["近 24 小时"] or "")["span"] == ["all"]
    assert [chip.without for chip in chips(form(span="all"), SCOPE)] == [None]
    (own,) = chips(form(since="2026-09-20T14:00", until="昨天"), SCOPE)
    assert own.text == "2026-09-20 14:00 起 至 昨天"


def test_an_address_beyond_all_measure_is_refused() -> None:
    with pytest.raises(BadSearch, match="太长"):
        read_address("q=" + "长" * LONGEST * 4)


texts = st.text(max_size=30).map(str.strip)


@given(
    words=texts, board=texts, span=st.sampled_from([*SPANS, OWN]), since=texts, until=texts,
    chosen=st.fixed_dictionaries({kind: st.lists(texts.filter(bool), max_size=3, unique=True) for kind in KINDS}),
)  # fmt: skip
def test_what_a_form_says_comes_back_from_its_address(
    words: str, board: str, span: str, since: str, until: str, chosen: dict[str, list[str]]
) -> None:
    asked = form(q=words, board=board, span=span, since=since, until=until, order="negative", **chosen)
    again = read_address(asked.address())
    if span == OWN and not (since or until):
        assert again.span == "7d"  # a range without ends is none
    else:
        assert again == asked
    assert again.address() == read_address(again.address()).address()
