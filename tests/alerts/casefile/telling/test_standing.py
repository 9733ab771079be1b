"""From what a case gathers to the values of a letter."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from alerts.casefile.telling.past import NOTHING, Past
from alerts.casefile.telling.standing import leading_claim, library_answer, names, quotes_of, situation, with_answer
from alerts.casefile.wave.dossier import ClaimGroup, Dossier, Forecast, PostPlace, SiteSpread, TrendBin
from alerts.claims.claim import KnownClaim
from alerts.notify.contents.quotes import Quote
from alerts.workflow.parts import Verdict
from tests.alerts.casefile.conftest import signal_of

NOW = datetime(2026, 9, 22, 7, 15, tzinfo=UTC)
HOUR = timedelta(hours=1)
QUOTE = Quote("停电了", "bbs", "x", NOW)
DOSSIER = Dossier(
    now=NOW, negative_hour=33, total_hour=40, authors_hour=28, expected_hour=0.4,
    first=PostPlace(
        id="a1", at=NOW - HOUR, site="bbs", source_name="临江论坛", board="茶座", title="冒烟了",
        url="https://bbs.example.com/1", edited_at=NOW, removed=False,
    ),
    spread=(SiteSpread(source_name="临江论坛", first_at=NOW - HOUR, posts=30, negative=26),),
    claims=(ClaimGroup(text="停电三天", posts=24, authors=20, first_at=NOW - HOUR),), quotes=(QUOTE,),
    trend=(TrendBin(start=NOW - HOUR, total=4, negative=2), TrendBin(start=NOW, total=5, negative=5)),
    forecast=Forecast(hours=3, low=39.6, middle=60.0, high=90.2), edited=2, removed=1,
    known_claim=KnownClaim(
        id=1, claim="全城停电", verdict=Verdict.RUMOUR, statement="仅东区检修", owner="publicity", valid_until=None,
        sure=True, score=0.9,
    ),
)  # fmt: skip


def test_a_dossier_tells_how_the_wave_stands() -> None:
    past = Past(told=15, told_at=NOW - HOUR, peak=79, peak_at=NOW - HOUR / 2)
    stands = situation(DOSSIER, signal_of("outage", NOW), past, "https://console.example.com")
    assert stands is not None
    assert (stands.negative, stands.before, stands.peak, stands.edited, stands.removed) == (33, 15, 79, 2, 1)
    assert stands.outlook == "预计今后 3 小时负面信息 40～90 条"
    assert stands.first is not None
    assert (stands.first.source, stands.first.link) == ("临江论坛", "https://console.example.com/out?post=a1")
    assert [(one.total, one.negative) for one in stands.bars] == [(4, 2), (5, 5)]
    assert [(one.text, one.posts) for one in stands.said] == [("停电三天", 24)]


def test_the_peak_is_that_of_now_where_there_was_none_higher() -> None:
    stands = situation(DOSSIER, signal_of("outage", NOW), NOTHING, "")
    assert stands is not None
    assert (stands.peak, stands.peak_at) == (33, NOW)
    assert stands.first is not None
    assert stands.first.link == ""


def test_a_peak_that_late_posts_made_was_when_they_were_written_and_not_when_it_was_found() -> None:
    late = replace(signal_of("outage", NOW), negative=53, window_end=NOW - 2 * HOUR)
    stands = situation(DOSSIER, late, NOTHING, "")
    assert stands is not None
    assert (stands.peak, stands.peak_at) == (53, NOW - 2 * HOUR)


def test_the_peak_is_never_less_than_what_was_told_before() -> None:
    past = Past(told=41, told_at=NOW - HOUR, peak=11, peak_at=NOW - 2 * HOUR)
    stands = situation(DOSSIER, signal_of("outage", NOW), past, "")
    assert stands is not None
    assert (stands.peak, stands.peak_at) == (41, NOW - HOUR)


def test_while_the_index_is_away_there_are_quotes_at_most() -> None:
    assert situation((QUOTE,), signal_of("outage", NOW), NOTHING, "") is None
    assert quotes_of((QUOTE,)) == quotes_of(DOSSIER) == (QUOTE,)
    assert (leading_claim((QUOTE,)), leading_claim(DOSSIER)) == ("", "停电三天")
    assert library_answer(()) is None


def test_the_answer_is_put_into_what_was_gathered_before_the_claim_was_recognised() -> None:
    known = DOSSIER.known_claim
    assert with_answer(replace(DOSSIER, known_claim=None), known) == DOSSIER
    assert with_answer((QUOTE,), known) == (QUOTE,)


def test_a_claim_that_returns_brings_its_statement() -> None:
    found = library_answer(DOSSIER)
    assert found is not None
    assert (found.verdict, found.statement, found.sure) == ("谣言", "仅东区检修", True)


def test_people_who_left_are_not_named() -> None:
    assert names(("a", "b", "gone"), {"a": "甲", "b": "乙"}, without=("b",)) == ("甲",)
