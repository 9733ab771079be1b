"""What is put to fuzzing: each target takes any bytes, and what it must not do is an assertion or an exception.

A target is one function from bytes to nothing, so that hypothesis and atheris drive the same ones.
"""

from atexit import register
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from functools import cache
from itertools import pairwise
from pathlib import Path
from shutil import rmtree
from tempfile import mkdtemp
from typing import Any, TypeVar, cast

import numpy as np
from pydantic import TypeAdapter, ValidationError

from alerts.casefile.context import CaseContext
from alerts.casefile.notices import Telling, compose
from alerts.casefile.snapshot import CaseSnapshot
from alerts.config import AlertsConfig
from alerts.detection.grades import Grade, Measure, grade
from alerts.detection.series.detector import QUIET, STEP, Detector, Sides
from alerts.detection.series.waves import Crossing, Told, Wave, remember, untold, waves
from alerts.detection.signals import Coverage, Finding, Reason, Signal, State, Thresholds, View, judge
from alerts.notify.channel import Form, Medium
from alerts.notify.contents.notice import Notice, Occasion
from alerts.notify.contents.quotes import LONGEST, Quote, clean, quote
from alerts.notify.render.forms import render
from alerts.notify.render.mail import message_id
from alerts.workflow.cases import Case
from alerts.workflow.ladder import begin
from crawlers.config import CrawlersConfig
from crawlers.edge import normalise, to_post
from crawlers.pages.discuz.forum import DiscuzForum
from crawlers.pages.feed import parse
from crawlers.pages.feeds.opml import read_opml, source_entries
from crawlers.pages.forum import Answer
from crawlers.pages.markup import text_of
from crawlers.pages.observation import Observation
from crawlers.pages.times import FIRST_YEAR, LAST_YEAR, read_time
from crawlers.pages.wordpress.address import Listing
from crawlers.pages.wordpress.rest import read_list
from nlp.config import NlpConfig
from nlp.fingerprint import fingerprint
from nlp.text import for_model
from stream.codec import CASE_EVENTS, POSTS, SCORED, STAGE_HEALTH, Codec
from stream.config import StreamConfig
from stream.errors import ConfigError, DecodeError, Rejected
from stream.index.port import Bucket, Query
from stream.index.query import parse_words
from stream.index.sqlite.posts import SqliteIndexReader, SqliteIndexWriter
from stream.index.tokens import MAX_RUN, runs
from stream.log.quarantine import ENTRIES
from stream.matching import TopicMatcher
from stream.messages import MAX_TEXT, Crawl, Kind
from stream.process.configuration import Configuration
from stream.spelling.folding import fold_post
from stream.topics import Rule, TopicsConfig, WatchedTopic
from tests.fuzz.seeds import (
    CONFIGS,
    DISCUZ,
    FEEDS,
    HTML,
    JSON,
    MEMORIES,
    NAMES,
    RECORDS,
    ROOT,
    TEXTS,
    TIMES,
    WORDPRESS,
    WORDS,
    YAML,
)
from tests.stream.scored import NOON, scored

T = TypeVar("T")

AT = datetime(2026, 11, 19, 6, 34, 21, tzinfo=UTC)
CRAWL = Crawl(robots="allowed", rate=1.0, parser="fuzz", version=1)
KINDS: Mapping[str, type] = {
    "stream.yml": StreamConfig,
    "crawlers.yml": CrawlersConfig,
    "nlp.yml": NlpConfig,
    "alerts.yml": AlertsConfig,
    "topics.yml": TopicsConfig,
}
HEADERS = {
    *("From", "To", "Subject", "Date", "Message-ID", "In-Reply-To", "References", "List-Id"),
    *("Auto-Submitted", "X-Auto-Response-Suppress", "MIME-Version", "Content-Type", "Content-Transfer-Encoding"),
}


@dataclass(frozen=True)
class Target:
    """Something that must bear any bytes; `seeds` are good ones to begin with, `words` what to strew in."""

    run: Callable[[bytes], None]
    seeds: tuple[bytes, ...] = TEXTS
    words: tuple[bytes, ...] = WORDS
    cost: int = 1  # how many executions of the cheapest target one takes: shares a budget fairly


def text_in(data: bytes) -> str:
    """The text of any bytes; those that are no UTF-8 become lone surrogates, as broken JSON has them."""
    return data.decode("utf-8", "surrogateescape")


def a_record(codec: Codec[T]) -> Callable[[bytes], None]:
    def run(data: bytes) -> None:
        try:
            message = codec.decode(data)
        except DecodeError:
            return
        again = codec.decode(codec.encode(message))  # a foreign time may be finer than ours: once, and then no more
        assert codec.decode(codec.encode(again)) == again

    return run


def a_configuration(data: bytes) -> None:
    """The first byte says which file it is."""
    name = NAMES[data[0] % len(NAMES)] if data else NAMES[0]
    file = _scratch() / name
    file.write_bytes(data[1:])
    configuration = Configuration(file.parent, {})
    value = configuration.add(name, KINDS[name])
    try:
        value()
    except ConfigError as error:
        for mistake in error.mistakes:
            assert len(str(mistake).splitlines()) == 1
            str(mistake).encode()


def a_forum_page(data: bytes) -> None:
    forum = DiscuzForum("http://bbs.invalid/forum.php")
    answer = Answer(body=data, url="http://bbs.invalid/forum.php?mod=viewthread&tid=9", content_type="text/html", at=AT)
    with suppress(Rejected):
        forum.read_boards(answer)
    with suppress(Rejected):
        forum.read_board(answer, "3")
    with suppress(Rejected):
        _keep(forum.read_thread(answer, "9", "pid:50").observations)


def a_feed(data: bytes) -> None:
    with suppress(Rejected):
        _keep(parse(data, "http://example.com/feed", "text/xml", AT).entries)


def a_wordpress_list(data: bytes) -> None:
    answer = Answer(body=data, url="http://example.com/wp-json/", content_type="application/json", at=AT)
    for listing in Listing:
        with suppress(Rejected):
            _keep(read_list(answer, listing, {}, {}).observations)


def a_list_of_feeds(data: bytes) -> None:
    with suppress(Rejected):
        source_entries(read_opml(data))


def markup(data: bytes) -> None:
    text_of(text_in(data))


def a_time(data: bytes) -> None:
    moment, _ = read_time(text_in(data), AT)
    assert moment is None or (FIRST_YEAR <= moment.year <= LAST_YEAR and moment.utcoffset() == AT.utcoffset())


def an_observation(data: bytes) -> None:
    """Fields parted by bytes that no UTF-8 has."""
    native, title, text, url, board, author = (text_in(part) for part in (*data.split(b"\xff"), *[b""] * 6)[:6])
    reply = Observation(
        native_id=native, kind=Kind.REPLY, thread=native, text=text, title=title, url=url, author=author
    )
    _keep([replace(reply, board=board)])
    kept = normalise(text)
    assert normalise(kept) == kept


def a_letter(data: bytes) -> None:
    """A letter about a post and a topic of any words: the headers stay ours, the lines stay lines."""
    text, title, site, url, topic = (text_in(part) for part in (*data.split(b"\xff"), *[b""] * 5)[:5])
    post = replace(scored(1), text=text, title=title, site=site, url=url)
    told = _notice(topic, (quote(post, NOON),), site)
    letter = render(told, Form(Medium.MAIL), _alerts().routing.letterhead, "zhang.min@example.com")
    for raw in (letter.content, letter.plain):
        assert b"\n" not in raw.replace(b"\r\n", b"")
        assert max(map(len, raw.split(b"\r\n"))) <= 998
        message = message_from_bytes(raw, policy=default)
        assert isinstance(message, EmailMessage)
        assert HEADERS - {"Content-Transfer-Encoding"} <= set(message.keys()) <= HEADERS
        assert [str(message["To"]), str(message["Message-ID"])] == ["张敏 <zhang.min@example.com>", message_id(told.id)]
        body = message.get_body(("plain",))
        assert body is not None
        assert "简版" not in body.get_content()


def a_quote(data: bytes) -> None:
    shown = quote(replace(scored(1), text=text_in(data)), NOON).text
    assert shown is None or (len(shown) <= LONGEST and len(shown.splitlines()) == 1 and clean(shown) == shown)


def a_query(data: bytes) -> None:
    with suppress(Rejected):
        words = parse_words(text_in(data))
        assert all(
            run for phrases in (words.required, words.forbidden, *words.any_of) for one in phrases for run in one
        )


def a_search(data: bytes) -> None:
    """The same words put to a real index: whatever FTS5 makes of them, it is no error of it."""
    with suppress(Rejected):
        _index().search(Query(words=text_in(data)), limit=3)


def tokens(data: bytes) -> None:
    for run in runs(text_in(data)):
        assert run
        for token in run:
            assert 0 < len(token.encode()) <= 4 * MAX_RUN
            assert not any(char.isspace() or char in '"|' for char in token)


def prepared(data: bytes) -> None:
    ready = for_model(text_in(data))
    assert bool(ready.text) == (ready.reason is None)
    ready.text.encode()


def topics(data: bytes) -> None:
    text = text_in(data)
    assert len(fingerprint(text)) == 16
    _matcher().topics(fold_post("", text))


def thresholds(data: bytes) -> None:
    """A detector's numbers as any JSON has them: refused, or whatever is counted has a judgement by them."""
    try:
        limits = _THRESHOLDS.validate_json(data)
    except ValidationError:
        return
    window = Bucket(NOON, total=40, negative=30, unscored=5, authors=20, texts=25)
    crossing = Crossing(at=NOON, span=timedelta(hours=1), score=9.0, threshold=5.0, counted=30.0, due=0.5)
    view = View(
        since=crossing.since, until=NOON, window=window, usual=0.5, bar=9.0, usual_share=0.2, surge=2.0,
        known=timedelta(days=9), coverage=(), behind=None, wave=Wave((crossing,)), crossing=crossing,
    )  # fmt: skip
    for bare in (False, True):
        signal = judge("outage", replace(view, crossing=replace(crossing, bare=bare)), limits, NOON)
        assert 0 <= signal.effective <= window.negative
        assert signal.state in (State.SPIKE, State.WATCH)
        assert (signal.state is State.SPIKE) == (not signal.reasons & {Reason.FEW_POSTS, Reason.FEW_AUTHORS})


def counts(data: bytes) -> None:
    """A step of both sides for each byte: nothing, some, a million, or not observed; half of it teaches."""
    detector = Detector(np.array([1.0, 0.1]), sides=[Sides.RISE, Sides.FALL], absolute=100.0)
    alerts: list[datetime] = []
    for number, byte in enumerate(data[:400]):
        at = NOON + number * STEP
        count = np.nan if byte == 255 else float(byte >> 1) ** (3 if byte > 240 else 1)
        judged = detector.judge(at, np.array([count, count]), np.array([byte % 2 == 0] * 2))
        numbers = (judged.expected, judged.score, judged.threshold, detector.bars(at), detector.usual(at))
        assert all(np.isfinite(one).all() and (one >= 0).all() for one in numbers)
        assert not (judged.rose & judged.fell).any()
        alerts += [at] * bool(judged.alert[0])
    assert all(after - before > QUIET for before, after in pairwise(alerts))
    again = Detector(np.array([1.0, 0.1]), sides=[Sides.RISE, Sides.FALL], absolute=100.0)
    again.memory.table[:] = detector.memory.table
    at = NOON + len(data[:400]) * STEP
    assert np.array_equal(again.bars(at), detector.bars(at))


def waves_told(data: bytes) -> None:
    """A crossing after each byte's number of steps; whoever is told of every wave has nothing more to hear."""
    at, crossings = NOON, []
    for byte in data[:400]:
        at += (byte + 1) * STEP
        crossings.append(
            Crossing(at=at, span=timedelta(hours=1), score=float(byte), threshold=5.0, counted=9.0, due=0.1)
        )
    found, told = waves(crossings), tuple[Told, ...]()
    assert [one for wave in found for one in wave.crossings] == crossings
    for wave in found[:: 1 if len(data) % 2 else -1]:
        assert wave in untold(found, told)
        told = remember(told, wave)
        assert wave not in untold(found, told)
    assert untold(found, told) == []
    assert told == tuple(Told(wave.first.at, wave.last.at) for wave in found)
    assert _TOLD.validate_json(_TOLD.dump_json(told)) == told


def a_memory(data: bytes) -> None:
    """What is kept of the waves told, as any bytes: refused, or it comes back the same."""
    with suppress(ValidationError):
        told = _TOLD.validate_json(data)
        again = _TOLD.validate_json(_TOLD.dump_json(told))
        assert _TOLD.validate_json(_TOLD.dump_json(again)) == again


_THRESHOLDS = TypeAdapter(Thresholds)
_TOLD: TypeAdapter[tuple[Told, ...]] = TypeAdapter(tuple[Told, ...])


def _keep(observations: Iterable[Observation]) -> None:
    """What every page's reader is for: its observations become posts that the log takes."""
    for observation in observations:
        post = to_post(
            observation, site="bbs", source="bbs", voice_key=b"k" * 32, first_seen_at=AT, observed_at=AT, crawl=CRAWL
        )
        assert POSTS.decode(POSTS.encode(post)) == post
        assert len(post.text) <= MAX_TEXT


@cache
def _scratch() -> Path:
    folder = Path(mkdtemp(prefix="wenfeng-fuzz-"))
    register(rmtree, folder, ignore_errors=True)
    return folder


@cache
def _index() -> SqliteIndexReader:
    writer = SqliteIndexWriter(_scratch() / "index.db")
    writer.put([scored(number, text.decode("utf-8", "replace")) for number, text in enumerate(TEXTS)])
    writer.close()
    return SqliteIndexReader(_scratch() / "index.db")


@cache
def _matcher() -> TopicMatcher:
    return TopicMatcher(_read("topics.yml", TopicsConfig))


@cache
def _alerts() -> AlertsConfig:
    return _read("alerts.yml", AlertsConfig)


def _read(name: str, kind: type[T]) -> T:
    return Configuration(ROOT / "configs" / "example", {}).add(name, kind)()


@cache
def _case() -> Case:
    return Case(
        id=42, topic="outage", stage="screening", grade=Grade.YELLOW, opened_at=NOON, since=NOON, notified=25.0,
        peak=25.0, last_spike_at=NOON,
    )  # fmt: skip


def _notice(topic: str, quotes: tuple[Quote, ...], site: str) -> Notice:
    """As casework composes it, of a topic with any name: neither database nor index is asked."""
    signal = Signal(
        topic="outage", state=State.SPIKE, at=NOON, window_start=NOON - timedelta(hours=1), since=NOON, total=45,
        negative=37, authors=28, texts=21, unscored=0, effective=25.0, expected=4.1, share=0.82, usual_share=0.2,
        bar=9.0, window_end=NOON, findings=tuple(Finding(reason, 9.0, 5.0) for reason in Reason), silent=(site,),
    )  # fmt: skip
    graded = grade({Measure.NEGATIVE: 37, Measure.AUTHORS: 28}, _alerts().grades)
    snapshot = CaseSnapshot(signal, graded, (), (Coverage(site, NOON, NOON),))
    watched = WatchedTopic(name="停电", owner="dispatch", rules=(Rule(any_of=("停电",)),))
    object.__setattr__(watched, "name", topic)  # the loader would refuse most of them
    nothing = cast(Any, None)
    context = CaseContext(nothing, nothing, _alerts(), TopicsConfig(topics={"outage": watched}))
    telling = Telling(_case(), snapshot, quotes, Occasion.OPENED, "opened-acknowledge")
    task = begin(_case(), "acknowledge", _alerts().ladder, owner="dispatch", turn=0, now=NOON)
    return compose(context, telling, task, _alerts().people["zhang_min"], NOON)


TARGETS: Mapping[str, Target] = {
    "post": Target(a_record(POSTS), RECORDS["post"], JSON),
    "scored post": Target(a_record(SCORED), RECORDS["scored"], JSON),
    "case event": Target(a_record(CASE_EVENTS), RECORDS["event"], JSON),
    "stage health": Target(a_record(STAGE_HEALTH), RECORDS["health"], JSON),
    "quarantine entry": Target(a_record(ENTRIES), RECORDS["entry"], JSON),
    "configuration": Target(a_configuration, CONFIGS, YAML, cost=100),
    "forum page": Target(a_forum_page, DISCUZ, HTML, cost=40),
    "feed": Target(a_feed, FEEDS, HTML, cost=100),
    "wordpress list": Target(a_wordpress_list, WORDPRESS, JSON, cost=10),
    "list of feeds": Target(a_list_of_feeds, FEEDS, HTML, cost=10),
    "markup": Target(markup, DISCUZ + TEXTS, HTML, cost=10),
    "time": Target(a_time, TIMES),
    "observation": Target(an_observation, cost=4),
    "letter": Target(a_letter, cost=400),
    "quote": Target(a_quote, cost=4),
    "query": Target(a_query),
    "search": Target(a_search, cost=10),
    "tokens": Target(tokens),
    "text for the model": Target(prepared, cost=2),
    "topics": Target(topics, cost=4),
    "thresholds": Target(thresholds, MEMORIES["thresholds"], JSON),
    "counts": Target(counts, MEMORIES["counts"], cost=100),
    "waves told": Target(waves_told, MEMORIES["counts"]),
    "memory of waves": Target(a_memory, MEMORIES["told"], JSON),
}
