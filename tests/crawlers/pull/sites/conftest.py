from pathlib import Path

import pytest


@pytest.fixture
def state_url(tmp_path: Path) -> str:
    """SQLite alone: which SQL the spiders' memory takes is tested with that memory."""
    return f"sqlite:///{tmp_path / 'state.db'}"
