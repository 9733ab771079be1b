"""How the sources stand, for a person at eighty columns, for a program, and as an exit code."""

from collections import Counter
from datetime import timedelta
from json import loads
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from rich.cells import cell_len
from sqlalchemy import Engine
from yaml import safe_dump, safe_load

from crawlers.cli.commands import main
from crawlers.health import Tally, begin, end
from crawlers.lists import ListTally
from stream.process.clock import SystemClock
from stream.state.database import disposing, migrate, open_state

HOUR = timedelta(hours=1)
NAMES = ("working", "blocked", "changed", "lost", "unread", "off")


def source(name: str, **more: Any) -> dict[str, Any]:
    told = {"site": name, "software": "feed", "url": f"https://{name}.example.cn/feed", "basis": "a test"}
    return told | {"cron": "*/10 * * * *"} | more


@pytest.fixture
def configs(tmp_path: Path) -> Path:
    key = tmp_path / "voice.key"
    key.touch(mode=0o600)
    key.write_text("secret", "utf-8")
    sources = {name: source(name, enabled=name != "off") for name in NAMES}
    written = {"contact": "ops@corp.cn", "voice_key_file": str(key), "sources": sources}
    (tmp_path / "crawlers.yml").write_text(safe_dump(written), "utf-8")
    (tmp_path / "stream.yml").write_text(safe_dump({"var": str(tmp_path / "var")}), "utf-8")
    return tmp_path


@pytest.fixture
def state(configs: Path) -> Any:
    (configs / "var").mkdir()
    with disposing(open_state(f"sqlite:///{configs / 'var' / 'state.db'}")) as engine:
        migrate(engine)
        yield engine


def crawled(engine: Engine, name: str, *tallies: Tally) -> None:
    now = SystemClock().now()
    for tally in tallies:
        begin(engine, name, name, now)
        end(engine, name, tally, fresh_until=lambda start: start + HOUR, due_at=lambda start: start + HOUR / 2, now=now)


def health(configs: Path, *words: str) -> Result:
    return CliRunner().invoke(main, ["health", *words, "--configs", str(configs)], env={"COLUMNS": "80"})


@pytest.fixture
def whole(configs: Path, state: Engine) -> Path:
    crawled(state, "working", Tally(pages=1, read=3, new=3))
    crawled(state, "blocked", Tally(blocked="captcha"))
    crawled(state, "changed", Tally(broken="layout", not_understood=1, software="phpBB"))
    crawled(state, "lost", Tally(pages=3, read=3, new=3, lost=["教育民生"]))
    return configs


def test_each_source_has_its_state_the_worst_first_and_the_exit_code_says_so(whole: Path) -> None:
    shown = health(whole)
    assert shown.exit_code == 1
    lines = shown.stdout.splitlines()
    states = [line.split()[:2] for line in lines[1:7]]
    assert states == [
        ["blocked", "blocked"], ["changed", "changed"], ["lost", "incomplete"], ["unread", "unread"],
        ["working", "working"], ["off", "off"],
    ]  # fmt: skip
    assert lines[7].startswith("blocked: captcha; left alone until ")
    assert lines[8:] == ["changed: layout; this is phpBB", "lost: gone: 教育民生", "unread: never read"]
    assert max(map(cell_len, lines)) <= 80


def test_a_program_reads_the_same_as_json(whole: Path) -> None:
    told = {one["source"]: one for one in loads(health(whole, "--json").stdout)["sources"]}
    assert {name: one["state"] for name, one in told.items()} == {
        "working": "working", "blocked": "blocked", "changed": "changed", "lost": "incomplete", "unread": "unread",
        "off": "off",
    }  # fmt: skip
    assert (told["lost"]["lost"], told["lost"]["sign"], told["lost"]["well"]) == (["教育民生"], "lost", False)
    assert told["blocked"]["rests_until"] > told["blocked"]["since"]
    assert told["working"]["last_good_page"] is not None
    assert told["off"] == {"source": "off", "state": "off", "well": True}


def test_where_all_is_well_the_exit_code_is_zero(configs: Path, state: Engine) -> None:
    for name in NAMES[:-1]:
        crawled(state, name, Tally(pages=1, read=1, new=1))
    assert health(configs).exit_code == 0


def test_a_wrong_var_is_refused_instead_of_made(configs: Path) -> None:
    refused = health(configs)
    assert refused.exit_code == 78
    assert "is `var` right, and did any stage run yet?" in refused.stderr
    assert not (configs / "var").exists()


def test_a_source_that_was_never_read_has_no_times_and_one_never_read_well_says_never(
    configs: Path, state: Engine
) -> None:
    crawled(state, "changed", Tally(broken="layout"))
    told = {one["source"]: one for one in loads(health(configs, "--json").stdout)["sources"]}
    assert told["unread"] == {
        "source": "unread", "state": "unread", "well": False, "since": None, "sign": told["unread"]["sign"],
        "why": "never read",
    }  # fmt: skip
    assert (told["changed"]["last_good_page"], told["changed"]["last_success"]) == (None, None)
    (line,) = [one for one in health(configs).stdout.splitlines() if one.startswith("changed ")]
    assert "never" in line.split()


def test_what_is_handed_in_now_and_then_is_waited_for_only_where_it_has_a_rhythm(configs: Path, state: Engine) -> None:
    told = safe_load((configs / "crawlers.yml").read_text("utf-8"))
    handed_in = {"software": "file", "basis": "a test", "columns": {"text": "正文"}}
    told["sources"] = {"export": {"site": "one", **handed_in}, "weekly": {"site": "two", **handed_in, "every": "7d"}}
    (configs / "crawlers.yml").write_text(safe_dump(told), "utf-8")
    shown = health(configs, "--json")
    assert [(one["source"], one["state"], one["well"]) for one in loads(shown.stdout)["sources"]] == [
        ("weekly", "unread", False),
        ("export", "unread", True),
    ]
    assert shown.exit_code == 1


def test_a_source_of_another_day_that_nothing_configures_is_not_shown(configs: Path, state: Engine) -> None:
    crawled(state, "gone", Tally(broken="layout"))
    for name in NAMES[:-1]:
        crawled(state, name, Tally(pages=1, read=1, new=1))
    shown = health(configs)
    assert (shown.exit_code, "gone" in shown.stdout) == (0, False)


def test_the_lists_and_the_not_understood_are_numbers_for_a_program(configs: Path, state: Engine) -> None:
    comments = ListTally(name="评论", began=SystemClock().now(), posts=9)
    tally = Tally(pages=4, read=4, not_understood=1, lists={"comments": comments}, unknown=Counter(alias=3))
    crawled(state, "lost", tally)
    (told,) = [one for one in loads(health(configs, "--json").stdout)["sources"] if one["source"] == "lost"]
    assert (told["not_understood"], told["unknown"]) == (1, {"alias": 3})
    (one,) = told["lists"]
    assert (one["list"], one["key"], one["posts"]) == ("评论", "comments", {"told": 9, "held": 0, "missing": 9})
    assert (one["threads"], one["complete_until"]) == ({"told": None, "held": None, "missing": None}, None)


def test_of_one_source_its_lists_are_shown_and_no_other_source(whole: Path, state: Engine) -> None:
    now = SystemClock().now()
    lists = {
        "3": ListTally(name="停电与抢修", began=now, of_threads=True, threads=45, ended=True, whole=True),
        "4": ListTally(name="电费", began=now, of_threads=True),
    }
    crawled(state, "working", Tally(pages=1, read=3, new=3, lists=lists))
    shown = health(whole, "working")
    lines = shown.stdout.splitlines()
    assert (shown.exit_code, "blocked" in shown.stdout) == (1, False)
    assert lines[2] == "working: 45 of 45 missing in 停电与抢修"
    assert [line.split()[:5] for line in lines[3:]] == [
        ["list", "threads", "posts", "missing", "waiting"],
        ["停电与抢修", "0/45", "0/?", "45!", lines[4].split()[4]],
        ["电费", "0/?", "0/?", "?", "never"],
    ]
    assert max(map(cell_len, lines)) <= 80
    assert health(whole, "blocked").stdout.splitlines()[-1] == "no list was read yet"


def test_a_source_that_is_not_configured_is_refused_with_those_that_are_also_before_any_ran(configs: Path) -> None:
    refused = health(configs, "workin")
    assert refused.exit_code == 2
    told = "no source 'workin' in crawlers.yml; there are blocked, changed, lost, off, unread, working"
    assert told in refused.stderr


def test_a_long_name_is_folded_and_the_table_stays_within_eighty_columns(configs: Path, state: Engine) -> None:
    name = "东城区政府网站留言板块与互动交流栏目的投诉和建议"
    told = safe_load((configs / "crawlers.yml").read_text("utf-8"))
    told["sources"] = {name: source("bbs") | {"url": "https://bbs.example.cn/feed"}}
    (configs / "crawlers.yml").write_text(safe_dump(told, allow_unicode=True), "utf-8")
    crawled(state, name, Tally(pages=1, read=123_456, new=1))
    lines = health(configs).stdout.splitlines()
    assert max(map(cell_len, lines)) <= 80
    assert "".join(line[:12] for line in lines[1:]).replace(" ", "").startswith(name[:12])
