"""The project's ordinary commands and configuration, put to a site as an operator would; and what they left behind."""

import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from secrets import token_hex

from yaml import safe_dump, safe_load

from crawlers.cli.reading import read_configs
from scripts.draining import index, load_model, score
from scripts.engines.process import Broken
from scripts.live.later import LaterClock
from stream.codec import POSTS
from stream.codec import SCORED as SCORED_POSTS
from stream.engines import open_consumer, open_index_reader
from stream.index.export import export_lines
from stream.index.port import Query
from stream.log.broker import RAW
from stream.messages import Post, ScoredPost
from stream.process.clock import SystemClock

_SHIPPED = Path("configs")
_READS = 0.2  # seconds without a record after which the log was read to its end
_ENDED = re.compile(r"^\S+: (ok|partial|failed|blocked) .*", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Installation:
    """A folder of configuration, with everything else below it."""

    configs: Path

    def add(self, url: str, name: str) -> str:
        """Lets `crawlers add` find out what runs at `url` and write it down; returns what it said."""
        said = self._run(
            "crawlers", "add", url, "--name", name, "--basis", "set up on this machine", "--private", "--yes"
        )
        path = self.configs / "crawlers.yml"
        told = safe_load(path.read_text("utf-8"))
        # No pause, for the server is ours; and whatever is old is looked at again within a day, not in a hundred.
        one = told["sources"][name]
        one |= {"delay": "0s"} | ({"sweep": 100} if one["software"] == "nodebb" else {})
        path.write_text(safe_dump(told, allow_unicode=True, sort_keys=False), "utf-8")
        return said

    def url(self, name: str) -> str:
        """Tells where a source is read, as it was written down."""
        _, config = read_configs(self.configs)
        return config.pulled[name].url

    def crawl(self, name: str, later: timedelta = timedelta(0)) -> str:
        """Crawls by `crawlers crawl`, or as it does with a clock set forward; returns how it says that it ended."""
        days = str(later / timedelta(days=1))
        told = self._run("scripts.live.later", name, "--days", days) if later else self._run("crawlers", "crawl", name)
        said = _ENDED.search(told)
        return said[0] if said else "said nothing"

    def sent(self) -> Iterator[Post]:
        """Reads every record that the crawls put into the log, in their order."""
        stream, _ = read_configs(self.configs)
        consumer = open_consumer(stream, SystemClock(), f"live.{token_hex(4)}", [RAW])
        with closing(consumer):
            while records := consumer.poll(500, _READS):
                yield from (POSTS.decode(record.value) for record in records)

    def searchable(self, later: timedelta = timedelta(0)) -> Mapping[str, ScoredPost]:
        """Scores and indexes what is in the log; returns what the index then exports, by id."""
        stream, _ = read_configs(self.configs)
        clock = LaterClock(later)
        score(stream, clock, *load_model(self.configs))
        index(stream, clock)
        with closing(open_index_reader(stream)) as reader:
            posts = [SCORED_POSTS.decode(line) for line in export_lines(reader, clock.now(), Query())]
        return {post.id: post for post in posts}

    def _run(self, module: str, *words: str) -> str:
        command = [sys.executable, "-m", module, *words, "--configs", str(self.configs)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode not in (0, 1, 3) or (words[0] == "add" and done.returncode):
            why = f"{done.stdout[-2000:]}{done.stderr[-3000:]}"
            raise Broken(f"{module} {words[0]} ended with {done.returncode}:\n{why}")
        return done.stdout


def installed(home: Path) -> Installation:
    """Writes the configuration that is shipped into a folder, with everything that comes of it below that folder."""
    configs = home / "configs"
    configs.mkdir(parents=True)
    key = home / "voice.key"
    key.touch(mode=0o600)
    key.write_text(token_hex(32))
    for name in ("stream", "nlp", "topics"):
        told = safe_load((_SHIPPED / f"{name}.yml").read_text("utf-8"))
        overlay = {"var": str(home / "var")} if name == "stream" else {}
        (configs / f"{name}.yml").write_text(safe_dump(told | overlay, allow_unicode=True, sort_keys=False), "utf-8")
    crawlers = {"contact": "live@example.invalid", "voice_key_file": str(key), "sources": {}}
    (configs / "crawlers.yml").write_text(safe_dump(crawlers, allow_unicode=True, sort_keys=False), "utf-8")
    return Installation(configs)
