from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from yaml import safe_dump

from crawlers.cli.commands import main
from crawlers.cli.imports import lines_of_import, lines_of_preview
from crawlers.edge import to_post
from crawlers.pages.observation import Observation
from crawlers.push.columns import Columns
from crawlers.push.files import ImportSummary
from crawlers.push.preview import Preview
from stream.messages import Crawl, Kind, Precision

FILE = {"site": "weibo", "software": "file", "basis": "our own export"}
TABLE = "微博id,微博正文,发布时间,设备\n5001,停电了,2020-11-28 08:00,x\n5002,来,电了,2020-11-28 08:05,x\n"


@pytest.fixture
def configs(tmp_path: Path) -> Path:
    key = tmp_path / "voice.key"
    key.touch(mode=0o600)
    key.write_text("secret", "utf-8")
    (tmp_path / "stream.yml").write_text(safe_dump({"var": str(tmp_path / "var")}), "utf-8")
    return tmp_path


def hand_in(configs: Path, content: str, *words: str, **source: Any) -> Result:
    told = {
        "contact": "ops@corp.cn",
        "voice_key_file": str(configs / "voice.key"),
        "sources": {"export": FILE | source},
    }
    (configs / "crawlers.yml").write_text(safe_dump(told), "utf-8")
    (configs / "a.csv").write_text(content, "utf-8", "surrogateescape")
    command = ["import", str(configs / "a.csv"), "--source", "export", "--configs", str(configs), *words]
    return CliRunner().invoke(main, command, env={"COLUMNS": "200"})


def test_a_dry_run_shows_the_guess_and_the_posts_and_sends_nothing(configs: Path) -> None:
    done = hand_in(configs, TABLE, "--dry-run")
    assert done.exit_code == 1
    assert [line for line in done.stdout.splitlines() if line] == [
        "guessed from the header; write it below the source in crawlers.yml to keep it or to mend it:",
        "  columns: {text: 微博正文, id: 微博id, published_at: 发布时间}",
        "  nothing is made of: 设备",
        "status:5001 (2020-11-28 08:00, counts towards no spike): 停电了",
        "a.csv: 2 rows, 1 would be sent, 1 rejected (1 × does_not_fit (5 cells under 4 names, line 3)); "
        "nothing was sent",
    ]
    assert not (configs / "var").exists()


def test_an_import_tells_the_guess_what_does_not_fit_and_where_all_of_it_is_listed(configs: Path) -> None:
    done = hand_in(configs, TABLE + '5003,"停"电,2020-11-28 08:10,x\n')
    assert done.exit_code == 1
    assert "  columns: {text: 微博正文, id: 微博id, published_at: 发布时间}\n" in done.stdout
    assert (
        "a.csv: 3 rows, 2 sent, 0 unchanged, 1 rejected (1 × does_not_fit (5 cells under 4 names, line 3))\n"
        in done.stdout
    )
    assert "to look at: 1 × stray_quote (a quote that is not closed, read as it stands, line 4)\n" in done.stdout
    assert f"by line: {configs}/var/imports/a.csv.rejected.jsonl" in done.stdout


def test_a_header_that_nobody_knows_ends_in_a_question_with_the_lines_to_write(configs: Path) -> None:
    done = hand_in(configs, "甲列,编号\n停电,1\n")
    assert done.exit_code != 0
    assert "no column is known to be the text; its header: 甲列, 编号" in done.output
    assert "      text: THE COLUMN OF THE TEXT\n      id: 编号" in done.output


NOON = datetime(2026, 11, 28, 4, 0, tzinfo=UTC)


def shown(observation: Observation, counts_now: bool = True) -> str:
    """The line of a dry run for one post."""
    crawl = Crawl(robots="not_applicable", rate=None, parser="file", version=2)
    post = to_post(
        observation, site="weibo", source="export", voice_key=b"", first_seen_at=NOON, observed_at=NOON, crawl=crawl,
        counts_now=counts_now,
    )  # fmt: skip
    seen = Preview(columns=Columns(text="正文"), rows=1, posts=1, first=[post])
    return next(iter(lines_of_preview(Path("a.csv"), seen, guessed=False)))


def test_a_post_is_shown_in_one_short_line_with_its_title_and_its_address() -> None:
    plain = Observation(native_id="status:1", kind=Kind.STATUS, thread="status:1", text="停电了\n谁知道")
    assert shown(plain) == "status:1 (no time): 停电了 谁知道"
    assert shown(plain, counts_now=False) == "status:1 (no time, counts towards no spike): 停电了 谁知道"
    whole = replace(
        plain, title="求助", url="https://a.example/1", text="停" * 80, published_at=NOON,
        published_precision=Precision.MINUTE,
    )  # fmt: skip
    assert shown(whole) == f"status:1 (2026-11-28 12:00): [求助] {'停' * 55}… https://a.example/1"
    assert shown(replace(plain, text="停" * 60)).endswith(f": {'停' * 60}")


def test_an_import_of_nothing_odd_is_one_line() -> None:
    summary = ImportSummary(rows=3, sent=1, unchanged=2, rejected=0)
    assert list(lines_of_import(Path("/x/a.csv"), summary)) == ["a.csv: 3 rows, 1 sent, 2 unchanged, 0 rejected"]


def test_each_reason_is_told_with_where_it_was_met_first() -> None:
    summary = ImportSummary(
        rows=5, sent=2, unchanged=0, rejected=3, reasons={"empty": 2, "does_not_fit": 1}, remarks={"id_twice": 4},
        examples={"empty": "neither, line 2", "does_not_fit": "9 cells, line 3", "id_twice": "line 5"},
        report=Path("var/a.csv.rejected.jsonl"),
    )  # fmt: skip
    assert list(lines_of_import(Path("a.csv"), summary)) == [
        "a.csv: 5 rows, 2 sent, 0 unchanged, 3 rejected "
        "(2 × empty (neither, line 2); 1 × does_not_fit (9 cells, line 3))",
        "to look at: 4 × id_twice (line 5)",
        "by line: var/a.csv.rejected.jsonl",
    ]


def test_a_name_that_is_no_utf8_is_told_with_question_marks() -> None:
    summary = ImportSummary(rows=0, sent=0, unchanged=0, rejected=0, report=Path("var/\udcc4.jsonl"))
    told = list(lines_of_import(Path("\udcc4\udce3.csv"), summary))
    assert told == ["??.csv: 0 rows, 0 sent, 0 unchanged, 0 rejected", "by line: var/?.jsonl"]


def test_a_header_that_no_terminal_takes_ends_in_a_sentence(configs: Path) -> None:
    done = hand_in(configs, "甲列,\udcff\udcfe\udce5\n" + "停电了,x\n" * 20)
    assert isinstance(done.exception, SystemExit)
    assert "a.csv: no column is known to be the text; its header: 甲列, ???\n" in done.output
