"""Whether the console lives, whether it can serve, and how it fares: for supervisors and Prometheus, not for people."""

from collections.abc import Callable
from ipaddress import ip_address

from prometheus_client import CONTENT_TYPE_LATEST
from sqlalchemy import select
from starlette.responses import PlainTextResponse, Response

from alerts.console import looks
from alerts.console.door import Answer, Call, Missing, OpenDoor
from alerts.console.metrics import Gauges, exposition
from alerts.console.tables import SessionRow
from stream.errors import Retryable
from stream.index.port import Query
from stream.state.database import reading


def alive(call: Call) -> Answer:
    """Answers, whatever the engines do."""
    _near(call)
    return PlainTextResponse("ok")


def ready(call: Call) -> Answer:
    """Tells whether state and index answer; 503 names those that do not."""
    _near(call)
    away = [name for name, ask in (("state", _ask_state), ("index", _ask_index)) if not _answers(ask, call)]
    return PlainTextResponse(f"not answering: {', '.join(away)}" if away else "ok", 503 if away else 200)


def metrics(call: Call) -> Answer:
    """Writes what Prometheus scrapes."""
    _near(call)
    premises = call.premises
    gauges = Gauges(call.context.engine, premises.stream.var, looks.lag(premises, call.now), call.now)
    return Response(exposition(looks.meter(premises), gauges), media_type=CONTENT_TYPE_LATEST)


def _near(call: Call) -> None:
    """Raises `Missing` for callers beyond this machine and the proxies that are believed."""
    try:
        client = ip_address(call.client)
    except ValueError:
        raise Missing from None
    if not (client.is_loopback or client in call.premises.console.proxies):
        raise Missing


def _answers(ask: Callable[[Call], None], call: Call) -> bool:
    try:
        ask(call)
    except Retryable:
        return False
    return True


def _ask_state(call: Call) -> None:
    with reading(call.context.engine) as session:
        session.execute(select(SessionRow.digest).limit(1)).all()


def _ask_index(call: Call) -> None:
    call.context.reader.search(Query(), 1)


DOORS = (
    OpenDoor(path="/healthz", show=alive),
    OpenDoor(path="/readyz", show=ready),
    OpenDoor(path="/metrics", show=metrics),
)
