"""The console where the index does not answer."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
from starlette.testclient import TestClient

from alerts.console.accounts.sessions import begin_session
from alerts.console.app import build_app, cookie_name
from alerts.console.door import Premises
from alerts.console.doors import DOORS
from stream.process.clock import ScriptedClock
from tests.alerts.console.conftest import BASE, Browser
from tests.alerts.reports.conftest import AwayReader


@pytest.fixture
def away(premises: Premises, clock: ScriptedClock) -> Iterator[Browser]:
    """The browser of 张敏 while the index is away."""
    blind = replace(premises, context=replace(premises.context, reader=AwayReader()))  # type: ignore[arg-type]
    token = begin_session(premises.context.engine, "zhang_min", clock.now())
    with TestClient(build_app(blind, DOORS, clock), base_url=BASE, follow_redirects=False) as client:
        client.cookies.set(cookie_name(premises.console), token)
        yield Browser(client)
