from dataclasses import replace
from pathlib import Path

import pytest

from alerts.config import AlertsConfig
from alerts.made_up import still_made_up
from alerts.people.directory import Person
from stream.process.configuration import Configuration
from stream.topics import TopicsConfig

CONFIGS = Path(__file__).parents[2] / "configs"


def shipped(folder: Path) -> tuple[AlertsConfig, TopicsConfig]:
    configuration = Configuration(folder, {})
    alerts, topics = configuration.add("alerts.yml", AlertsConfig), configuration.add("topics.yml", TopicsConfig)
    return alerts(), topics()


def test_of_the_minimum_people_sender_and_host_are_still_made_up() -> None:
    told = list(still_made_up(*shipped(CONFIGS)))
    assert [line.split(": ")[1] for line in told] == ["people", "sender", "host"]
    assert "duty, head" in told[0]


def test_of_the_example_the_company_is_told_as_well() -> None:
    told = "\n".join(still_made_up(*shipped(CONFIGS / "example")))
    for words in ("organisation: 临江供电公司宣传部", "zhang_min, li_qiang", "aliases: 本公司, 单位"):
        assert words in told


@pytest.mark.parametrize("left", ["people", "sender", "host"])
def test_what_is_one_s_own_is_not_told(left: str) -> None:
    alerts, topics = shipped(CONFIGS)
    own: dict[str, object] = {
        "people": {key: Person(name=one.name, email=f"{key}@corp.cn") for key, one in alerts.people.items()},
        "sender": "wenfeng@corp.cn",
        "host": "wenfeng.corp.cn",
    }
    assert list(still_made_up(replace(alerts, **own), topics)) == []  # type: ignore[arg-type]
    del own[left]
    (told,) = still_made_up(replace(alerts, **own), topics)  # type: ignore[arg-type]
    assert told.startswith(f"alerts.yml: {left}: ")
