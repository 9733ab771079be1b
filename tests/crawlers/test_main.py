import os
import subprocess
import sys
from json import loads
from pathlib import Path
from time import sleep
from typing import Any

import pytest
from click.testing import CliRunner
from yaml import safe_dump

from crawlers.__main__ import main
from crawlers.pull.politeness.turns import turn
from stream.cli.commands import main as stream

PAGE = '<a href="forum.php?mod=forumdisplay&fid=3">停电</a><table id="threadlisttableid"><p class="emp"></p></table>'


@pytest.fixture
def configs(tmp_path: Path) -> Path:
    key = tmp_path / "voice.key"
    key.touch(mode=0o600)
    key.write_text("secret", "utf-8")
    (tmp_path / "stream.yml").write_text(safe_dump({"var": str(tmp_path / "var")}), "utf-8")
    write(tmp_path, {})
    return tmp_path


def write(folder: Path, sources: dict[str, Any]) -> None:
    content = {"contact": "ops@corp.cn", "voice_key_file": str(folder / "voice.key"), "sources": sources}
    (folder / "crawlers.yml").write_text(safe_dump(content), "utf-8")


def forum(url: str, **more: Any) -> dict[str, Any]:
    told = {"site": "bbs", "software": "discuz", "url": url, "basis": "a test", "delay": "0ms", "private": True}
    return {"forum": told | more}


def run(configs: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "crawlers", *words, "--configs", str(configs)],
        capture_output=True,
        text=True,
        timeout=60,
        env=os.environ | {"NO_COLOR": "1"},
        check=False,
    )


def test_a_crawl_says_in_one_line_and_by_its_exit_code_how_it_ended(configs: Path, site: Any) -> None:
    answer = type(site.answer("/"))
    site.answer = lambda _path: answer(PAGE.encode())
    write(configs, forum(site.url))
    done = run(configs, "crawl", "forum")
    assert (done.returncode, done.stdout) == (0, "forum: ok (2 pages, 0 posts read, 0 new, 0 changed, 0 deleted)\n")
    site.answer = lambda _path: answer('<div id="messagetext">系统维护</div>'.encode())
    done = run(configs, "crawl", "forum")
    assert (done.returncode, done.stdout.split(": ", 1)[1][:7]) == (3, "blocked")
    shown = CliRunner().invoke(main, ["sources", "--configs", str(configs)], env={"COLUMNS": "200"})
    assert "blocked" in shown.output
    assert "系统维护" in shown.output
    assert CliRunner().invoke(stream, ["index", "--once", "--configs", str(configs)]).exit_code == 0
    (told,) = loads(CliRunner().invoke(stream, ["status", "--json", "--configs", str(configs)]).stdout)["stages"]
    assert (told["stage"], told["source"], told["lag"] > 0) == ("crawl", "forum", True)


def test_a_parked_site_is_not_asked_before_its_time(configs: Path, site: Any) -> None:
    answer = type(site.answer("/"))
    site.answer = lambda _path: answer(status=503, headers={"Retry-After": "7200"})
    write(configs, forum(site.url))
    assert run(configs, "crawl", "forum").returncode == 1
    site.log.clear()
    done = run(configs, "crawl", "forum")
    assert (done.returncode, site.log) == (3, [])
    assert "stay away until" in done.stderr


def test_a_crawl_waits_for_another_one_of_its_host(configs: Path, site: Any) -> None:
    answer = type(site.answer("/"))
    site.answer = lambda _path: answer(PAGE.encode())
    write(configs, forum(site.url))
    command = [sys.executable, "-m", "crawlers", "crawl", "forum", "--configs", str(configs)]
    with turn(configs / "var" / "crawls", "127.0.0.1"):
        crawl = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        assert crawl.stderr is not None
        assert any("crawl waits" in line for line in crawl.stderr)
        assert site.log == []
    crawl.communicate(timeout=60)
    assert crawl.returncode == 0
    assert site.log


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["crawl", "nowhere"], "no source 'nowhere' in crawlers.yml; there are forum"),
        (["crawl", "forum"], "switched off"),
    ],
)
def test_a_source_that_is_not_there_or_off_is_not_crawled(configs: Path, words: list[str], told: str) -> None:
    write(configs, forum("http://127.0.0.1:9/forum.php", enabled=False))
    result = CliRunner().invoke(main, [*words, "--configs", str(configs)])
    assert result.exit_code == 1
    assert told in result.output


def test_a_mistake_ends_with_78_before_anything_is_opened(configs: Path) -> None:
    write(configs, forum("http://127.0.0.1:9/forum.php", cron="0 9 * * 1"))
    result = CliRunner().invoke(main, ["crawl", "forum", "--configs", str(configs)])
    assert result.exit_code == 78
    assert not (configs / "var").exists()


def test_the_schedule_crawls_what_is_overdue_and_ends_when_told(configs: Path, site: Any) -> None:
    answer = type(site.answer("/"))
    site.answer = lambda _path: answer(PAGE.encode())
    write(configs, forum(site.url, cron="0 3 1 1 *"))
    process = subprocess.Popen([sys.executable, "-m", "crawlers", "schedule", "--configs", str(configs)])
    try:
        for _ in range(300):
            if len(site.asked) == 2 or process.poll() is not None:
                break
            sleep(0.1)
    finally:
        process.terminate()
    assert process.wait(30) == 0
    assert len(site.asked) == 2
