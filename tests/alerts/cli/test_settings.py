from pathlib import Path

import pytest

from alerts.cli.settings import open_context, read_settings, source_names

NAMED = """
sources:
  our-forum: {site: bbs, software: discuz, name: " 临江论坛 "}
  feed: {site: news, software: feed}
  odd: {site: odd, name: 7}
  worse: text
"""


def test_sources_go_by_the_names_that_crawlers_yml_gives_them(tmp_path: Path) -> None:
    (tmp_path / "crawlers.yml").write_text(NAMED, "utf-8")
    assert source_names(tmp_path) == {"our-forum": "临江论坛"}


@pytest.mark.parametrize("text", [None, "sources: {}", "sources: [a]", "contact: x", "sources: {", "- a"])
def test_a_file_that_is_not_there_or_wrong_names_none(tmp_path: Path, text: str | None) -> None:
    if text is not None:
        (tmp_path / "crawlers.yml").write_text(text, "utf-8")
    assert source_names(tmp_path) == {}


def test_whoever_works_on_cases_is_given_them(configs: Path) -> None:
    (configs / "crawlers.yml").write_text(NAMED, "utf-8")
    with open_context(read_settings(configs)) as context:
        assert context.source_names == {"our-forum": "临江论坛"}
