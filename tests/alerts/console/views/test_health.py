"""For supervisors and Prometheus: it lives, can serve, how it fares; for nobody beyond this machine and its proxies."""

from collections.abc import Callable
from dataclasses import replace
from ipaddress import IPv4Address

import pytest
from httpx2 import Response
from prometheus_client.parser import text_string_to_metric_families
from starlette.testclient import TestClient

from alerts.console.app import build_app
from alerts.console.door import Premises
from alerts.console.doors import DOORS
from alerts.console.keeping import Keeping
from stream.errors import Retryable
from stream.process.clock import ScriptedClock
from tests.alerts.console.conftest import BASE

Ask = Callable[..., Response]


@pytest.fixture
def ask(premises: Premises, clock: ScriptedClock) -> Ask:
    def get(path: str, *, client: str = "127.0.0.1", on: Premises = premises) -> Response:
        app = build_app(on, DOORS, clock)
        with TestClient(app, base_url=BASE, follow_redirects=False, client=(client, 5000)) as browser:
            return browser.get(path)

    return get


class Away:
    """An engine that does not answer."""

    def __getattr__(self, name: str) -> Callable[..., object]:
        def refuse(*args: object, **named: object) -> object:
            raise Retryable("no answer")

        return refuse


def without(premises: Premises, *engines: str) -> Premises:
    """The same with engines that do not answer, and nothing seen yet."""
    given = {name: Away() for name in engines}
    return replace(premises, context=replace(premises.context, **given), kept=Keeping(60))  # type: ignore[arg-type]


@pytest.mark.parametrize("path", ["/healthz", "/readyz", "/metrics"])
@pytest.mark.parametrize("client", ["10.0.0.9", "testclient", "", "2001:db8::1"])
def test_nobody_beyond_this_machine_is_answered(ask: Ask, path: str, client: str) -> None:
    assert ask(path, client=client).status_code == 404


@pytest.mark.parametrize("client", ["127.0.0.1", "::1", "127.8.8.8", "10.9.9.9"])
def test_this_machine_and_the_proxies_are(ask: Ask, premises: Premises, client: str) -> None:
    near = replace(premises, console=replace(premises.console, proxies=(IPv4Address("10.9.9.9"),)))
    answer = ask("/healthz", client=client, on=near)
    assert (answer.status_code, answer.text) == (200, "ok")


def test_it_lives_whatever_the_engines_do(ask: Ask, premises: Premises) -> None:
    assert ask("/healthz", on=without(premises, "reader", "engine")).status_code == 200


def test_it_can_serve_where_state_and_index_answer(ask: Ask, premises: Premises) -> None:
    assert (ask("/readyz").status_code, ask("/readyz").text) == (200, "ok")
    answer = ask("/readyz", on=without(premises, "reader"))
    assert (answer.status_code, answer.text) == (503, "not answering: index")


def values(text: str) -> dict[tuple[str, ...], float]:
    """Samples by name and labels' values."""
    return {
        (sample.name, *sample.labels.values()): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def test_metrics_say_how_cases_letters_and_stages_stand(ask: Ask, premises: Premises, opened: int) -> None:
    alive = premises.stream.var / "alive"
    alive.mkdir(parents=True)
    (alive / "score").touch()
    answer = ask("/metrics")
    assert answer.headers["content-type"].startswith("text/plain")
    found = values(answer.text)
    assert (found["wenfeng_open_cases", "yellow"], found["wenfeng_open_cases", "red"]) == (1.0, 0.0)
    assert (found["wenfeng_outbox_letters", "queued"], found["wenfeng_outbox_letters", "sent"]) == (1.0, 0.0)
    assert ("wenfeng_stage_last_alive_seconds", "score") in found
    assert ("wenfeng_stage_last_alive_seconds", "index") not in found
    assert found["wenfeng_engine_up", "state"] == 1.0
    assert "wenfeng_pipeline_lag_seconds" not in answer.text  # there is no log: nobody can tell


def test_requests_are_counted_by_their_doors_and_no_address_is_a_label(
    premises: Premises, clock: ScriptedClock, opened: int
) -> None:
    app = build_app(premises, DOORS, clock)
    with TestClient(app, base_url=BASE, follow_redirects=False, client=("127.0.0.1", 5000)) as browser:
        browser.get("/signin")
        browser.get("/")
        browser.post("/today/7", data={"action": "acknowledge"})
        browser.get("/nowhere/secret")
        found = values(browser.get("/metrics").text)
    assert found["wenfeng_console_requests_total", "GET", "/signin", "200"] == 1.0
    assert found["wenfeng_console_requests_total", "GET", "/", "303"] == 1.0
    assert found["wenfeng_console_requests_total", "POST", "/today/{number}", "401"] == 1.0
    assert found["wenfeng_console_request_duration_seconds_count", "/"] == 1.0
    assert not any("secret" in label or "/today/7" in label for labels in found for label in labels)
