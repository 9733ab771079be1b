import shutil
from collections.abc import Iterator
from pathlib import Path
from threading import Thread

import pytest
from sqlalchemy import Engine

from crawlers.pull.loop import CrawlLoop
from stream.process.failpoints import arm
from stream.state.database import open_state
from tests.crawlers.running import Crawler
from tests.crawlers.site import Site
from tests.databases import opened


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


@pytest.fixture(scope="session")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A new state as one file, to be copied: to make one takes half a second."""
    file = tmp_path_factory.mktemp("migrated") / "state.db"
    with opened(f"sqlite:///{file}"):
        pass
    return file


@pytest.fixture
def state(migrated: Path, tmp_path: Path) -> Iterator[Engine]:
    shutil.copy(migrated, tmp_path / "state.db")
    engine = open_state(f"sqlite:///{tmp_path / 'state.db'}")
    yield engine
    arm("")
    engine.dispose()
