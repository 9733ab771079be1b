"""What comes when is shown in eighty columns: running, stopped, due, missed."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from rich.cells import cell_len
from yaml import safe_dump

from crawlers.cli.commands import main
from crawlers.health import begin
from crawlers.pull.politeness.stops import stop
from crawlers.scheduling.ledger import claim, miss, release
from crawlers.scheduling.timing import Due
from stream.process.clock import SystemClock, local_time
from stream.process.holders import holder
from tests.databases import opened

FEED: dict[str, Any] = {"software": "feed", "basis": "a test", "cron": "*/10 8-20 * * mon-fri"}


@pytest.fixture
def configs(tmp_path: Path) -> Path:
    (tmp_path / "key").touch(mode=0o600)
    (tmp_path / "key").write_text("secret", "utf-8")
    (tmp_path / "stream.yml").write_text(safe_dump({"var": str(tmp_path / "var")}), "utf-8")
    (tmp_path / "var").mkdir()
    return tmp_path


def write(configs: Path, sources: dict[str, Any], **more: Any) -> None:
    whole = {"contact": "ops@corp.cn", "voice_key_file": str(configs / "key"), "sources": sources} | more
    (configs / "crawlers.yml").write_text(safe_dump(whole, allow_unicode=True), "utf-8")


def show(configs: Path) -> Result:
    return CliRunner().invoke(main, ["schedule", "--show", "--configs", str(configs)], env={"COLUMNS": "80"})


def source(name: str, **more: Any) -> dict[str, Any]:
    return FEED | {"site": name, "url": f"https://{name}.corp.cn/feed"} | more


def test_each_source_stands_with_its_next_and_last_crawl_and_what_was_missed(configs: Path) -> None:
    never = source("never", cron="0 3 1 1 *")
    write(configs, {
        "unread": source("a"), "late": source("b", cron="* * * * *"), "held": source("c"),
        "going": source("d"), "yearly": never, "by-hand": source("f", cron=None),
    })  # fmt: skip
    now = SystemClock().now()
    earlier = now - timedelta(minutes=90)
    with opened(f"sqlite:///{configs / 'var' / 'state.db'}") as engine:
        claim(engine, "late", Due(earlier, 3), "gone 1", earlier)
        release(engine, ["late"], "gone 1", earlier)
        claim(engine, "going", Due(now, 0), holder(), now)
        miss(engine, "going", Due(now, 0), holder(), now)
        begin(engine, "yearly", "never", now)
        stop(engine, "c.corp.cn", "the owner called", now)
    done = show(configs)
    lines = {line.split()[0]: line for line in done.output.splitlines()}
    assert done.exit_code == 0
    assert "due" in lines["unread"]
    assert "never" in lines["unread"]
    assert f"3 ({local_time(earlier, '%H:%M')})" in lines["late"] or "3 (" in lines["late"]
    assert "stopped" in lines["held"]
    assert "running" in lines["going"]
    assert "01-01 03:00" in lines["yearly"]
    assert done.output.splitlines()[-1] == "without a cron: by-hand"


def test_the_table_fits_eighty_columns_whatever_stands_in_it(configs: Path) -> None:
    long = source("a", hours="07:00-23:00", days="workdays")
    write(configs, {"长江电力城南供电所论坛" * 4: long})
    now = datetime(2020, 1, 2, 3, 4, tzinfo=UTC)
    with opened(f"sqlite:///{configs / 'var' / 'state.db'}") as engine:
        begin(engine, "长江电力城南供电所论坛" * 4, "a", now)
        claim(engine, "长江电力城南供电所论坛" * 4, Due(now, 12_345), "gone 1", now)
    shown = show(configs).output
    assert max(cell_len(line) for line in shown.splitlines()) <= 80
    assert "…" not in shown
    assert "12345 (01-02" in shown


def test_a_schedule_of_nothing_says_so(configs: Path) -> None:
    write(configs, {"by-hand": source("f", cron=None)})
    assert show(configs).output == "no source has a cron: nothing is crawled by itself\n"
