from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine

from tests.crawlers.push.reception.room import Room


@pytest.fixture
def room(tmp_path: Path, state: Engine) -> Iterator[Room]:
    one = Room(tmp_path, state)
    yield one
    one.close()
