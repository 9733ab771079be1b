"""A changed crawlers.yml is taken without a restart; a broken one changes nothing and is told once."""

from pathlib import Path

import pytest
from structlog.testing import capture_logs

from crawlers.config import CrawlersConfig
from crawlers.scheduling.watched import WatchedConfig
from stream.errors import ConfigError
from stream.process.configuration import Configuration

ONE = "  {name}: {{site: {name}, software: feed, url: 'https://{name}.corp.cn/feed', basis: a test}}\n"


def write(folder: Path, *names: str, more: str = "") -> None:
    sources = "sources:\n" + "".join(ONE.format(name=name) for name in names)
    (folder / "crawlers.yml").write_text(
        f"contact: ops@corp.cn\nvoice_key_file: {folder}/key\n{more}{sources}", "utf-8"
    )


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "key").touch(mode=0o600)
    (tmp_path / "key").write_text("secret", "utf-8")
    write(tmp_path, "forum")
    return tmp_path


@pytest.fixture
def watched(folder: Path) -> WatchedConfig:
    read = lambda: Configuration(folder).add("crawlers.yml", CrawlersConfig)()  # noqa: E731
    return WatchedConfig(folder / "crawlers.yml", read)


def test_what_stays_the_same_is_no_change(watched: WatchedConfig, folder: Path) -> None:
    assert not watched.changed()
    write(folder, "forum", more="# a comment\n")
    assert not watched.changed()
    assert watched.config.current == {"forum"}


def test_a_changed_file_is_in_force_from_then_on(watched: WatchedConfig, folder: Path) -> None:
    write(folder, "news", "blog")
    with capture_logs() as told:
        assert watched.changed()
    assert watched.config.current == {"news", "blog"}
    assert [(line["added"], line["removed"]) for line in told] == [(["blog", "news"], ["forum"])]
    assert not watched.changed()


def test_a_broken_file_leaves_the_old_one_in_force_and_is_told_once(watched: WatchedConfig, folder: Path) -> None:
    (folder / "crawlers.yml").write_text("contact: [\n", "utf-8")
    with capture_logs() as told:
        assert not watched.changed()
        assert not watched.changed()
    assert [line["log_level"] for line in told] == ["error"]
    assert "not readable as YAML" in told[0]["mistakes"][0]
    assert watched.config.current == {"forum"}
    write(folder, "news")
    assert watched.changed()


def test_a_file_that_is_gone_leaves_the_old_one_in_force(watched: WatchedConfig, folder: Path) -> None:
    (folder / "crawlers.yml").unlink()
    with capture_logs() as told:
        assert not watched.changed()
    assert "the file is missing" in told[0]["mistakes"][0]
    assert watched.config.current == {"forum"}


def test_an_owner_who_opted_out_is_current_no_more(watched: WatchedConfig, folder: Path) -> None:
    write(folder, "forum", "news", more="opted_out: [forum.corp.cn]\n")
    assert watched.changed()
    assert watched.config.current == {"news"} == set(watched.config.pulled)


def test_a_file_that_is_broken_at_the_start_is_a_mistake(folder: Path) -> None:
    (folder / "crawlers.yml").write_text("contact: [\n", "utf-8")
    with pytest.raises(ConfigError):
        WatchedConfig(folder / "crawlers.yml", lambda: Configuration(folder).add("crawlers.yml", CrawlersConfig)())
