from pathlib import Path

import pytest
from yaml import safe_dump, safe_load

from alerts.config import AlertsConfig, unknown_owners
from stream.errors import ConfigError
from stream.process.configuration import Configuration
from stream.topics import TopicsConfig

CONFIGS = Path(__file__).parents[2] / "configs"


def read(place: Path, **changes: object) -> AlertsConfig:
    raw = safe_load((CONFIGS / "alerts.yml").read_text("utf-8")) | changes
    (place / "alerts.yml").write_text(safe_dump(raw, allow_unicode=True), "utf-8")
    return Configuration(place, {}).add("alerts.yml", AlertsConfig)()


def test_the_shipped_files_fit_together(config: AlertsConfig) -> None:
    topics = Configuration(CONFIGS, {}).add("topics.yml", TopicsConfig)()
    assert unknown_owners(config, topics) == []


def test_everything_missing_between_the_parts_is_told_at_once(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        read(tmp_path, desks={"publicity": {"name": "值班", "people": ["nobody"]}}, folder=None)
    told = str(caught.value)
    for words in ("'nobody'", "ladder.desks.verify: no desk 'publicity_head'", "give smtp or folder"):
        assert words in told


@pytest.mark.parametrize(
    "person",
    [
        {"name": "张敏\r\nBcc: x@y.com", "email": "a@example.com"},
        {"name": "张敏", "email": "a@example.com\r\nRCPT TO:<x@y.com>"},
        {"name": "张敏", "email": "no address"},
    ],
)
def test_names_and_addresses_cannot_carry_headers(tmp_path: Path, person: dict[str, str]) -> None:
    with pytest.raises(ConfigError):
        read(tmp_path, people={"zhang_min": person})


def test_a_missing_limit_and_an_unknown_key_are_refused(tmp_path: Path) -> None:
    raw = safe_load((CONFIGS / "alerts.yml").read_text("utf-8"))
    del raw["ladder"]["limits"]["red"]["verify"]
    with pytest.raises(ConfigError, match=r"limits\.red: verify is missing"):
        read(tmp_path, ladder=raw["ladder"])
    with pytest.raises(ConfigError, match="unknown key"):
        read(tmp_path, ladders={})


def test_fewer_than_three_voices_cannot_be_configured(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="least_voices"):
        read(tmp_path, detector={"least_voices": 2})
