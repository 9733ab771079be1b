"""Of crawlers.yml the sources' keys and rhythms are read, and a file that is wrong names none."""

from pathlib import Path

import pytest

from alerts.desk.overview.configured import ConfiguredSource, configured_sources
from stream.config import raw_sources
from stream.errors import ConfigError


def write(folder: Path, text: str) -> Path:
    (folder / "crawlers.yml").write_text(text, "utf-8")
    return folder


def test_sources_that_are_switched_on_come_with_what_stands_as_their_cron(tmp_path: Path) -> None:
    configs = write(tmp_path, "sources:\n  a: {cron: '*/10 * * * *'}\n  b: {enabled: false}\n  c: {}\n  d: {cron: 5}\n")
    assert configured_sources(configs) == (
        ConfiguredSource("a", "*/10 * * * *"), ConfiguredSource("c", None), ConfiguredSource("d", None)
    )  # fmt: skip


def test_without_a_file_there_are_no_sources(tmp_path: Path) -> None:
    assert configured_sources(tmp_path) == ()
    assert raw_sources(tmp_path) == {}


def test_a_file_that_is_no_yaml_names_none_and_says_so_to_who_asks_for_it_raw(tmp_path: Path) -> None:
    configs = write(tmp_path, "sources: [")
    assert configured_sources(configs) == ()
    with pytest.raises(ConfigError):
        raw_sources(configs)


def test_sources_that_are_no_table_are_none(tmp_path: Path) -> None:
    assert configured_sources(write(tmp_path, "sources: [a, b]\n")) == ()
