"""What a case gathers of its wave for whoever reads of it: first post, spread, claims, quotes, trend, forecast."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from alerts.casefile.snapshot import CaseSnapshot
from alerts.casefile.wave.folding import commonest, fold_posts
from alerts.casefile.wave.forecast import forecast
from alerts.casefile.wave.known import usual_an_hour
from alerts.casefile.wave.posts import QUARTER, STEPS, WavePosts, place_in_time, read_wave
from alerts.claims.claim import KnownClaim as KnownClaim
from alerts.claims.recognition import expired
from alerts.detection.signals import HOUR
from alerts.notify.contents.quotes import Quote, accuses, choose, quote, safe_line
from alerts.workflow.cases import Case
from stream.errors import Retryable
from stream.index.port import Axis, Query, Reader, withheld
from stream.messages import ScoredPost
from stream.process.clock import SHANGHAI
from stream.topics import TopicsConfig

QUOTES = 5
CLAIMS = 6  # groups told
SITES = 6  # platforms told, the first ones
TREND = 24  # steps of the trend
AHEAD = 3  # hours of the forecast
LONGEST_BOARD = 60  # characters of a board's or a source's name
ZERO = timedelta(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class PostPlace:
    """Where one post stands. `title` and `board` are made safe as quotes are, None where there is none or it may not
    be shown; `url` is the site's own address. `removed`: gone at its source."""

    id: str
    at: datetime
    site: str
    source_name: str
    board: str | None
    title: str | None
    url: str
    edited_at: datetime | None
    removed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteSpread:
    """One platform: when the wave came there, and how many posts of the topic it has since, negative ones among."""

    source_name: str
    first_at: datetime
    posts: int
    negative: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimGroup:
    """Posts that say nearly the same. `text` is what most of them say, made safe as quotes are; `first_id` the id of
    the first of them."""

    text: str
    posts: int
    authors: int
    first_at: datetime
    first_id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class TrendBin:
    """Posts of one step of the trend, which lasts until the next one's start, the last one's until now."""

    start: datetime
    total: int
    negative: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Forecast:
    """How many negatives the next `hours` bring: the middle, and between what four of five forecasts come true."""

    hours: int
    low: float
    middle: float
    high: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Dossier:
    """All of it, as of `now`. The counts of the hour are those of the hour before `now`, `expected_hour` what is usual.

    `spread` is in order of first appearance, `claims` the commonest first, `trend` in order of time, of at most 24
    steps. `edited` and `removed` count negative posts of the wave that their writers or the site changed.
    """

    now: datetime
    negative_hour: int
    total_hour: int
    authors_hour: int
    expected_hour: float
    first: PostPlace | None
    spread: tuple[SiteSpread, ...]
    claims: tuple[ClaimGroup, ...]
    quotes: tuple[Quote, ...]
    trend: tuple[TrendBin, ...]
    forecast: Forecast | None
    edited: int
    removed: int
    known_claim: KnownClaim | None


def gather(
    reader: Reader,
    snapshot: CaseSnapshot,
    case: Case,
    topics: TopicsConfig,
    source_names: Mapping[str, str],
    now: datetime,
) -> Dossier | None:
    """Gathers what the index has of the case's wave until `now`; None while the index is away.

    At most a dozen queries and some two thousand posts. A topic that is watched no more has its posts still.
    """
    signal = snapshot.signal
    usual, again = usual_an_hour(signal), snapshot.calmed_at
    since = signal.since if again is not None else min(case.since, signal.since)
    try:
        wave = read_wave(reader, case.topic, since, usual, now, not_before=again)
        spread = tuple(_spread(reader, case.topic, wave, source_names))
        kept = reader.get(snapshot.posts)
    except Retryable:
        return None
    negatives = wave.negatives
    accusing = [post for post in negatives if accuses(post)]
    first = next(iter(accusing or negatives), None)
    return Dossier(
        now=now, negative_hour=wave.hour.negative, total_hour=wave.hour.total, authors_hour=wave.hour.authors,
        expected_hour=usual, first=_place(first, source_names, now) if first else None, spread=spread,
        claims=tuple(_claims(accusing, now)), quotes=_quotes([*accusing, *kept], source_names, now),
        trend=_trend(wave), forecast=_forecast(wave),
        edited=sum(post.edited_at is not None for post in negatives),
        removed=sum(post.deleted_at is not None for post in negatives),
        known_claim=_as_valid(snapshot.known_claim, now),
    )  # fmt: skip


def _place(post: ScoredPost, source_names: Mapping[str, str], now: datetime) -> PostPlace:
    shown = withheld(post, now)
    return PostPlace(
        id=post.id, at=place_in_time(post), site=post.site, source_name=_named(post, source_names),
        board=safe_line(post.board or "", LONGEST_BOARD) or None, title=safe_line(shown.title) or None, url=post.url,
        edited_at=post.edited_at, removed=post.deleted_at is not None,
    )  # fmt: skip


def _named(post: ScoredPost, source_names: Mapping[str, str]) -> str:
    return safe_line(source_names.get(post.source, post.source), LONGEST_BOARD)


def _spread(reader: Reader, topic: str, wave: WavePosts, source_names: Mapping[str, str]) -> Iterator[SiteSpread]:
    """Yields the platforms in order of their first negative post, the first ones alone where there are very many.

    Of a wave that was not read whole the counts are asked for.
    """
    for site, first in list(_first_of_sites(wave).items())[:SITES]:
        if wave.cut:
            about = Query(topics=(topic,), sites=(site,), counted_since=wave.began, counted_until=wave.until)
            (counted,) = reader.histogram(about, Axis.COUNTED, wave.began, wave.until, wave.until - wave.began)
            posts, negative = counted.total, counted.negative
        else:
            posts = sum(post.site == site for post in wave.posts)
            negative = sum(post.site == site for post in wave.negatives)
        name, at = _named(first, source_names), place_in_time(first)
        yield SiteSpread(source_name=name, first_at=at, posts=posts, negative=negative)


def _first_of_sites(wave: WavePosts) -> dict[str, ScoredPost]:
    found: dict[str, ScoredPost] = {}
    for post in wave.negatives:
        found.setdefault(post.site, post)
    return found


def _claims(accusing: Sequence[ScoredPost], now: datetime) -> Iterator[ClaimGroup]:
    told = 0
    for group in fold_posts(accusing):
        text = next((words for post in (commonest(group), *group) if (words := quote(post, now).text)), None)
        if text is None:
            continue
        authors = len({post.voice or post.id for post in group})
        yield ClaimGroup(
            text=text, posts=len(group), authors=authors, first_at=place_in_time(group[0]), first_id=group[0].id
        )  # fmt: skip
        told += 1
        if told == CLAIMS:
            return


def _quotes(posts: Sequence[ScoredPost], source_names: Mapping[str, str], now: datetime) -> tuple[Quote, ...]:
    chosen = choose(list({post.id: post for post in posts}.values()), QUOTES)
    return tuple(replace(quote(post, now), site=_named(post, source_names)) for post in chosen)


def _trend(wave: WavePosts) -> tuple[TrendBin, ...]:
    """Sums the counts to at most 24 steps of one length, from at least one step before the wave until now."""
    span, finest = wave.until - wave.began, wave.step
    width = next((one for one in STEPS if one % finest == ZERO and span + one <= (TREND - 1) * one), STEPS[-1])
    each = max(1, width // finest)
    number = min(TREND, -(-(span + width) // width), len(wave.bins) // each)
    bins = wave.bins[len(wave.bins) - number * each :]
    return tuple(
        TrendBin(start=some[0].start, total=sum(one.total for one in some), negative=sum(one.negative for one in some))
        for some in (bins[at : at + each] for at in range(0, len(bins), each))
    )


def _forecast(wave: WavePosts) -> Forecast | None:
    counts, steps = [one.negative for one in wave.recent if one.start + QUARTER > wave.began], AHEAD * HOUR // QUARTER
    found = forecast(counts, steps) if sum(counts[-steps:]) else None
    return Forecast(hours=AHEAD, low=found[0], middle=found[1], high=found[2]) if found else None


def _as_valid(known: KnownClaim | None, now: datetime) -> KnownClaim | None:
    """Lets a claim whose time ended since it was recognised be a suggestion."""
    if known is None or not expired(known.valid_until, now.astimezone(SHANGHAI).date()):
        return known
    return replace(known, sure=False)
