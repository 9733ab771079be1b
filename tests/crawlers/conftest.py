from collections.abc import Iterator
from pathlib import Path
from threading import Thread

import pytest
from sqlalchemy import Engine

from crawlers.pull.loop import CrawlLoop
from tests.crawlers.running import Crawler
from tests.crawlers.site import Site


@pytest.fixture(scope="session")
def crawl_loop() -> Iterator[CrawlLoop]:
    """A process has one reactor."""
    loop = CrawlLoop()
    yield loop
    loop.close()


@pytest.fixture
def site() -> Iterator[Site]:
    server = Site()
    Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


@pytest.fixture
def crawler(tmp_path: Path, crawl_loop: CrawlLoop, site: Site, engine: Engine) -> Iterator[Crawler]:
    one = Crawler(tmp_path, crawl_loop, site, engine)
    yield one
    one.close()
