"""What the state database must know of PostgreSQL: how to connect so that nothing hangs, what its errors mean."""

from sqlalchemy import URL, Connection, Engine, create_engine, text
from sqlalchemy.exc import DBAPIError, OperationalError

OLDEST = (13, 0)
PASSING = {
    "25006",  # read-only: a failover under way, or a server short of space
    "25P03",  # idle in a transaction for too long
    "40001",  # could not serialise
    "40P01",  # deadlock: one of the two was chosen to go
    "53300",  # too many connections
    "55P03",  # a lock was not to be had in time
    "57014",  # the statement took too long
    "57P01",  # the server is being stopped
    "57P02",  # another process of the server died
    "57P03",  # the server is starting
    "57P05",  # idle for too long
}
_OPTIONS = {
    "statement_timeout": "30s",
    "lock_timeout": "20s",
    "idle_in_transaction_session_timeout": "60s",  # a stage that hangs must not hold a case for ever
    "timezone": "UTC",
}
_CONNECT = {
    "application_name": "wenfeng",
    "client_encoding": "utf8",
    "connect_timeout": 5,  # seconds, per address
    "keepalives_idle": 15,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 20_000,  # milliseconds until bytes that nobody acknowledged mean a cut network
    "target_session_attrs": "read-write",  # of several hosts the one that takes writes
}
#: Refusals that waiting does not mend, by SQLSTATE or, where the login itself failed, by the server's words.
_MISTAKES = {
    ("28P01", "password authentication failed", "no password supplied"): (
        "the server refuses this password: set state_password_env or state_password_file"
    ),
    ("server does not support SSL",): "the server has no TLS: set ssl = on there, or correct sslmode",
    ("root certificate file", "certificate verify failed", "does not match host name"): (
        "the server's certificate is not trusted: correct sslrootcert, or the host's name"
    ),
    ("does not exist",): "the server has no such user or database: create it there, or correct the address",
    (
        "28000",
        "no pg_hba.conf entry",
        "pg_hba.conf rejects",
    ): "the server lets this user not in from here: add a line to its pg_hba.conf",
    ("failed to resolve host",): "there is no host of this name: correct the address",
    ("42501",): "this user may not create tables there: GRANT ALL ON SCHEMA public TO it, as the database's owner",
}


def open_postgres(url: URL) -> Engine:
    """Opens an engine whose connections are proven before use.

    They give up on a dead server instead of waiting for ever.
    """
    given = url.query.get("options", "")
    options = [f"-c {name}={value}" for name, value in _OPTIONS.items()]
    told = " ".join([*options, *([given] if isinstance(given, str) else given)])
    return create_engine(url, pool_pre_ping=True, connect_args=_CONNECT | {"options": told})


def passing(error: DBAPIError) -> bool:
    """Tells whether waiting may help."""
    state = _state(error)
    if state is None:  # no answer of a server: it is away, or went away
        return error.connection_invalidated or isinstance(error, OperationalError)
    return error.connection_invalidated or state.startswith("08") or state in PASSING


def read_only(error: DBAPIError) -> bool:
    """Tells whether this server takes no writes any more, so that the open connections to it are of no use."""
    return _state(error) == "25006"


def mistake(error: DBAPIError) -> str | None:
    """Tells what a person has to mend, in one sentence; None where the address and the rights are not to blame."""
    state, words = _state(error), str(error.orig)
    at_login = state is None or state.startswith(("28", "3D"))
    for signs, sentence in _MISTAKES.items():
        if state in signs or (at_login and any(sign in words for sign in signs)):
            return f"{sentence} ({' '.join(words.split())})"
    return None


def unfit(connection: Connection) -> str | None:
    """Tells why this server cannot be used, in one sentence."""
    version = connection.dialect.server_version_info or ()
    if version < OLDEST:
        return f"the server is PostgreSQL {'.'.join(map(str, version))}: {OLDEST[0]} or newer is needed"
    encoding = connection.execute(text("SHOW server_encoding")).scalar()
    if encoding != "UTF8":
        return f"the database is kept in {encoding}: create one with ENCODING 'UTF8'"
    return None


def _state(error: DBAPIError) -> str | None:
    return getattr(error.orig, "sqlstate", None)
