import os
import subprocess
import sys
from datetime import timedelta
from json import loads
from pathlib import Path
from time import sleep
from typing import Any

import pytest
from click.testing import CliRunner, Result
from rich.cells import cell_len
from yaml import safe_dump

from crawlers.cli.commands import main
from crawlers.health import all_sources
from crawlers.pull.politeness.turns import turn
from stream.cli.commands import main as stream
from stream.config import read_stream
from stream.messages import post_id
from stream.process.clock import SystemClock
from stream.process.holders import holder
from stream.responses.store import open_responses
from stream.state.database import disposing, open_state
from stream.state.source_health import SourceHealth
from stream.state.tombstones import bury
from tests.databases import opened
from tests.stream.responses.captured import captured

PAGE = '<a href="forum.php?mod=forumdisplay&fid=3">停电</a><table id="threadlisttableid"><p class="emp"></p></table>'


@pytest.fixture
def configs(tmp_path: Path) -> Path:
    key = tmp_path / "voice.key"
    key.touch(mode=0o600)
    key.write_text("secret", "utf-8")
    (tmp_path / "stream.yml").write_text(safe_dump({"var": str(tmp_path / "var")}), "utf-8")
    (tmp_path / "topics.yml").write_text("topics: {}", "utf-8")
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
    assert "an installation begins here: is `var` of stream.yml right?" in done.stderr
    site.answer = lambda _path: answer('<div id="messagetext">系统维护</div>'.encode())
    done = run(configs, "crawl", "forum")
    assert (done.returncode, done.stdout.split(": ", 1)[1][:7]) == (3, "blocked")
    assert "an installation begins" not in done.stderr
    shown = CliRunner().invoke(main, ["sources", "--configs", str(configs)], env={"COLUMNS": "200"})
    assert "blocked" in shown.output
    assert "系统维护" in shown.output
    assert CliRunner().invoke(stream, ["index", "--once", "--configs", str(configs)]).exit_code == 0
    (told,) = loads(CliRunner().invoke(stream, ["status", "--json", "--configs", str(configs)]).stdout)["stages"]
    assert (told["stage"], told["source"], told["lag"] > 0) == ("crawl", "forum", True)


@pytest.mark.parametrize("enabled", [True, False])
def test_a_crawl_leaves_its_pages_unless_stream_yml_says_no(configs: Path, site: Any, enabled: bool) -> None:
    answer, var = type(site.answer("/")), configs / "var"
    settings = {"var": str(var), "responses": {"enabled": enabled}}
    (configs / "stream.yml").write_text(safe_dump(settings), "utf-8")
    body = (
        "<rss version='2.0'><channel><title>公告</title><item><guid>9</guid><title>停电</title></item></channel></rss>"
    )
    site.answer = lambda _path: answer(body.encode(), headers={"Content-Type": "application/rss+xml"})
    write(configs, forum(f"{site.root}/feed/", software="feed", pages=1))
    assert run(configs, "crawl", "forum").returncode == 0
    kept = open_responses(read_stream(configs)).showing([post_id("bbs", "entry:9")])
    assert [page.body for page in kept] == ([body.encode()] if enabled else [])
    assert (var / "responses").exists() is enabled


def test_what_the_schedule_forgets_each_hour_are_pages_of_yesterday_and_of_erased_posts(configs: Path) -> None:
    now, store = SystemClock().now(), open_responses(read_stream(configs))
    for hours, post in ((25, "a"), (1, "a"), (2, "b")):
        store.write(captured(post * 32, at=now - timedelta(hours=hours)))
    (configs / "var").mkdir(exist_ok=True)
    with opened(f"sqlite:///{configs / 'var' / 'state.db'}") as engine:
        bury(engine, ["b" * 32], now, reason="request")
    command = [sys.executable, "-m", "crawlers", "schedule", "--configs", str(configs)]
    process = subprocess.Popen(command, stderr=subprocess.DEVNULL)
    try:
        for _ in range(300):
            if len(list((configs / "var" / "responses").iterdir())) == 1:
                break
            sleep(0.1)
    finally:
        process.terminate()
        process.wait(30)
    assert [now - page.at for page in store.showing(["a" * 32, "b" * 32])] == [timedelta(hours=1)]


def test_a_site_that_refused_is_left_alone_unless_a_person_asks(configs: Path, site: Any) -> None:
    answer = type(site.answer("/"))
    site.answer = lambda _path: answer("<h1>安全验证</h1>请输入验证码<img src=/captcha.jpg>".encode())
    write(configs, forum(site.url))
    assert run(configs, "crawl", "forum").returncode == 3
    site.log.clear()
    done = run(configs, "crawl", "forum")
    assert (done.returncode, site.log) == (3, [])
    assert done.stderr.splitlines()[-1].startswith("forum: the site refused (captcha) and is left alone until ")
    assert run(configs, "crawl", "forum", "--now").returncode == 3
    assert site.asked == ["/forum.php"]


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
    (configs / "var").mkdir()
    with (
        opened(f"sqlite:///{configs / 'var' / 'state.db'}") as engine,
        turn(engine, "127.0.0.1", clock=SystemClock(), holder=holder()),
    ):
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


FILE = {"site": "weibo", "software": "file", "basis": "our own export", "columns": {"text": "正文", "id": "编号"}}


def invoke(configs: Path, *words: str, columns: int = 80) -> Result:
    return CliRunner().invoke(main, [*words, "--configs", str(configs)], env={"COLUMNS": str(columns)})


def hand_in(configs: Path, content: str, *, source: str = "export") -> Result:
    (configs / "a.csv").write_text(content, "utf-8")
    return invoke(configs, "import", str(configs / "a.csv"), "--source", source)


def health(configs: Path) -> dict[str, SourceHealth]:
    with disposing(open_state(f"sqlite:///{configs / 'var' / 'state.db'}")) as engine:
        return all_sources(engine)


def test_an_import_says_in_one_line_what_became_of_the_rows_and_the_source_is_known_from_then_on(configs: Path) -> None:
    write(configs, {"export": FILE | {"every": "7d"}})
    done = hand_in(configs, "编号,正文\n1,停电\n2,\n")
    assert done.exit_code == 1
    told = "a.csv: 2 rows, 1 sent, 0 unchanged, 1 rejected (1 × empty (neither text nor title, line 3))\n"
    assert told in done.output
    row = health(configs)["export"]
    assert (row.state, row.read, row.new) == ("partial", 1, 1)
    assert row.succeeded_at is not None
    assert row.fresh_until == row.succeeded_at + timedelta(days=14)
    assert CliRunner().invoke(stream, ["index", "--once", "--configs", str(configs)]).exit_code == 0
    (stage,) = loads(CliRunner().invoke(stream, ["status", "--json", "--configs", str(configs)]).stdout)["stages"]
    assert (stage["stage"], stage["source"]) == ("crawl", "export")


def test_a_file_without_the_column_ends_in_a_sentence_and_is_seen_in_the_sources(configs: Path) -> None:
    write(configs, {"export": FILE})
    done = hand_in(configs, "编号,内容\n1,停电\n")
    assert done.exit_code != 0
    assert "no column '正文'" in done.output
    shown = invoke(configs, "sources").output
    assert "failed" in shown
    assert "export: no_text_column (tried " in shown


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["crawl", "export"], "export is handed in: python -m crawlers import FILE --source export"),
        (["import", "{file}", "--source", "forum"], "forum is of software: discuz, and takes no files"),
        (["import", "{file}", "--source", "off"], "off is switched off"),
        (["import", "{file}", "--source", "nowhere"], "there are export, forum, off"),
    ],
)
def test_a_source_is_not_read_the_other_kinds_way(configs: Path, words: list[str], told: str) -> None:
    (configs / "a.csv").write_text("编号,正文\n1,停电\n", "utf-8")
    off = FILE | {"site": "off", "enabled": False}
    write(configs, forum("http://127.0.0.1:9/forum.php") | {"export": FILE, "off": off})
    done = invoke(configs, *(word.format(file=configs / "a.csv") for word in words))
    assert (done.exit_code, told in done.output) == (1, True)
    assert not (configs / "var").exists()


def test_a_source_that_is_configured_no_more_is_retired_when_another_one_is_read(configs: Path) -> None:
    other = FILE | {"site": "other"}
    write(configs, {"export": FILE, "other": other})
    table = "编号,正文\n1,停电\n"
    assert hand_in(configs, table).exit_code == hand_in(configs, table, source="other").exit_code == 0
    assert [row.retired_at for row in health(configs).values()] == [None, None]
    write(configs, {"other": other})
    hand_in(configs, table, source="other")
    assert {name: row.retired_at is None for name, row in health(configs).items()} == {"export": False, "other": True}
    write(configs, {"export": FILE, "other": other | {"enabled": False}})
    hand_in(configs, table)
    assert {name: row.retired_at is None for name, row in health(configs).items()} == {"export": True, "other": False}


def test_a_crawl_retires_what_is_configured_no_more(configs: Path, site: Any) -> None:
    write(configs, {"export": FILE})
    hand_in(configs, "编号,正文\n1,停电\n")
    answer = type(site.answer("/"))
    site.answer = lambda _path: answer(PAGE.encode())
    write(configs, forum(site.url))
    assert run(configs, "crawl", "forum").returncode == 0
    assert {name: row.retired_at is None for name, row in health(configs).items()} == {"export": False, "forum": True}


def test_a_topic_that_names_a_source_there_is_not_is_told_with_its_key(configs: Path) -> None:
    write(configs, forum("http://127.0.0.1:9/f"))
    rules = [{"any_of": ["停电"]}]
    named = {"topics": {"outage": {"name": "停电", "owner": "x", "rules": rules, "sources": ["forum", "forun"]}}}
    (configs / "topics.yml").write_text(safe_dump(named, allow_unicode=True), "utf-8")
    done = invoke(configs, "check-config")
    assert done.exit_code == 78
    assert "topics.yml: topics.outage.sources: crawlers.yml has no source 'forun'" in done.output
    assert "'forum'" not in done.output


def test_check_config_says_which_sources_nothing_reads_by_itself(configs: Path) -> None:
    off = forum("http://127.0.0.1:9/f")["forum"] | {"site": "off", "enabled": False}
    timed = forum("http://127.0.0.1:9/other/f", cron="0 3 * * *")["forum"] | {"site": "timed"}
    write(configs, forum("http://127.0.0.1:9/f") | {"off": off, "timed": timed, "export": FILE})
    done = invoke(configs, "check-config")
    assert (done.exit_code, done.output.splitlines()[1:]) == (
        0,
        ["sources.forum: no cron: only `python -m crawlers crawl forum` reads it"],
    )
    assert done.output.splitlines()[0].endswith("crawlers.yml: no mistakes, 4 sources")


@pytest.mark.parametrize("command", ["check-config", "sources"])
def test_an_empty_list_says_so_and_what_to_do(configs: Path, command: str) -> None:
    done = invoke(configs, command)
    assert (done.exit_code, "no sources yet: describe one under `sources:`" in done.output) == (0, True)


def test_the_sources_fit_eighty_columns_whatever_they_are_called(configs: Path) -> None:
    long = forum("http://127.0.0.1:9/f", cron="*/10 8-20 * * mon-fri")["forum"] | {"site": "long"}
    write(configs, forum("http://127.0.0.1:9/f") | {"长江电力城南供电所论坛" * 5: long, "export": FILE})
    hand_in(configs, "编号,正文\n" + "".join(f"{number},停电\n" for number in range(1_234)))
    hand_in(configs, "编号,内容\n")
    shown = invoke(configs, "sources").output
    assert max(cell_len(line) for line in shown.splitlines()) <= 80
    assert "…" not in shown
    assert ["forum", "discuz", "unread", "never"] in [line.split() for line in shown.splitlines()]


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
        for _ in range(900):
            if len(site.asked) == 2 or process.poll() is not None:
                break
            sleep(0.1)
    finally:
        process.terminate()
    assert process.wait(30) == 0
    assert len(site.asked) == 2
