"""From an address to a source: what may not be asked is refused before any request, the rest is written and read."""

import os
import subprocess
import sys
from pathlib import Path
from re import DOTALL, search
from typing import Any

import pytest
from click.testing import CliRunner
from yaml import safe_load

from crawlers.cli.commands import main
from tests.crawlers.cli.test_schedule import configs, source, write  # noqa: F401 - a fixture among them
from tests.crawlers.probing.test_spider import FEED


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("bbs.corp.cn", "is no web address"),
        ("https://weibo.com/u/1", "微博 is not fetched: hand in its owner's export"),
        ("https://no.corp.cn/a", "no.corp.cn is on opted_out"),
        ("http://127.0.0.1:9/", "not public: write --private"),
        ("http://192.168.1.5/feed", "not public: write --private"),
    ],
)
def test_what_may_not_be_asked_is_refused_before_any_request(configs: Path, url: str, words: str) -> None:  # noqa: F811
    write(configs, {}, opted_out=["no.corp.cn"])
    assert_refused(configs, ["probe", url], words)
    assert_refused(configs, ["add", url, "--name", "x", "--basis", "a test"], words)


def test_a_placeholder_is_told_to_nobody(configs: Path) -> None:  # noqa: F811
    write(configs, {}, contact="ops@example.com")
    assert_refused(configs, ["probe", "https://bbs.corp.cn/"], "is a placeholder: write your own first")


def test_a_name_that_is_taken_is_refused(configs: Path) -> None:  # noqa: F811
    write(configs, {"forum": source("a")})
    words = ["add", "https://bbs.corp.cn/", "--name", "forum", "--basis", "a test"]
    assert_refused(configs, words, "forum is in crawlers.yml already")


def assert_refused(configs: Path, words: list[str], told: str) -> None:  # noqa: F811
    done = CliRunner().invoke(main, [*words, "--configs", str(configs)])
    assert (done.exit_code, told in done.output) == (1, True), done.output


def test_a_site_is_added_after_three_of_its_posts_were_shown(configs: Path, site: Any) -> None:  # noqa: F811
    answer = type(site.answer("/"))
    site.answer = lambda path: answer(FEED) if path == "/feed" else answer(status=404)
    write(configs, {"old": source("a")})
    with (configs / "crawlers.yml").open("a", encoding="utf-8") as file:
        file.write("# the end\n")
    words = ["add", f"{site.root}/feed", "--private", "--name", "news", "--basis", "our own", "--yes"]
    done = subprocess.run(
        [sys.executable, "-m", "crawlers", *words, "--configs", str(configs)], capture_output=True, text=True,
        timeout=100, env=os.environ | {"NO_COLOR": "1"}, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert [line.split("  ")[1] for line in done.stdout.splitlines() if line.startswith("post: ")] == [
        "t0 power cut", "t1 power cut", "t2 power cut",
    ]  # fmt: skip
    text = (configs / "crawlers.yml").read_text("utf-8")
    assert text.endswith("# the end\n")
    assert set(safe_load(text)["sources"]) == {"old", "news"}
    (configs / "topics.yml").write_text("topics: {}", "utf-8")
    assert CliRunner().invoke(main, ["check-config", "--configs", str(configs)]).exit_code == 0


def test_the_readmes_snippet_has_no_mistakes_as_it_stands(configs: Path, monkeypatch: pytest.MonkeyPatch) -> None:  # noqa: F811
    readme = Path("README.md").read_text("utf-8")
    found = search(r"```yaml\n(   contact:.*?)```", readme, DOTALL)
    assert found is not None
    (configs / "crawlers.yml").write_text(found[1].replace("\n   ", "\n").removeprefix("   "), "utf-8")
    (configs / "topics.yml").write_text("topics: {}", "utf-8")
    (configs / "var" / "voice.key").touch(mode=0o600)
    (configs / "var" / "voice.key").write_text("secret", "utf-8")
    monkeypatch.chdir(configs)
    done = CliRunner().invoke(main, ["check-config", "--configs", str(configs)])
    assert (done.exit_code, done.output) == (0, f"{configs}/crawlers.yml: no mistakes, 1 sources\n")
