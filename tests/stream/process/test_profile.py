"""The production profile: what it refuses, each with a sentence that names key and remedy, and what lifts it."""

from pathlib import Path

import pytest

from stream.config import StreamConfig
from stream.errors import ConfigError
from stream.process.configuration import Configuration

SAFE = """\
profile: production
log: kafka://a:9093,b:9093?security_protocol=SASL_SSL&sasl_mechanism=PLAIN&sasl_plain_username=w&ssl_cafile=ca.pem
log_password_env: WENFENG_SECRET
index: https://search:9200
index_api_key_env: WENFENG_SECRET
state: postgresql+psycopg://w@db/w?sslmode=verify-full&sslrootcert=ca.pem
state_password_env: WENFENG_SECRET
"""


def load(folder: Path, text: str) -> StreamConfig:
    (folder / "stream.yml").write_text(text, "utf-8")
    return Configuration(folder, {"WENFENG_SECRET": "geheim"}).add("stream.yml", StreamConfig)()


def mistakes(folder: Path, text: str) -> list[tuple[str, str]]:
    with pytest.raises(ConfigError) as refused:
        load(folder, text)
    assert "geheim" not in str(refused.value)
    return [(mistake.key, mistake.problem) for mistake in refused.value.mistakes]


def without(*keys: str) -> str:
    return "".join(line for line in SAFE.splitlines(True) if not line.startswith(keys))


def test_safe_engines_pass_and_keep_three_copies(tmp_path: Path) -> None:
    assert load(tmp_path, SAFE).copies == 3


def test_files_of_one_machine_are_refused_all_at_once(tmp_path: Path) -> None:
    found = mistakes(tmp_path, "profile: production")
    assert [key for key, _ in found] == ["log", "index", "state"]
    assert all("in a file of one machine: write" in problem and "allow: [sqlite]" in problem for _, problem in found)


@pytest.mark.parametrize(
    ("before", "after", "key", "remedy"),
    [
        ("security_protocol=SASL_SSL", "security_protocol=SASL_PLAINTEXT", "log", "add security_protocol=SASL_SSL"),
        ("https://search", "http://search", "index", "write https://"),
        ("verify-full", "require", "state", "add sslmode=verify-full"),
        ("?sslmode=verify-full&sslrootcert=ca.pem", "", "state", "add sslmode=verify-full"),
    ],
)
def test_what_goes_in_the_clear_is_refused(tmp_path: Path, before: str, after: str, key: str, remedy: str) -> None:
    ((told, problem),) = mistakes(tmp_path, SAFE.replace(before, after))
    assert told == key
    assert remedy in problem
    assert load(tmp_path, SAFE.replace(before, after) + "allow: [plaintext]")


@pytest.mark.parametrize(
    ("missing", "key", "remedy"),
    [
        ("log_password", "log", "log_password_file"),
        ("index_api_key", "index", "index_api_key_file"),
        ("state_password", "state", "state_password_file"),
    ],
)
def test_an_engine_that_asks_nobody_who_he_is_is_refused(tmp_path: Path, missing: str, key: str, remedy: str) -> None:
    ((told, problem),) = mistakes(tmp_path, without(missing))
    assert told == key
    assert remedy in problem
    assert load(tmp_path, without(missing) + "allow: [no_login]")


def test_certificates_are_a_login(tmp_path: Path) -> None:
    text = without("log", "state") + (
        "log: kafka://a:9093?security_protocol=SSL&ssl_cafile=ca.pem&ssl_certfile=us.pem\n"
        "state: postgresql+psycopg://w@db/w?sslmode=verify-ca&sslcert=us.pem&sslkey=us.key\n"
    )
    assert load(tmp_path, text)


def test_a_single_broker_must_be_allowed(tmp_path: Path) -> None:
    assert load(tmp_path, SAFE + "allow: [single_broker]").copies == 1


def test_allowing_where_nothing_is_refused_is_a_mistake(tmp_path: Path) -> None:
    ((key, problem),) = mistakes(tmp_path, "allow: [sqlite]")
    assert key == "allow"
    assert "belongs to profile: production" in problem


def test_what_cannot_be_allowed_is_told_with_what_can(tmp_path: Path) -> None:
    ((key, problem),) = mistakes(tmp_path, SAFE + "allow: [everything]")
    assert key.startswith("allow")
    assert "'single_broker'" in problem
