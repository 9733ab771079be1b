"""`take` and `receive` as a person types them."""

from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from yaml import safe_dump

from crawlers.cli.commands import main
from crawlers.cli.taking import how_handed_in
from crawlers.config import CrawlersConfig
from crawlers.push.file_source import FileSource
from crawlers.push.reception.sources import SuggestionsSource
from crawlers.source import Source
from stream.process.configuration import Configuration

COLUMNS = {"text": "内容"}


@pytest.fixture
def configs(tmp_path: Path) -> Path:
    key = tmp_path / "voice.key"
    key.touch(mode=0o600)
    key.write_text("k" * 64, "utf-8")
    (tmp_path / "stream.yml").write_text(safe_dump({"var": str(tmp_path / "var")}), "utf-8")
    (tmp_path / "topics.yml").write_text("topics: {}", "utf-8")
    (tmp_path / "drop").mkdir()
    drop = {"site": "d", "software": "folder", "basis": "a test", "path": str(tmp_path / "drop"), "columns": COLUMNS}
    mail = {
        "site": "m", "software": "mailbox", "basis": "a test", "host": "127.0.0.1", "port": 1, "tls": "none",
        "username": "u", "password_file": str(key), "cron": "*/5 * * * *",
    }  # fmt: skip
    write(tmp_path, {"drop": drop | {"still": "10ms"}, "mail": mail})
    return tmp_path


def write(folder: Path, sources: dict[str, Any], **more: Any) -> None:
    content = {"contact": "ops@corp.cn", "voice_key_file": str(folder / "voice.key"), "sources": sources} | more
    (folder / "crawlers.yml").write_text(safe_dump(content), "utf-8")


def run(configs: Path, *words: str) -> Result:
    return CliRunner().invoke(main, [*words, "--configs", str(configs)], env={"NO_COLOR": "1", "COLUMNS": "80"})


def test_a_folder_is_taken_in_one_line_and_shown_among_the_sources(configs: Path) -> None:
    (configs / "drop" / "a.csv").write_text("内容\n停水了\n来水了\n", "utf-8")
    done = run(configs, "take", "drop")
    assert done.exit_code == 0
    assert "drop: 1 files, 2 posts sent, 0 rows rejected, 0 files still growing\n" in done.stdout
    (configs / "drop" / "b.csv").write_text("甲,乙\n1,2\n", "utf-8")
    again = run(configs, "take", "drop")
    assert (again.exit_code, "not read: 1 × no_text_column" in again.stdout) == (1, True)
    shown = run(configs, "sources").stdout
    assert "*/5 * * * *" in shown
    assert "drop: 1 × unread_files_in_failed" in shown


def test_a_mailbox_that_is_away_is_told_in_a_line(configs: Path) -> None:
    told = run(configs, "take", "mail")
    assert told.exit_code != 0
    assert "127.0.0.1:1: ConnectionRefusedError" in told.output
    assert "Traceback" not in told.output


def test_what_is_no_place_of_ours_is_refused_with_those_there_are(configs: Path) -> None:
    told = run(configs, "take", "forum")
    assert told.exit_code == 1
    assert "no mailbox and no folder 'forum' in crawlers.yml; there are drop, mail" in told.output
    assert "drop is a folder: python -m crawlers take drop" in run(configs, "crawl", "drop").output


def test_a_place_without_a_cron_is_told_by_check_config(configs: Path) -> None:
    told = run(configs, "check-config").output
    assert "sources.drop: no cron: only `python -m crawlers take drop` looks into it" in told


def test_the_schedule_looks_into_each_place_with_a_cron(configs: Path) -> None:
    config = Configuration(configs).add("crawlers.yml", CrawlersConfig)()
    assert list(config.timed) == ["mail"]
    assert "mail" in run(configs, "schedule", "--show").output


def test_where_nothing_is_sent_to_us_receiving_ends_at_once(configs: Path) -> None:
    told = run(configs, "receive")
    assert (told.exit_code, "nothing to receive" in told.output) == (0, True)


def test_what_is_sent_to_us_is_neither_crawled_nor_imported(configs: Path) -> None:
    box = {"site": "b", "software": "suggestions", "basis": "a test"}
    write(configs, {"box": box}, reception={"listen": "127.0.0.1:8430"})
    assert "box is sent to us: python -m crawlers receive listens for it" in run(configs, "crawl", "box").output


def test_it_is_told_how_each_kind_comes_to_us(configs: Path) -> None:
    sources: dict[str, Source] = dict(Configuration(configs).add("crawlers.yml", CrawlersConfig)().sources)
    sources["form"] = SuggestionsSource(site="s", basis="a test")
    sources["export"] = FileSource(site="f", basis="a test")
    assert [how_handed_in(name, one) for name, one in sources.items()] == [
        "drop is a folder: python -m crawlers take drop",
        "mail is a mailbox: python -m crawlers take mail",
        "form is sent to us: python -m crawlers receive listens for it",
        "export is handed in: python -m crawlers import FILE --source export",
    ]


def test_a_place_that_is_switched_off_is_not_looked_into_by_the_scheduler(configs: Path) -> None:
    drop = {"site": "d", "software": "folder", "basis": "a test", "path": str(configs / "drop"), "cron": "0 * * * *"}
    write(configs, {"drop": drop | {"enabled": False}, "other": drop | {"path": str(configs / "other"), "site": "e"}})
    config = Configuration(configs).add("crawlers.yml", CrawlersConfig)()
    assert list(config.timed) == ["other"]


def test_a_folder_that_is_not_there_is_told_in_a_line_and_in_the_sources(configs: Path) -> None:
    (configs / "drop").rmdir()
    told = run(configs, "take", "drop")
    assert (told.exit_code != 0, "Traceback" in told.output) == (True, False)
    assert f"{configs / 'drop'}: make it, or correct path" in told.output
    assert "drop: no_such_folder" in run(configs, "sources").stdout


def test_where_there_is_no_place_of_ours_none_is_named(configs: Path) -> None:
    write(configs, {"export": {"site": "f", "software": "file", "basis": "a test", "columns": COLUMNS}})
    told = run(configs, "take", "export")
    assert "no mailbox and no folder 'export' in crawlers.yml; there are none" in told.output
