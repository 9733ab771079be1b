"""The indices of posts on a server: made by us, one per month, in one version behind the alias."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from elastic_transport import ApiError
from elasticsearch import Elasticsearch, NotFoundError

from stream.index.elastic.schema import ERASED_MAPPING, SCHEMA, Names, components, index_template
from stream.index.elastic.server import error_type, unusable

MIGRATE = "run `python -m stream index migrate`"


def set_up(client: Elasticsearch, names: Names) -> None:
    """Makes the templates and the index of erased ids where they are missing; `ConfigError` where they are not ours."""
    refuse_foreign(template_meta(client, names), f"the index template {names.posts}")
    for index, mapping in client.indices.get_mapping(index=names.pattern).body.items():
        refuse_foreign(mapping["mappings"].get("_meta", {}), f"the index {index}")
    if template_meta(client, names) is None:
        write_templates(client, names)
    make(client, names.erased, mappings=ERASED_MAPPING, settings={"auto_expand_replicas": "0-1"})


def template_meta(client: Elasticsearch, names: Names) -> dict[str, Any] | None:
    """Reads what the index template says of itself; None where there is none."""
    try:
        found = client.indices.get_index_template(name=names.posts).body["index_templates"]
    except NotFoundError:
        return None
    meta: dict[str, Any] = found[0]["index_template"].get("_meta", {})
    return meta


def write_templates(client: Elasticsearch, names: Names) -> None:
    """Writes the templates of this program's version."""
    for name, template in components(names).items():
        client.perform_request("PUT", f"/_component_template/{name}", headers=_JSON, body=template)
    client.perform_request("PUT", f"/_index_template/{names.posts}", headers=_JSON, body=index_template(names))


_JSON = {"accept": "application/json", "content-type": "application/json"}


def refuse_foreign(meta: dict[str, Any] | None, what: str, schema: int | None = None) -> None:
    """Raises `ConfigError` for what another program made, or another version of this one."""
    if meta is None or (meta.get("program") == "wenfeng" and meta.get("schema") == (schema or SCHEMA)):
        return
    if meta.get("program") != "wenfeng":
        raise unusable(f"{what} is not of this program: give another index_name, or another server")
    older = meta.get("schema", 0) < SCHEMA
    raise unusable(
        f"{what} is of version {meta.get('schema')}, not {SCHEMA}: {MIGRATE if older else 'update the program'}"
    )


def make(client: Elasticsearch, index: str, **body: Any) -> None:
    """Makes an index, unless it is there."""
    try:
        client.indices.create(index=index, **body)
    except ApiError as error:
        if error_type(error.body) != "resource_already_exists_exception":
            raise


def versions(client: Elasticsearch, names: Names) -> dict[int, list[str]]:
    """Finds the indices behind the alias, by version; {} where there are none yet."""
    try:
        held = client.indices.get_alias(name=names.posts).body
    except NotFoundError:
        return {}
    return by_version(names, held)


def by_version(names: Names, indices: Iterable[str]) -> dict[int, list[str]]:
    """Groups names of indices of posts, sorted, by version."""
    found: dict[int, list[str]] = {}
    for index in sorted(indices):
        if (parts := names.parts(index)) is not None:
            found.setdefault(parts[2], []).append(index)
    return found


class Months:
    """Which index takes a post. Makes a month's index before its first post: auto-creation is off."""

    def __init__(self, client: Elasticsearch, names: Names, version: int | None = None) -> None:
        self._client = client
        self._names = names
        self._fixed = version  # of indices that no reader sees yet; None: whichever the alias has
        self._version = version or 1
        self._known: set[str] = set()

    def of(self, first_seen_at: datetime) -> str:
        """Names the index for a post first seen then; it is there when this returns."""
        index = self._names.month(first_seen_at, self._version)
        if index in self._known:
            return index
        self._look()  # the version may have changed since
        index = self._names.month(first_seen_at, self._version)
        if index not in self._known:
            make(self._client, index, **({"aliases": {self._names.posts: {}}} if self._fixed is None else {}))
            self._known.add(index)
        return index

    def forget(self) -> None:
        """Forgets what is known, so that the next post asks the server again."""
        self._known.clear()

    def moved(self) -> bool:
        """Tells whether another version of the indices is in use than when a post was placed last."""
        before = self._version
        self._look()
        return self._version != before

    def all(self) -> list[str]:
        """Lists every index of posts, of every version."""
        return sorted(self._client.indices.get_alias(index=self._names.pattern).body)

    def _look(self) -> None:
        if self._fixed is not None:
            return
        held = versions(self._client, self._names)
        self._version = max(held, default=1)
        self._known = set(held.get(self._version, ()))
