from collections.abc import Iterator
from pathlib import Path
from threading import Thread

import pytest
from sqlalchemy import Engine

from tests.crawlers.push.reception.room import Room
from tests.crawlers.push.reception.service_desk import ServiceDesk


@pytest.fixture
def room(tmp_path: Path, state: Engine) -> Iterator[Room]:
    one = Room(tmp_path, state)
    yield one
    one.close()


@pytest.fixture
def service() -> Iterator[ServiceDesk]:
    with ServiceDesk() as desk:
        thread = Thread(target=desk.serve_forever, args=(0.05,))
        thread.start()
        yield desk
        desk.shutdown()
        thread.join()
