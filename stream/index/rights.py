"""The index's port for its administrator: who may do what there, and the descriptions in configs/elastic."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Protocol

from stream.errors import ConfigError, Mistake

WRITTEN_FOR = "wenfeng"  # the index_name that the descriptions in configs/elastic speak of


class Rights(Protocol):
    """What the index's server lets an administrator set up. Doing it again sets it back."""

    def put_roles(self, roles: Mapping[str, Mapping[str, Any]]) -> None:
        """Writes the roles, by name, each as the server describes one."""
        ...

    def put_user(self, user: str, role: str, password: str) -> None:
        """Makes a user with one role, or gives it this password and role."""
        ...

    def set_password(self, user: str, password: str) -> None:
        """Sets the password of a user that the server brought along, as kibana_system."""
        ...

    def make_key(self, name: str, role: Mapping[str, Any], days: int) -> str:
        """Makes a key with this role's rights and no others, that ends by itself.

        The server tells it only this once.
        """
        ...

    def close(self) -> None:
        """Releases the engine."""
        ...


def read_roles(folder: Path, name: str) -> dict[str, dict[str, Any]]:
    """Reads the descriptions by role, for the installation called `name`: stages.json is its role `<name>-stages`."""
    roles: dict[str, dict[str, Any]] = {}
    for path in sorted(folder.glob("*.json")):
        try:
            role: dict[str, Any] = json.loads(path.read_text("utf-8"))
        except ValueError as error:
            raise ConfigError([Mistake(str(path), "", f"not readable as JSON: {error}")]) from error
        for one in role.get("indices", []):
            one["names"] = [told.replace(f"{WRITTEN_FOR}-", f"{name}-", 1) for told in one["names"]]
        roles[f"{name}-{path.stem}"] = role
    if not roles:
        raise ConfigError([Mistake(str(folder), "", "no role is described here: name the folder with its *.json")])
    return roles
