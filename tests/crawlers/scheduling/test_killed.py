"""Killed with a tick taken, the next scheduler crawls; killed with a new file beside the old, the old is whole."""

import os
import signal
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from textwrap import dedent

from crawlers.scheduling.ledger import ticks
from stream.process.failpoints import VARIABLE
from stream.process.holders import holder
from tests.databases import opened

NOW = datetime(2026, 11, 28, 8, tzinfo=UTC)


def killed(place: str, program: str, *words: str) -> int:
    environ = os.environ | {VARIABLE: f"{place}=kill@1"}
    done = subprocess.run([sys.executable, "-c", dedent(program), *words], env=environ, check=False, timeout=100)
    return done.returncode


SCHEDULING = """
    import sys
    from datetime import UTC, datetime
    from tests.crawlers.scheduling.test_scheduler import Hall
    from crawlers.config import CrawlersConfig
    from crawlers.scheduling.scheduler import CrawlScheduler
    from crawlers.scheduling.watched import WatchedConfig
    from pathlib import Path
    from stream.process.configuration import Configuration
    from stream.process.holders import holder
    from stream.state.database import open_state

    folder = Path(sys.argv[1])
    watched = WatchedConfig(folder / "crawlers.yml", Configuration(folder).add("crawlers.yml", CrawlersConfig))
    now = datetime(2026, 11, 28, 8, tzinfo=UTC)
    CrawlScheduler(watched, open_state(f"sqlite:///{folder}/state.db"), Hall(), holder(), now).round(now)
"""


def test_a_tick_that_was_taken_by_a_scheduler_that_was_killed_is_due_again_at_once(tmp_path: Path) -> None:
    (tmp_path / "key").touch(mode=0o600)
    (tmp_path / "key").write_text("secret", "utf-8")
    (tmp_path / "crawlers.yml").write_text(
        f"contact: ops@corp.cn\nvoice_key_file: {tmp_path}/key\nsources:\n"
        "  a: {site: a, software: feed, url: 'https://a.corp.cn/', basis: a test, cron: '*/10 * * * *'}\n",
        "utf-8",
    )
    with opened(f"sqlite:///{tmp_path / 'state.db'}") as engine:
        assert killed("crawl.claimed", SCHEDULING, str(tmp_path)) == -signal.SIGKILL
        taken = ticks(engine)["a"]
        assert (taken.tick, taken.cut_off(NOW)) == (NOW, True)
        assert taken.holder != holder()


WRITING = """
    import sys
    from pathlib import Path
    from crawlers.probing.writing import add_source

    add_source(Path(sys.argv[1]), "news:\\n  site: news\\n", lambda new: None)
"""


def test_a_file_that_was_being_written_is_the_old_one_and_the_next_time_is_like_the_first(tmp_path: Path) -> None:
    file = tmp_path / "crawlers.yml"
    file.write_text("sources: {}\n", "utf-8")
    assert killed("source.written", WRITING, str(file)) == -signal.SIGKILL
    assert file.read_text("utf-8") == "sources: {}\n"
    done = subprocess.run([sys.executable, "-c", dedent(WRITING), str(file)], check=True, timeout=100)
    assert done.returncode == 0
    assert file.read_text("utf-8") == "sources:\n  news:\n    site: news\n"
    assert os.listdir(tmp_path) == ["crawlers.yml"]
