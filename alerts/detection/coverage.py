"""How far the sources can be trusted, now and in the days before, as the crawlers left it in the state database."""

import itertools
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from sqlalchemy import Engine, select

from alerts.detection.signals import Coverage
from stream.state.database import transaction
from stream.state.source_health import SourceHealth

Spans = Sequence[tuple[datetime, datetime]]


def coverage(engine: Engine) -> tuple[Coverage, ...]:
    """Lists every source that ever ran and is still configured and switched on, by name."""
    with transaction(engine) as session:
        current = select(SourceHealth).where(SourceHealth.retired_at.is_(None))
        rows = session.scalars(current.order_by(SourceHealth.source))
        return tuple(Coverage(row.source, row.succeeded_at, row.fresh_until) for row in rows)


def gaps(steady: Iterable[str], unanswered: Mapping[str, Spans], blind_share: float) -> list[tuple[datetime, datetime]]:
    """Finds the times in which at least `blind_share` of the sources that have a rhythm did not answer, in order."""
    sources = list(steady)
    spans = [span for source in sources for span in unanswered.get(source, ())]
    edges = sorted({edge for span in spans for edge in span})
    found: list[tuple[datetime, datetime]] = []
    for since, until in itertools.pairwise(edges):
        silent = sum(any(a <= since and until <= b for a, b in unanswered.get(source, ())) for source in sources)
        if silent < blind_share * len(sources):
            continue
        if found and found[-1][1] == since:
            found[-1] = (found[-1][0], until)
        else:
            found.append((since, until))
    return found
