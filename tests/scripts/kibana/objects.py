"""The committed file read back as Kibana reads it: strings unpacked, references by name. Knows nothing of its maker."""

from collections.abc import Iterator
from dataclasses import dataclass
from json import loads
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[3]
FILE = ROOT / "configs" / "kibana" / "wenfeng.ndjson"

Json = dict[str, Any]


@dataclass(frozen=True)
class Object:
    """One line of the file."""

    type: str
    id: str
    attributes: Json
    references: tuple[Json, ...]
    whole: Json

    def refers(self, name: str) -> Json:
        """The reference of that name."""
        (found,) = [one for one in self.references if one["name"] == name]
        return found

    @property
    def title(self) -> str:
        return str(self.attributes.get("title", self.attributes.get("name")))


@dataclass(frozen=True)
class Drawn:
    """A Lens picture: its one layer, its filter and the alias it looks at."""

    lens: Object
    columns: dict[str, Json]
    order: tuple[str, ...]
    where: str
    view: Object

    @property
    def alias(self) -> str:
        return str(self.view.attributes["title"])


def objects(text: str | None = None) -> list[Object]:
    """The file's objects in their order."""
    lines = (FILE.read_text("utf-8") if text is None else text).splitlines()
    told = [loads(line) for line in lines]
    return [Object(one["type"], one["id"], one["attributes"], tuple(one["references"]), one) for one in told]


def drawn(one: Object, everything: list[Object]) -> Drawn:
    """A lens object with what it needs."""
    ((layer, based),) = one.attributes["state"]["datasourceStates"]["formBased"]["layers"].items()
    place = one.refers(f"indexpattern-datasource-layer-{layer}")
    (view,) = [other for other in everything if (other.type, other.id) == (place["type"], place["id"])]
    where = one.attributes["state"]["query"]["query"]
    return Drawn(one, based["columns"], tuple(based["columnOrder"]), where, view)


def source(one: Object) -> Json:
    """A saved search's or dashboard's query."""
    unpacked: Json = loads(one.attributes["kibanaSavedObjectMeta"]["searchSourceJSON"])
    return unpacked


def panels(one: Object) -> list[Json]:
    """A dashboard's panels."""
    unpacked: list[Json] = loads(one.attributes["panelsJSON"])
    return unpacked


def controls(one: Object) -> dict[str, Json]:
    """A dashboard's controls by id."""
    unpacked: dict[str, Json] = loads(one.attributes["controlGroupInput"]["panelsJSON"])
    return unpacked


def strings(value: Any) -> Iterator[str]:
    """Every string inside, keys too, packed JSON unpacked."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield key
            yield from strings(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from strings(inner)
    elif isinstance(value, str):
        yield value
        if value[:1] in ("{", "["):
            yield from strings(loads(value))
