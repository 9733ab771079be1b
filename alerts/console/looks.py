"""What several pages show and is dear to look at: topics, quarantine, audit, each source's newest post."""

from collections.abc import Callable
from contextlib import closing
from datetime import datetime, timedelta

from alerts.console.door import Premises
from alerts.console.keeping import Board
from alerts.console.metrics import RequestMeter
from alerts.desk.audit import audit
from alerts.desk.letters import LetterStatus, list_letters
from alerts.desk.overview.band import Band, BandLook
from alerts.desk.overview.complaints import complaint_words
from alerts.desk.overview.configured import configured_sources
from alerts.desk.overview.programs import list_quarantined
from alerts.desk.overview.sources import SourcesView, newest_posts, read_sources_view
from alerts.desk.register import Register
from stream.engines import open_pipeline, refuse_absent
from stream.errors import ConfigError
from stream.log.quarantine import Quarantined

EVERY, SELDOM = timedelta(seconds=15), timedelta(minutes=1)  # topics move within the minute, the rest does not


def register_of(premises: Premises) -> Register:
    """Returns what questions about cases and letters are answered from."""
    return Register(premises.context.engine, premises.context.config, premises.context.topics)


def read_sources(premises: Premises, now: datetime) -> SourcesView:
    """Reads how every source is at `now`."""
    context = premises.context
    configured = configured_sources(premises.configs)
    return read_sources_view(context.engine, context.config, context.topics, context.source_names, configured, now)


def band(premises: Premises) -> Board[Band]:
    """Returns the board of all topics."""
    look: Callable[[datetime], Band] = premises.kept.one("band look", lambda: _band_look(premises))
    return premises.kept.board("band", look, EVERY)


def lag(premises: Premises, now: datetime) -> timedelta | None:
    """Tells how long the oldest post waits to be scored and indexed; None where nobody can tell."""
    seen = band(premises).read(now)
    until = seen.value.complete_until if seen.value else None
    return None if until is None or seen.at is None else seen.at - until


def quarantine(premises: Premises) -> Board[list[Quarantined]]:
    """Returns the board of what waits in quarantine, the newest first."""
    return premises.kept.board("quarantine", lambda now: _quarantined(premises), EVERY)


def letters(premises: Premises) -> Board[list[LetterStatus]]:
    """Returns the board of letters that wait or were refused: they are looked for among all that ever were."""
    return premises.kept.board("letters", lambda now: list_letters(register_of(premises)), EVERY)


def complaints(premises: Premises) -> Board[list[str]]:
    """Returns the board of what the audit finds, in words: it reads the history of every case."""
    return premises.kept.board("complaints", lambda now: _complaints(premises, now), SELDOM)


def newest(premises: Premises) -> Board[dict[str, datetime]]:
    """Returns the board of when each source's newest post was written."""
    return premises.kept.board("newest", lambda now: _newest(premises, now), SELDOM)


def meter(premises: Premises) -> RequestMeter:
    """Returns what counts this process's requests."""
    return premises.kept.one("meter", RequestMeter)


def _band_look(premises: Premises) -> BandLook:
    return BandLook(premises.context, lambda now: _complete_until(premises, now))


def _complete_until(premises: Premises, now: datetime) -> datetime | None:
    """Asks a pipeline of its own: who only looks makes no file, and keeps no connection that a fork would share."""
    try:
        refuse_absent(premises.stream, "log")
        with closing(open_pipeline(premises.stream)) as pipeline:
            return pipeline.complete_until(now)
    except ConfigError:
        return None


def _quarantined(premises: Premises) -> list[Quarantined]:
    try:
        refuse_absent(premises.stream, "log")
    except ConfigError:
        return []
    return list_quarantined(premises.stream)


def _complaints(premises: Premises, now: datetime) -> list[str]:
    register, failures = register_of(premises), premises.context.failures
    failures.read()
    return [complaint_words(one, register) for one in audit(register, now, failures.open())]


def _newest(premises: Premises, now: datetime) -> dict[str, datetime]:
    view = read_sources(premises, now)
    return newest_posts(premises.context.reader, [one.key for one in view.lines], now)
