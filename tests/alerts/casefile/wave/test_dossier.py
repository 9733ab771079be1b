from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta
from itertools import pairwise

import pytest

from alerts.casefile.context import CaseContext
from alerts.casefile.snapshot import CaseSnapshot
from alerts.casefile.wave.dossier import Dossier, KnownClaim, SiteSpread, gather
from alerts.workflow.cases import Case
from alerts.workflow.parts import Verdict
from stream.errors import Retryable
from stream.index.sqlite.posts import SqliteIndexWriter
from stream.messages import Counts, Label, Precision, ScoredPost

Write = Callable[..., ScoredPost]
Gather = Callable[..., Dossier]
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
NAMES: Mapping[str, str] = {"bbs": "临江论坛", "weibo": "微博"}


@pytest.fixture
def gathered(context: CaseContext, found: CaseSnapshot, new_case: Case, now: datetime) -> Gather:
    """Gathers the dossier of a case whose wave the detector dates half an hour before `now`."""

    def one(at: datetime = now, **changes: object) -> Dossier:
        since = now - 30 * MINUTE
        signal = replace(found.signal, since=since, window_start=now - HOUR, window_end=now, expected=0.5)
        snapshot = replace(found, signal=signal, **changes)  # type: ignore[arg-type]
        case = replace(new_case, since=since)
        dossier = gather(context.reader, snapshot, case, context.topics, NAMES, at)
        assert dossier is not None
        return dossier

    return one


def test_the_first_post_stands_with_time_board_title_and_link(
    gathered: Gather, index: SqliteIndexWriter, write: Write, now: datetime
) -> None:
    said = {"board": "城市生活", "title": "黑石渡变电站爆炸了？打13812345678", "edited_at": now}
    first = write(1, "停电了，冒烟", at=now - 41 * MINUTE, **said)
    index.put([first, *(write(n, at=now - n * MINUTE) for n in range(2, 30))])
    place = gathered().first
    assert place is not None
    assert (place.id, place.at, place.site, place.source_name) == (first.id, now - 41 * MINUTE, "bbs", "临江论坛")
    assert (place.board, place.title) == ("城市生活", "黑石渡变电站爆炸了?打［号码］".replace("?", "？"))
    assert (place.url, place.edited_at, place.removed) == ("https://bbs.example.com/p/1", now, False)


def test_the_numbers_are_those_of_now_and_later_posts_are_gathered_too(
    gathered: Gather, index: SqliteIndexWriter, write: Write, now: datetime
) -> None:
    index.put([write(n, at=now - n * MINUTE) for n in range(1, 21)])
    index.put([write(100 + n, "后来又有人说", at=now + 2 * HOUR - n * MINUTE) for n in range(1, 8)])
    index.put([write(200, label=Label.NEUTRAL, at=now + 2 * HOUR - MINUTE)])
    one = gathered(now + 2 * HOUR)
    assert (one.negative_hour, one.total_hour, one.authors_hour, one.expected_hour) == (7, 8, 7, 0.5)
    assert one.now == now + 2 * HOUR
    assert one.quotes[-1].at == now + 2 * HOUR - MINUTE or any(q.text == "后来又有人说" for q in one.quotes)


def test_platforms_stand_in_order_of_their_first_post_by_their_names(
    gathered: Gather, index: SqliteIndexWriter, write: Write, now: datetime
) -> None:
    weibo = {"site": "weibo", "source": "weibo"}
    index.put([
        write(1, at=now - 30 * MINUTE), write(2, at=now - 20 * MINUTE, **weibo), write(3, at=now - 10 * MINUTE),
        write(4, at=now - 9 * MINUTE, label=Label.POSITIVE, **weibo),
        write(5, at=now - 5 * MINUTE, site="x", source="x1"),
    ])  # fmt: skip
    assert gathered().spread == (
        SiteSpread(source_name="临江论坛", first_at=now - 30 * MINUTE, posts=2, negative=2),
        SiteSpread(source_name="微博", first_at=now - 20 * MINUTE, posts=2, negative=1),
        SiteSpread(source_name="x1", first_at=now - 5 * MINUTE, posts=1, negative=1),
    )


def test_claims_are_folded_with_voices_and_first_time_and_no_denial_is_one(
    gathered: Gather, index: SqliteIndexWriter, write: Write, now: datetime
) -> None:
    copies = [write(n, "听说变电站爆炸死了三个人", at=now - n * MINUTE, fingerprint="a" * 16) for n in range(1, 9)]
    same_voice = write(9, "听说变电站爆炸死了三个人啊", at=now - 9 * MINUTE, voice=copies[0].voice)
    others = [write(n, "营业厅排队三小时没人理", at=now - n * MINUTE, fingerprint="b" * 16) for n in (11, 12)]
    denials = [write(n, "变电站爆炸是谣言，大家别信", at=now - n * MINUTE, fingerprint="c" * 16) for n in range(13, 20)]
    index.put([*copies, same_voice, *others, *denials])
    one = gathered()
    assert [(group.text, group.posts, group.authors) for group in one.claims] == [
        ("听说变电站爆炸死了三个人", 9, 8), ("营业厅排队三小时没人理", 2, 2),
    ]  # fmt: skip
    assert one.claims[0].first_at == now - 9 * MINUTE
    assert one.first is not None
    assert one.first.at == now - 12 * MINUTE, "a denial is not the first accusation"


def test_quotes_differ_and_none_denies_reassures_or_thanks(
    gathered: Gather, index: SqliteIndexWriter, write: Write, now: datetime
) -> None:
    index.put([
        write(1, "变电站那边冒烟了", at=now - 28 * MINUTE),
        write(2, "联系上了，人都没事", at=now - 27 * MINUTE, negative=0.99),
        write(3, "停电三天，老人孩子怎么办", at=now - 20 * MINUTE, counts=Counts(replies=300, views=9_000)),
        write(4, "经核实为谣言，请勿传播", at=now - 15 * MINUTE, negative=0.99),
        write(5, "没人管", at=now - 9 * MINUTE),
        write(6, "抢购的人把超市挤爆了", at=now - 8 * MINUTE, negative=0.97),
        write(7, "谢谢师傅，辛苦了", at=now - 2 * MINUTE),
        write(8, "电话打不通", at=now - 3 * MINUTE, edited_at=now),
        write(9, "又黑了", at=now - 4 * MINUTE, deleted_at=now),
    ])  # fmt: skip
    one = gathered()
    assert [quoted.text for quoted in one.quotes] == [
        "变电站那边冒烟了", "停电三天，老人孩子怎么办", "电话打不通", "抢购的人把超市挤爆了", "没人管",
    ]  # fmt: skip
    assert {quoted.site for quoted in one.quotes} == {"临江论坛"}
    assert [quoted.edited_at for quoted in one.quotes] == [None, None, now, None, None]
    assert (one.edited, one.removed) == (1, 1)


def test_what_is_gone_for_a_day_is_not_quoted_and_its_title_not_told(
    gathered: Gather, index: SqliteIndexWriter, write: Write, now: datetime
) -> None:
    gone = {"deleted_at": now - 25 * HOUR, "title": "已删的标题", "observed_at": now}
    index.put([write(1, "删掉的话", at=now - 20 * MINUTE, **gone), write(2, "停电了", at=now - 10 * MINUTE)])
    one = gathered()
    assert one.first is not None
    assert (one.first.title, one.first.removed) == (None, True)
    assert [group.text for group in one.claims] == ["停电了"]


@pytest.mark.parametrize("hours", [0, 3, 30, 300])
def test_the_trend_has_at_most_24_steps_from_before_the_wave_until_now(
    gathered: Gather, index: SqliteIndexWriter, write: Write, now: datetime, hours: int
) -> None:
    index.put([write(n, at=now - n * MINUTE) for n in range(1, 26)])
    index.put([write(50, at=now - 20 * HOUR, label=Label.NEUTRAL)])
    trend = gathered(now + hours * HOUR).trend
    assert 2 <= len(trend) <= 24
    assert trend[0].start < now - 25 * MINUTE
    assert sum(one.negative for one in trend) == 25
    steps = {later.start - one.start for one, later in pairwise(trend)}
    assert len(steps) == 1
    assert trend[-1].start + steps.pop() == now + hours * HOUR


def test_a_wave_that_runs_is_forecast_and_one_that_is_over_is_not(
    gathered: Gather, index: SqliteIndexWriter, write: Write, now: datetime
) -> None:
    index.put([write(n, at=now - 2 * HOUR + n * MINUTE) for n in range(120)])
    forecast = gathered().forecast
    assert forecast is not None
    assert forecast.hours == 3
    assert 0 < forecast.low < forecast.middle < forecast.high
    assert 120 < forecast.middle < 240  # as many as in the three hours before, at the same rate: 180
    assert gathered(now + 8 * HOUR).forecast is None


def test_of_a_wave_too_large_to_be_read_the_platforms_counts_are_whole(
    gathered: Gather, index: SqliteIndexWriter, write: Write, now: datetime
) -> None:
    index.put([write(n, at=now - 25 * MINUTE + n * timedelta(milliseconds=600)) for n in range(2_400)])
    one = gathered()
    assert [(site.posts, site.negative) for site in one.spread] == [(2_400, 2_400)]
    assert one.first is not None


def test_a_claim_whose_time_ended_since_is_only_suggested(gathered: Gather, now: datetime) -> None:
    known = KnownClaim(
        id=3, claim="变电站爆炸", verdict=Verdict.RUMOUR, statement="没有此事", owner="dispatch",
        valid_until=date(2026, 9, 21), sure=True, score=0.9,
    )  # fmt: skip
    assert gathered(known_claim=known).known_claim == known
    assert gathered(now + 24 * HOUR, known_claim=known).known_claim == replace(known, sure=False)


def test_a_case_without_posts_has_an_empty_dossier(gathered: Gather) -> None:
    one = gathered()
    assert (one.first, one.spread, one.claims, one.quotes, one.forecast, one.negative_hour) == (
        None,
        (),
        (),
        (),
        None,
        0,
    )


def test_while_the_index_is_away_there_is_none(
    context: CaseContext, found: CaseSnapshot, new_case: Case, now: datetime
) -> None:
    class Away:
        def histogram(self, *_: object) -> None:
            raise Retryable("away")

    assert gather(Away(), found, new_case, context.topics, {}, now) is None  # type: ignore[arg-type]


def test_a_post_dated_by_its_day_alone_is_placed_when_it_was_seen(
    gathered: Gather, index: SqliteIndexWriter, write: Write, now: datetime
) -> None:
    midnight = now - 6 * HOUR
    index.put([write(1, at=now - 10 * MINUTE, charted_at=midnight, published_precision=Precision.DAY)])
    place = gathered().first
    assert place is not None
    assert place.at == now - 10 * MINUTE
