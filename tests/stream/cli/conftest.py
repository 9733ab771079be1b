"""Each command is tried on an embedded installation of its own."""

from pathlib import Path

import pytest

from tests.stream.installation import Embedded, embedded


@pytest.fixture
def place(tmp_path: Path) -> Embedded:
    return embedded(tmp_path)
