"""The index's port for its administrator: who may do what there."""

from collections.abc import Mapping
from typing import Any, Protocol


class Rights(Protocol):
    """What the index's server lets an administrator set up. Doing it again sets it back."""

    def put_roles(self, roles: Mapping[str, Mapping[str, Any]]) -> None:
        """Writes the roles, by name, each as the server describes one."""
        ...

    def put_user(self, user: str, role: str, password: str) -> None:
        """Makes a user with one role, or gives it this password and role."""
        ...

    def set_password(self, user: str, password: str) -> None:
        """Of a user that the server brought along, as kibana_system."""
        ...

    def make_key(self, name: str, role: Mapping[str, Any], days: int) -> str:
        """A key with this role's rights and no others, that ends by itself; the server tells it only this once."""
        ...

    def close(self) -> None:
        """Releases the engine."""
        ...
