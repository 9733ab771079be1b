"""The index that every test of the port runs on: one of each adapter."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.stream.indices import ADAPTERS, Index, new_index


@pytest.fixture(params=ADAPTERS)
def index(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Index]:
    with new_index(request.param, tmp_path) as index:
        yield index
