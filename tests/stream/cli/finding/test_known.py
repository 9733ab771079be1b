"""Keys and names of the installation's files, and refusals that list them."""

from pathlib import Path

import pytest

from stream.cli.finding.known import KnownKeys, read_known
from stream.config import raw_sources
from stream.errors import ConfigError, Rejected

CRAWLERS = """
sources:
  main: {site: bbs, name: 企业论坛}
  side: {site: bbs, name: 企业论坛（旧）}
  news: {site: news, name: 新闻网}
  export: {site: weibo}
  odd: 3
"""
TOPICS = """
topics: {outage: {name: 停电, owner: dispatch, rules: [{any_of: [停电]}]}}
elsewhere: {name: 其他, owner: publicity, rules: [{any_of: [本厂]}]}
"""


@pytest.fixture
def known(tmp_path: Path) -> KnownKeys:
    (tmp_path / "crawlers.yml").write_text(CRAWLERS, "utf-8")
    (tmp_path / "topics.yml").write_text(TOPICS, "utf-8")
    return read_known(tmp_path)


@pytest.mark.parametrize(
    ("kind", "typed", "keys"),
    [
        ("topics", ("停电", "elsewhere", "outage"), ("outage", "elsewhere")),
        ("topics", ("其他",), ("elsewhere",)),
        ("sites", ("企业论坛", "bbs"), ("bbs",)),
        ("sites", ("企业论坛(旧)",), ("bbs",)),
        ("sites", ("export", "odd"), ("weibo", "odd")),
        ("sources", ("新闻网", "export", "企业论坛"), ("news", "export", "main")),
        ("sources", (), ()),
    ],
)
def test_keys_and_names_mean_keys(known: KnownKeys, kind: str, typed: tuple[str, ...], keys: tuple[str, ...]) -> None:
    assert known.keys(kind, typed) == keys


@pytest.mark.parametrize(
    ("kind", "told"),
    [
        ("topics", "topics.yml has no 'x' among its topics; known: outage (停电), elsewhere (其他)"),
        ("fields", "topics.yml has no 'x' among its fields; known: none"),
        (
            "sites",
            "crawlers.yml has no 'x' among its sites; known: "
            "bbs (企业论坛), bbs (企业论坛（旧）), news (新闻网), weibo (export), odd",
        ),
        ("sources", "known: main (企业论坛), side (企业论坛（旧）), news (新闻网), export, odd"),
    ],
)
def test_what_there_is_not_is_refused_with_what_there_is(known: KnownKeys, kind: str, told: str) -> None:
    with pytest.raises(Rejected) as refused:
        known.keys(kind, ("x",))
    assert told in refused.value.detail


def test_keys_with_one_name_are_called_by_it(known: KnownKeys) -> None:
    called = known.called()
    assert called.sites == {"news": "新闻网", "weibo": "export", "odd": "odd"}
    assert called.sources["side"] == "企业论坛（旧）"
    assert called.topics == {"outage": "停电", "elsewhere": "其他"}


def test_a_name_of_several_means_all_of_them() -> None:
    known = KnownKeys(sources=(("a", "论坛"), ("b", "论坛"), ("c", "别的")))
    assert known.keys("sources", ("论坛",)) == ("a", "b")


def test_without_the_files_every_key_is_taken_as_it_is(tmp_path: Path) -> None:
    known = read_known(tmp_path)
    assert known.keys("topics", ("x", "y")) == ("x", "y")
    assert known.called().topics == {}
    assert raw_sources(tmp_path) == {}


def test_files_that_are_wrong_are_mistakes(tmp_path: Path) -> None:
    (tmp_path / "topics.yml").write_text("topics: 3", "utf-8")
    with pytest.raises(ConfigError, match=r"topics\.yml"):
        read_known(tmp_path)
    (tmp_path / "crawlers.yml").write_text("sources: []", "utf-8")
    assert raw_sources(tmp_path) == {}
