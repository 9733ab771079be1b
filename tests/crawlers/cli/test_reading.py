"""What is said of a source that is not there."""

from pathlib import Path

import pytest
from yaml import safe_dump

from crawlers.cli.reading import no_source
from crawlers.config import CrawlersConfig
from stream.process.configuration import Configuration

MANY = [f"site{number}" for number in range(30)]


def config(folder: Path, names: list[str]) -> CrawlersConfig:
    feed = {"software": "feed", "basis": "a test"}
    sources = {name: feed | {"site": name, "url": f"https://{name}.example.cn/feed"} for name in names}
    key = folder / "voice.key"
    key.touch(mode=0o600)
    key.write_text("secret", "utf-8")
    written = {"contact": "ops@corp.cn", "voice_key_file": str(key), "sources": sources}
    (folder / "crawlers.yml").write_text(safe_dump(written), "utf-8")
    return Configuration(folder).add("crawlers.yml", CrawlersConfig)()


@pytest.mark.parametrize(
    ("names", "told"),
    [
        ([], "no source 'nws' in crawlers.yml; there are none yet: describe one under `sources:`"),
        (["news", "forum"], "no source 'nws' in crawlers.yml; there are forum, news"),
        (["news", *MANY], "no source 'nws' in crawlers.yml, but news; `python -m crawlers sources` lists all 31"),
        (MANY, "no source 'nws' in crawlers.yml; `python -m crawlers sources` lists all 30"),
    ],
)
def test_a_source_that_is_not_there_is_told_with_those_that_are(tmp_path: Path, names: list[str], told: str) -> None:
    assert no_source(config(tmp_path, names), "nws") == told
