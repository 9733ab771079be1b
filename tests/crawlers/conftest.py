from collections.abc import Iterator

import pytest

from crawlers.loop import CrawlLoop


@pytest.fixture(scope="session")
def crawl_loop() -> Iterator[CrawlLoop]:
    """A process has one reactor."""
    loop = CrawlLoop()
    yield loop
    loop.close()
