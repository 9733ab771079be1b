"""What a stage does about the log's topics before it starts."""

from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from stream.config import StreamConfig, TopicConfig
from stream.errors import ConfigError
from stream.log.broker import RAW, Admin
from stream.log.topics import TOPICS, configured, make_ready
from tests.stream.logs import opened

WIDE = StreamConfig(topics={RAW: TopicConfig(partitions=6)})
NARROW = StreamConfig(topics={RAW: TopicConfig(partitions=2)})


@pytest.fixture(params=["sqlite", "kafka"])
def admin(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Admin]:
    with opened(request.param, tmp_path) as log, closing(log.admin()) as admin:
        yield admin


def in_production(config: StreamConfig) -> StreamConfig:
    """As the loader gives it; what the profile asks of the engines' lines is not at issue here."""
    return replace(config, profile="production")


def test_on_one_machine_a_stage_makes_what_is_missing(admin: Admin) -> None:
    assert len(make_ready(admin, NARROW)) == len(TOPICS)
    assert make_ready(admin, NARROW) == []
    assert admin.drift(configured(NARROW)) == []


def test_in_production_a_stage_makes_nothing_and_tells_every_topic(admin: Admin) -> None:
    with pytest.raises(ConfigError) as refused:
        make_ready(admin, in_production(NARROW))
    told = [str(mistake) for mistake in refused.value.mistakes]
    assert told[0] == f"stream.yml: topics.{RAW}: the topic is missing: run `python -m stream topics apply`"
    assert len(told) == len(TOPICS)
    assert admin.ends(RAW) == {}
    admin.apply(configured(NARROW))
    assert make_ready(admin, in_production(NARROW)) == []


@pytest.mark.parametrize("profile", ["single", "production"])
def test_a_topic_with_too_few_partitions_is_one_sentence_with_its_remedy(admin: Admin, profile: str) -> None:
    admin.apply(configured(NARROW))
    with pytest.raises(ConfigError) as refused:
        make_ready(admin, WIDE if profile == "single" else in_production(WIDE))
    assert str(refused.value) == (
        f"stream.yml: topics.{RAW}: the topic has 2 partitions, 6 are configured: run `python -m stream topics apply`"
    )
    assert len(admin.ends(RAW)) == 2
    admin.apply(configured(WIDE))
    assert make_ready(admin, WIDE) == []


def test_settings_are_set_back_on_one_machine_and_told_in_production(admin: Admin) -> None:
    admin.apply(configured(NARROW))
    shorter = StreamConfig(topics={RAW: TopicConfig(partitions=2, keep=NARROW.topics[RAW].keep / 2)})
    with pytest.raises(ConfigError, match=r"stream\.yml: topics\.posts\.raw: the topic "):
        make_ready(admin, in_production(shorter))
    (line,) = make_ready(admin, shorter)
    assert "keeps records for 45 days" in line
