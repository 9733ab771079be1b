"""How far the sources can be trusted now, as the crawlers left it in the state database."""

from sqlalchemy import Engine, select

from alerts.detection.signals import Coverage
from stream.state.database import transaction
from stream.state.source_health import SourceHealth


def coverage(engine: Engine) -> tuple[Coverage, ...]:
    """Lists every source that ever ran and is still configured and switched on, by name."""
    with transaction(engine) as session:
        current = select(SourceHealth).where(SourceHealth.retired_at.is_(None))
        rows = session.scalars(current.order_by(SourceHealth.source))
        return tuple(Coverage(row.source, row.succeeded_at, row.fresh_until) for row in rows)
