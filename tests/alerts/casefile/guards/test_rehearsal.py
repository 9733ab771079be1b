"""A configuration of which some letter cannot be made is found out before a wave, by the key that is wrong."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from alerts.casefile.guards.rehearsal import rehearse
from alerts.config import AlertsConfig
from alerts.notify.channel import Medium
from alerts.notify.channels.folder import FolderConfig
from alerts.notify.contents.notice import Occasion
from alerts.people.directory import Person
from stream.process.configuration import Configuration
from stream.topics import TopicsConfig

EXAMPLE = Path(__file__).parents[4] / "configs" / "example"


@pytest.fixture(scope="module")
def topics() -> TopicsConfig:
    return Configuration(EXAMPLE, {}).add("topics.yml", TopicsConfig)()


def unchecked(person: Person, **changes: Any) -> Person:
    """The person as a looser grammar would let it pass."""
    other = replace(person)
    for name, value in changes.items():
        object.__setattr__(other, name, value)
    return other


def test_of_the_shipped_configuration_every_letter_can_be_made(config: AlertsConfig, topics: TopicsConfig) -> None:
    assert list(rehearse(config, topics)) == []


@pytest.mark.parametrize("medium", list(Medium))
def test_so_it_is_in_every_form_that_a_channel_carries(
    config: AlertsConfig, topics: TopicsConfig, medium: Medium
) -> None:
    channels = {"first": FolderConfig(path=Path("x")), "chat": FolderConfig(path=Path("y"), medium=medium, limit=600)}
    assert list(rehearse(replace(config, folder=None, channels=channels), topics)) == []


@pytest.mark.parametrize("email", ["z..m@example.com", "z.@example.com", ".z@example.com", "张敏@example.com"])
def test_an_address_that_no_letter_takes_is_told_by_the_person(
    config: AlertsConfig, topics: TopicsConfig, email: str
) -> None:
    people = {**config.people, "zhang_min": unchecked(config.people["zhang_min"], email=email)}
    (wrong,) = rehearse(replace(config, people=people), topics)
    assert wrong[:2] == ("alerts.yml", "people.zhang_min")
    assert wrong[2].startswith(f"no letter of the kind {Occasion.OPENED} can be made (channel folder): ")


def test_a_name_that_breaks_the_form_is_told_by_the_person(config: AlertsConfig, topics: TopicsConfig) -> None:
    people = {**config.people, "sun_li": unchecked(config.people["sun_li"], name=None)}
    (wrong,) = rehearse(replace(config, people=people), topics)
    assert wrong[:2] == ("alerts.yml", "people.sun_li")


def test_a_sender_that_no_letter_takes_is_told_of_everybody(config: AlertsConfig, topics: TopicsConfig) -> None:
    odd = replace(config)
    object.__setattr__(odd, "sender", "wenfeng@example..com")
    assert {key for _, key, _ in rehearse(odd, topics)} == {f"people.{key}" for key in config.people}


def test_a_topic_whose_name_breaks_the_form_is_told_in_its_own_file(config: AlertsConfig, topics: TopicsConfig) -> None:
    last = list(topics.topics)[-1]
    broken = replace(topics.topics[last])
    object.__setattr__(broken, "name", None)
    (wrong,) = rehearse(config, replace(topics, topics={**topics.topics, last: broken}))
    assert wrong[:2] == ("topics.yml", f"topics.{last}")
