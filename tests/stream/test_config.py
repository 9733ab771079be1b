"""What stream.yml may say, key by key."""

from pathlib import Path

import pytest

from stream.config import StreamConfig
from stream.errors import ConfigError
from stream.process.configuration import Configuration


def load(folder: Path, text: str, **environ: str) -> StreamConfig:
    (folder / "stream.yml").write_text(text, "utf-8")
    return Configuration(folder, environ).add("stream.yml", StreamConfig)()


def mistakes(folder: Path, text: str) -> list[tuple[str, str]]:
    with pytest.raises(ConfigError) as refused:
        load(folder, text)
    return [(mistake.key, mistake.problem) for mistake in refused.value.mistakes]


def test_the_state_database_is_a_file_or_postgresql_with_its_password_elsewhere(tmp_path: Path) -> None:
    text = "state: postgresql+psycopg://wenfeng@db:5433/wenfeng\nstate_password_env: WENFENG_STATE_PASSWORD"
    loaded = load(tmp_path, text, WENFENG_STATE_PASSWORD="geheim")
    assert loaded.state_password.get_secret_value() == "geheim"
    assert "geheim" not in repr(loaded)
    for address in (
        "mysql://db/wenfeng",
        "postgresql://db/wenfeng",
        "postgresql+psycopg://db:port/wenfeng",
        "state.db",
    ):
        assert [key for key, _ in mistakes(tmp_path, f"state: {address}")] == ["state"]
    for address in ("postgresql+psycopg://me:geheim@db/w", "postgresql+psycopg://me@db/w?password=geheim"):
        ((_, problem),) = mistakes(tmp_path, f"state: {address}")
        assert "state_password_env" in problem
        assert "geheim" not in problem
