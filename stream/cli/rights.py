"""`python -m stream index rights` and `prepare`: what the index's administrator does once, so that no stage need to."""

from collections.abc import Mapping
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import click
from pydantic import SecretStr

from stream.cli.options import configs_option, explaining_errors
from stream.config import StreamConfig, read_stream
from stream.engines import open_event_writer, open_index_rights, open_index_writer
from stream.errors import ConfigError, Mistake
from stream.index.rights import read_roles

_file = click.Path(path_type=Path, exists=True, dir_okay=False)
_login = click.option("--login", default="elastic", show_default=True, help="The administrator who does it.")
_password = click.option("--password-file", type=_file, required=True, help="File of that login's password.")
_users = click.option(
    "--user", "users", nargs=3, multiple=True, metavar="NAME ROLE FILE", help="Make a user; FILE: its password."
)
_built_in = click.option(
    "--set-password", "built_in", nargs=2, multiple=True, metavar="NAME FILE", help="Of a user the server brought."
)
_key = click.option("--key", metavar="ROLE", help="Print a new API key of this role, for index_api_key_file.")
_days = click.option("--days", default=90, show_default=True, type=click.IntRange(1, 366), help="Until the key ends.")


@click.command()
@configs_option
@_login
@_password
@_users
@_built_in
@_key
@_days
def rights(
    configs: Path,
    login: str,
    password_file: Path,
    users: tuple[tuple[str, str, str], ...],
    built_in: tuple[tuple[str, str], ...],
    key: str | None,
    days: int,
) -> None:
    """Write the roles of configs/elastic to the index's server, and make users or a key with no other right."""
    with explaining_errors():
        config = read_stream(configs)
        roles = read_roles(configs / "elastic", config.index_name)
        for role in (*(role for _, role, _ in users), *([key] if key else [])):
            _refuse_unknown(role, roles)
        with closing(open_index_rights(_as(config, login, password_file))) as server:
            server.put_roles(roles)
            for user, role, file in users:
                server.put_user(user, role, _read(Path(file)))
            for user, file in built_in:
                server.set_password(user, _read(Path(file)))
            if key:
                click.echo(server.make_key(key, roles[key], days))
    click.echo(f"as described: {', '.join(roles)}; users: {len(users)}", err=True)


@click.command()
@configs_option
@_login
@_password
def prepare(configs: Path, login: str, password_file: Path) -> None:
    """Write the index's templates and first indices, so that the stages need no right to."""
    with explaining_errors():
        config = _as(read_stream(configs), login, password_file)
        for opens in (open_index_writer, open_event_writer):
            opens(config).close()
    click.echo("the index is prepared")


def _as(config: StreamConfig, login: str, password_file: Path) -> StreamConfig:
    return replace(config, index_user=login, index_password=SecretStr(_read(password_file)), index_api_key=None)


def _refuse_unknown(role: str, roles: Mapping[str, object]) -> None:
    if role not in roles:
        raise ConfigError([Mistake("configs/elastic", "", f"no role {role}: there are {', '.join(roles)}")])


def _read(path: Path) -> str:
    try:
        password = path.read_text("utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError([Mistake(str(path), "", f"cannot read the password: {error}")]) from error
    if not password:
        raise ConfigError([Mistake(str(path), "", "is empty")])
    return password
