"""A person stops a source, a host or everything, sees it, and lets it go on."""

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from crawlers.cli.commands import main
from tests.crawlers.cli.test_schedule import configs, source, write  # noqa: F401 - a fixture among them


def run(configs: Path, *words: str) -> Result:  # noqa: F811
    return CliRunner().invoke(main, [*words, "--configs", str(configs)], env={"COLUMNS": "80"})


@pytest.fixture(autouse=True)
def sources(configs: Path) -> None:  # noqa: F811
    write(configs, {"forum": source("a"), "news": source("b")}, opted_out=["b.corp.cn"])


@pytest.mark.parametrize("what", ["forum", "a.corp.cn"])
def test_what_is_stopped_stands_in_sources_with_its_reason_and_is_not_crawled(configs: Path, what: str) -> None:  # noqa: F811
    done = run(configs, "stop", what, "--why", "the owner called")
    assert (done.exit_code, done.output.split(";")[0]) == (0, f"{what} is stopped")
    shown = run(configs, "sources").output
    assert "stopped" in next(line for line in shown.splitlines() if line.startswith("forum"))
    assert f"{what} is stopped since " in shown
    assert "the owner called" in shown
    done = run(configs, "resume", what)
    assert (done.exit_code, done.output) == (0, f"let go on: {what}\n")
    assert "stopped" not in run(configs, "sources").output


def test_everything_is_stopped_and_goes_on_without_a_name(configs: Path) -> None:  # noqa: F811
    run(configs, "stop", "forum")
    assert "everything is stopped" in run(configs, "stop").output
    assert run(configs, "resume").output == "let go on: everything, forum\n"
    assert run(configs, "resume").exit_code == 1


def test_a_name_that_is_nobodys_is_refused(configs: Path) -> None:  # noqa: F811
    done = run(configs, "stop", "forun")
    assert (done.exit_code, "neither a source of crawlers.yml nor the host of one" in done.output) == (1, True)


def test_an_owner_who_opted_out_is_named_wherever_the_source_is(configs: Path) -> None:  # noqa: F811
    assert "opted out" in run(configs, "sources").output
    (configs / "topics.yml").write_text("topics: {}", "utf-8")
    assert "sources.news: b.corp.cn is on opted_out: it is not asked" in run(configs, "check-config").output
    done = run(configs, "crawl", "news")
    assert (done.exit_code, "its owner does not want to be read" in done.output) == (1, True)
