"""What alerts.yml says of briefs, and how a mistake is told."""

from pathlib import Path
from typing import Any

import pytest
from yaml import safe_dump, safe_load

from alerts.briefs.policy import BriefsConfig
from alerts.config import AlertsConfig
from stream.errors import ConfigError
from stream.process.configuration import Configuration

ROOT = Path(__file__).parents[3]


def read(place: Path, text: str | None = None, **briefs: Any) -> BriefsConfig:
    raw = safe_load((ROOT / "configs" / "example" / "alerts.yml").read_text("utf-8"))
    written = safe_dump(raw, allow_unicode=True)
    (place / "alerts.yml").write_text(written + (text or safe_dump({"briefs": briefs})), "utf-8")
    return Configuration(place, {}).add("alerts.yml", AlertsConfig)().briefs


def test_there_are_none_unless_said(tmp_path: Path) -> None:
    assert read(tmp_path) == BriefsConfig()


def test_each_has_a_time_by_default_that_keeps_the_offices_limit(tmp_path: Path) -> None:
    people = {"people": ["li_qiang"]}
    briefs = read(tmp_path, daily=people, weekly=people, handover=people)
    assert briefs.daily is not None
    assert briefs.weekly is not None
    assert briefs.handover is not None
    assert (briefs.daily.at, briefs.daily.days) == ("09:00", "workdays")
    assert briefs.daily.at < "10:30"
    assert briefs.weekly.at == "周一 09:30"
    assert briefs.handover.at == ("08:00", "20:00")


def test_a_time_without_quotes_is_a_number_to_yaml_and_says_so(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r'briefs\.daily\.at: put the time in quotes: "09:00"'):
        read(tmp_path, "briefs:\n  daily: {at: 10:30, people: [li_qiang]}\n")


@pytest.mark.parametrize("at", ["9:00", "24:00", "09:60", "九点", ""])
def test_what_is_no_time_is_refused(tmp_path: Path, at: str) -> None:
    with pytest.raises(ConfigError, match="is no time of day"):
        read(tmp_path, daily={"at": at, "people": ["li_qiang"]})


@pytest.mark.parametrize("at", ["09:30", "星期一 09:30", "mon 09:30"])
def test_a_week_has_seven_days_by_their_short_names(tmp_path: Path, at: str) -> None:
    with pytest.raises(ConfigError, match='as in "周一 09:30"'):
        read(tmp_path, weekly={"at": at, "people": ["li_qiang"]})


def test_a_reader_is_one_of_the_people_and_there_is_one(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"briefs\.daily\.people\.0: nobody is called so in people \(found 'li'\)"):
        read(tmp_path, daily={"people": ["li"]})
    with pytest.raises(ConfigError, match=r"briefs\.handover\.people"):
        read(tmp_path, handover={"people": []})
