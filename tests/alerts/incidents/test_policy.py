"""What alerts.yml says of incidents and the heartbeat, and what it need not say."""

from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from yaml import safe_dump, safe_load

from alerts.config import AlertsConfig
from alerts.detection.grades import Grade
from alerts.incidents.kinds import ROWS, Kind
from alerts.incidents.policy import IncidentsConfig, is_internal
from alerts.workflow.ladder import limit, rungs
from stream.errors import ConfigError
from stream.process.configuration import Configuration

ROOT = Path(__file__).parents[3]
HEALTHCHECKS = "https://hc-ping.com/3c6d7a52-0000-0000-0000-000000000000"


def read(place: Path, environ: Mapping[str, str] | None = None, **changes: Any) -> AlertsConfig:
    raw = safe_load((ROOT / "configs" / "example" / "alerts.yml").read_text("utf-8"))
    operators = changes.pop("operators", None)
    if operators:
        raw["desks"]["operators"] = {"name": "系统运维", "people": [operators]}
    raw["ladder"]["desks"] |= changes.pop("rungs", {})
    (place / "alerts.yml").write_text(safe_dump(raw | changes, allow_unicode=True), "utf-8")
    return Configuration(place, environ or {}).add("alerts.yml", AlertsConfig)()


def test_by_default_publicity_sees_to_incidents_and_then_the_leaders(tmp_path: Path) -> None:
    ladder = read(tmp_path).ladder
    assert rungs(ladder, "take") == rungs(ladder, "mend") == ("publicity", "leaders")
    assert limit(ladder, Grade.RED, "take").within == timedelta(minutes=15)
    assert limit(ladder, Grade.BLUE, "mend").within == timedelta(hours=24)


def test_a_desk_of_operators_is_found_by_its_name(tmp_path: Path) -> None:
    assert rungs(read(tmp_path, operators="wu_tao").ladder, "take") == ("operators", "leaders")


def test_a_desk_that_is_named_comes_before_all(tmp_path: Path) -> None:
    config = read(tmp_path, operators="wu_tao", incidents={"desk": "dispatch"})
    assert rungs(config.ladder, "mend") == ("dispatch", "leaders")


def test_the_ladders_own_word_is_kept(tmp_path: Path) -> None:
    ladder = read(tmp_path, rungs={"mend": ["safety"]}).ladder
    assert (rungs(ladder, "take"), rungs(ladder, "mend")) == (("publicity", "leaders"), ("safety",))


def test_a_desk_that_is_none_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"incidents\.desk: no such desk \(found 'nobody'\)"):
        read(tmp_path, incidents={"desk": "nobody"})


def test_a_kind_has_our_row_until_the_office_sets_its_own(tmp_path: Path) -> None:
    own = {"grade": "red", "after": "1m", "source": "本单位"}
    config = read(tmp_path, incidents={"kinds": {"failed": own}}).incidents
    assert (config.rule(Kind.FAILED).grade, config.rule(Kind.FAILED).after) == (Grade.RED, timedelta(minutes=1))
    assert config.rule(Kind.BLOCKED).after == ROWS[Kind.BLOCKED].after
    with pytest.raises(ConfigError, match=r"incidents\.kinds"):
        read(tmp_path, incidents={"kinds": {"fialed": own}})
    assert IncidentsConfig().rule(Kind.LETTERS).grade is Grade.RED


def test_a_heartbeat_that_goes_nowhere_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="a heartbeat that goes nowhere is none"):
        read(tmp_path, heartbeat={"every": "5m"})


def test_a_heartbeats_reader_is_one_of_the_people(tmp_path: Path) -> None:
    assert read(tmp_path, heartbeat={"mail": "wu_tao"}).heartbeat
    with pytest.raises(ConfigError, match=r"heartbeat\.mail: nobody is called so in people \(found 'wu'\)"):
        read(tmp_path, heartbeat={"mail": "wu"})


def test_a_heartbeats_address_comes_from_the_environment_and_is_never_shown(tmp_path: Path) -> None:
    beat = read(tmp_path, {"WENFENG_BEAT": HEALTHCHECKS}, heartbeat={"url_env": "WENFENG_BEAT"}).heartbeat
    assert beat is not None
    assert beat.url is not None
    assert beat.url.get_secret_value() == HEALTHCHECKS
    assert "hc-ping" not in repr(beat)
    written = read(tmp_path, heartbeat={"url": HEALTHCHECKS}).heartbeat
    assert written is not None
    assert written.url == beat.url
    with pytest.raises(ConfigError, match="not two of them"):
        read(tmp_path, {"WENFENG_BEAT": "x"}, heartbeat={"url": HEALTHCHECKS, "url_env": "WENFENG_BEAT"})


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("http://hc-ping.com/1", "not encrypted"),
        ("https://127.0.0.1/1", "not public"),
        ("https://10.1.2.3:8000/1", "not public"),
        ("https://[fd00::1]/1", "not public"),
        ("https://localhost/1", "not public"),
        ("ftp://hc-ping.com/1", "no address"),
        ("https://hc-ping.com:port/1", "no address"),
        ("hc-ping.com", "no address"),
    ],
)
def test_an_address_that_cannot_be_meant_is_told_without_being_shown(tmp_path: Path, url: str, words: str) -> None:
    with pytest.raises(ConfigError, match=words) as caught:
        read(tmp_path, {"WENFENG_BEAT": url}, heartbeat={"url_env": "WENFENG_BEAT"})
    assert url not in str(caught.value)


@pytest.mark.parametrize("url", ["http://10.1.2.3:8000/ping/1", "https://localhost/1", "http://kuma.corp/api/push/x"])
def test_an_address_of_the_own_network_is_meant_where_it_says_private(tmp_path: Path, url: str) -> None:
    assert read(tmp_path, heartbeat={"url": url, "private": True}).heartbeat


@pytest.mark.parametrize(
    ("address", "internal"),
    [("8.8.8.8", False), ("10.0.0.1", True), ("127.0.0.1", True), ("169.254.1.1", True), ("fe80::1%eth0", True),
     ("2001:4860:4860::8888", False), ("", True)],
)  # fmt: skip
def test_an_internal_address_is_known(address: str, internal: bool) -> None:
    assert is_internal(address) is internal
