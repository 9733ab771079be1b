"""PostgreSQL over TLS with a password from a file, as stream.yml writes it, and each way to be refused."""

from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest
from sqlalchemy import create_engine, make_url, text

from scripts.engines.postgres import authority
from stream.config import read_stream
from stream.engines import open_state_engine
from stream.errors import ConfigError
from tests.databases import Postgres

ENGINE = Path(__file__).parents[3] / "var" / "engines" / "postgres"
PASSWORD = "for tests on the loopback alone"


@pytest.fixture
def database(postgres: Postgres) -> Iterator[str]:
    """A database of a user whom the server lets in over TLS with a password only."""
    if not authority(ENGINE).exists():
        pytest.skip("the server is not the one of make engines")
    user = f"guarded_{uuid4().hex[:12]}"
    with postgres.database(migrated=False) as url:
        engine = create_engine(url, isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            if not connection.execute(text("SELECT 1 FROM pg_roles WHERE rolname = 'guarded'")).scalar():
                connection.execute(text("CREATE ROLE guarded"))
            connection.execute(text(f"CREATE ROLE {user} LOGIN PASSWORD '{PASSWORD}' IN ROLE guarded"))
            connection.execute(text(f"GRANT ALL ON SCHEMA public TO {user}"))
        yield make_url(url).set(username=user).render_as_string()
        with engine.connect() as connection:
            connection.execute(text(f"DROP OWNED BY {user}"))
            connection.execute(text(f"DROP ROLE {user}"))
        engine.dispose()


def open_with(folder: Path, address: str, password: str | None = PASSWORD) -> bool:
    """Whether the connection that stream.yml leads to is encrypted."""
    lines = [f"state: {address}"]
    if password is not None:
        (folder / "password").write_text(password + "\n")
        lines.append(f"state_password_file: {folder / 'password'}")
    (folder / "stream.yml").write_text("\n".join(lines))
    engine = open_state_engine(read_stream(folder))
    try:
        with engine.connect() as connection:
            found = connection.execute(text("SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()")).scalar()
        return bool(found)
    finally:
        engine.dispose()


def test_tls_and_a_password_file_reach_the_database(tmp_path: Path, database: str) -> None:
    assert open_with(tmp_path, f"{database}?sslmode=verify-full&sslrootcert={authority(ENGINE)}")


@pytest.mark.parametrize(
    ("options", "password", "sentence"),
    [
        ("sslmode=verify-full&sslrootcert={ca}", "not this one", "state: the server refuses this password: set state_"),
        ("sslmode=verify-full&sslrootcert={ca}", None, "state: the server refuses this password: set state_password"),
        ("sslmode=disable", PASSWORD, r"state: the server lets this user not in from here: .* pg_hba\.conf"),
        ("sslmode=verify-full&sslrootcert=nowhere", PASSWORD, "certificate is not trusted: correct sslrootcert"),
        ("sslmode=verify-full&sslrootcert={foreign}", PASSWORD, "certificate is not trusted: correct sslrootcert"),
    ],
)
def test_each_refusal_is_one_sentence_without_the_password(
    tmp_path: Path, database: str, options: str, password: str | None, sentence: str
) -> None:
    foreign = Path("/etc/ssl/certs/ca-certificates.crt")
    address = f"{database}?{options.format(ca=authority(ENGINE), foreign=foreign)}"
    with pytest.raises(ConfigError, match=sentence) as refused:
        open_with(tmp_path, address, password)
    assert len(refused.value.mistakes) == 1
    assert "\n" not in str(refused.value)
    assert PASSWORD not in str(refused.value)
