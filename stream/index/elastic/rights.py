"""Roles, users and keys on an Elasticsearch server, for its administrator."""

from collections.abc import Mapping
from typing import Any

from elasticsearch import Elasticsearch

from stream.index.elastic.server import asked

_JSON = {"accept": "application/json", "content-type": "application/json"}


class ElasticRights:
    """What an administrator's login may set up. Doing it again sets it back."""

    def __init__(self, client: Elasticsearch) -> None:
        self._client = client

    def put_roles(self, roles: Mapping[str, Mapping[str, Any]]) -> None:
        """Writes the roles."""
        for name, role in roles.items():
            self._put(f"/_security/role/{name}", role)

    def put_user(self, user: str, role: str, password: str) -> None:
        """Makes a user with one role, or gives it this password and role."""
        self._put(f"/_security/user/{user}", {"password": password, "roles": [role], "full_name": role})

    def set_password(self, user: str, password: str) -> None:
        """Sets the password of a user that the server brought along, as kibana_system."""
        self._put(f"/_security/user/{user}/_password", {"password": password})

    def make_key(self, name: str, role: Mapping[str, Any], days: int) -> str:
        """Makes a key with this role's rights and no others, that ends by itself.

        The server tells it only this once.
        """
        body = {"name": name, "expiration": f"{days}d", "role_descriptors": {name: role}}
        told = asked(lambda: self._client.perform_request("POST", "/_security/api_key", headers=_JSON, body=body))
        return str(told.body["encoded"])

    def close(self) -> None:
        """Releases the client."""
        self._client.close()

    def _put(self, path: str, body: Mapping[str, Any]) -> None:
        asked(lambda: self._client.perform_request("PUT", path, headers=_JSON, body=body))
