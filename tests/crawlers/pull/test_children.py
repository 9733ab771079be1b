"""Crawls as processes: how they ended is told, and no process outlives the one that started it."""

from pathlib import Path
from threading import Thread
from time import monotonic, sleep
from typing import Any

import pytest
from structlog.testing import capture_logs

from crawlers.pull.children import Children


@pytest.fixture
def children() -> Children:
    return Children()


def test_how_a_process_ended_is_told(children: Children) -> None:
    with capture_logs() as told:
        children.run(["--help"])
        children.run(["no-such-command"])
    assert [(line["arguments"], line["code"]) for line in told] == [(["--help"], 0), (["no-such-command"], 2)]


def test_after_the_end_nothing_is_started(children: Children) -> None:
    children.stop()
    with capture_logs() as told:
        children.run(["--help"])
    assert told == []


def test_what_still_runs_is_asked_to_end(children: Children, site: Any, tmp_path: Path) -> None:
    answer = type(site.answer("/"))
    site.robots = lambda: answer(status=503, headers={"Retry-After": "600"})
    key = tmp_path / "voice.key"
    key.touch(mode=0o600)
    key.write_text("secret", "utf-8")
    (tmp_path / "stream.yml").write_text(f"var: {tmp_path / 'var'}\n", "utf-8")
    (tmp_path / "crawlers.yml").write_text(
        f"contact: ops@corp.cn\nvoice_key_file: {key}\nsources:\n"
        f"  forum: {{site: bbs, software: discuz, basis: a test, private: true, url: '{site.url}'}}\n",
        "utf-8",
    )
    running = Thread(target=children.run, args=(["crawl", "forum", "--configs", str(tmp_path)],))
    running.start()
    until = monotonic() + 60
    while not site.log and monotonic() < until:
        sleep(0.05)
    assert site.log  # it waits for ten minutes now
    begun = monotonic()
    children.stop()
    running.join(30)
    assert not running.is_alive()
    assert monotonic() - begun < 25
