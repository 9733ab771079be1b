"""The client of the API: what passes and what does not, and that no secret comes into a log."""

from collections.abc import Iterator

import pytest
from structlog.testing import capture_logs

from crawlers.push.reception import qyapi
from crawlers.push.reception.qyapi import ServiceApi
from crawlers.push.reception.service import ServiceRefused
from crawlers.push.reception.sources import WecomSource
from stream.errors import Retryable
from stream.process.clock import ScriptedClock
from tests.crawlers.push.reception.room import SERVICE_SECRET, START, sources
from tests.crawlers.push.reception.service_desk import ServiceDesk, said


@pytest.fixture
def api(service: ServiceDesk) -> Iterator[ServiceApi]:
    one = client(service.api)
    yield one
    one.close()


def client(address: str) -> ServiceApi:
    source = sources(app={"service_secret": SERVICE_SECRET, "api": address})["app"]
    assert isinstance(source, WecomSource)
    return ServiceApi(source, ScriptedClock(START))


def waits(api: ServiceApi) -> str:
    with pytest.raises(Retryable) as caught:
        api.sync("wk1", "", "ENC1")
    told = f"{caught.value!r} {caught.value.__cause__!r} {caught.value.after}"
    assert SERVICE_SECRET not in told
    assert "access-" not in told
    assert caught.value.after >= 60
    return caught.value.reason


def test_a_page_is_asked_for_with_account_cursor_and_token_as_far_as_there_are_any(
    api: ServiceApi, service: ServiceDesk
) -> None:
    service.messages = [said(1)]
    assert len(api.sync("wk1", "", "ENC1").observations) == 1
    assert api.sync("", "1", "").observations == ()
    usual = {"limit": 1000, "voice_format": 0}
    assert service.asked[1:] == [
        ("kf/sync_msg", usual | {"open_kfid": "wk1", "token": "ENC1"}),
        ("kf/sync_msg", usual | {"cursor": "1"}),
    ]


@pytest.mark.parametrize(
    ("status", "body", "reason"),
    [
        (503, b"", "service_http_503"),
        (302, b"", "service_http_302"),
        (200, b"<html>log in to the network", "service_not_understood"),
        (200, b'{"errcode": -1}', "service_-1"),
        (200, b'{"errcode": 45009}', "service_45009"),
    ],
)
@pytest.mark.parametrize("call", ["gettoken", "kf/sync_msg"])
def test_what_passes_is_waited_for(
    api: ServiceApi, service: ServiceDesk, call: str, status: int, body: bytes, reason: str
) -> None:
    service.raw = lambda asked: (status, body) if asked == call else None
    assert waits(api) == reason
    assert [name for name, _ in service.asked] in ([], ["gettoken"])  # no redirect is followed


def test_an_answer_that_does_not_end_is_not_read_to_its_end(
    api: ServiceApi, service: ServiceDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(qyapi, "MOST_BYTES", 1000)
    service.messages = [said(1, "水" * 2000)]
    assert waits(api) == "service_answer_too_large"


def test_a_platform_that_is_away_is_waited_for_and_no_log_names_the_secret(capfd: pytest.CaptureFixture[str]) -> None:
    one = client("http://127.0.0.1:1/cgi-bin/")
    with capture_logs() as logged:
        assert waits(one) == "service_away"
    one.close()
    told = capfd.readouterr()
    assert SERVICE_SECRET not in f"{logged}{told.out}{told.err}"


def test_a_refusal_that_stands_is_raised_as_what_it_is(api: ServiceApi, service: ServiceDesk) -> None:
    service.secret = "another"
    with pytest.raises(ServiceRefused, match="service_40001"):
        api.sync("wk1", "", "ENC1")
