"""A saved object as Kibana's import reads it, and the ones that are no picture: data views, searches, a tag.

Versions are the oldest true ones of each type, so that 8.14 and everything later migrates them upwards by itself.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from scripts.kibana.description import FieldName, Search, View
from scripts.kibana.vocabulary import Names

CORE = "8.8.0"
VERSIONS = {"index-pattern": "8.0.0", "tag": "8.0.0", "search": "8.0.0", "lens": "8.9.0", "dashboard": "8.9.0"}

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Reference:
    """What an object needs: its place in the object, and the other object."""

    name: str
    type: str
    id: str

    def json(self) -> Json:
        """As it is written."""
        return {"id": self.id, "name": self.name, "type": self.type}


@dataclass(frozen=True, slots=True)
class SavedObject:
    """One line of the file."""

    type: str
    id: str
    attributes: Json
    references: tuple[Reference, ...] = field(default=())

    def line(self) -> str:
        """The object as one line of JSON, keys in order, so that equal objects are equal bytes."""
        told = {
            "attributes": self.attributes,
            "coreMigrationVersion": CORE,
            "id": self.id,
            "managed": False,
            "references": [reference.json() for reference in self.references],
            "type": self.type,
            "typeMigrationVersion": VERSIONS[self.type],
        }
        return json.dumps(told, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


@dataclass(frozen=True, slots=True)
class Ids:
    """What the objects of an installation are called: its name on the server first, so that others are not touched."""

    name: str

    def view(self, key: str) -> str:
        """Of a data view; also its index alias."""
        return f"{self.name}-{key}"

    def search(self, key: str) -> str:
        """Of a saved search."""
        return f"{self.name}-search-{key}"

    def board(self, key: str) -> str:
        """Of a dashboard: letters link to it, so it never changes."""
        return f"{self.name}-board-{key}"

    def panel(self, board: str, key: str) -> str:
        """Of a picture on a dashboard."""
        return f"{self.name}-{board}-{key}"

    @property
    def tag(self) -> str:
        return f"{self.name}-tag"

    @property
    def tagged(self) -> Reference:
        """What every object carries to be found under the tag."""
        return Reference(f"tag-ref-{self.tag}", "tag", self.tag)


def packed(value: Any) -> str:
    """JSON in a string, as Kibana keeps parts of its objects."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def tag(ids: Ids) -> SavedObject:
    """The tag of everything that this program makes."""
    return SavedObject(
        "tag", ids.tag, {"name": "闻风", "description": "由 make kibana 导入，勿手工改动", "color": "#1f5a99"}
    )


def data_view(ids: Ids, key: str, view: View, words: dict[str, Names]) -> SavedObject:
    """A data view with Chinese names of fields and values."""
    fields = {name: one if isinstance(one, FieldName) else FieldName(name=one) for name, one in view.fields.items()}
    formats = {name: made for name, one in fields.items() if (made := _format(one, words))}
    attributes = {
        "title": ids.view(key),
        "name": view.name,
        "timeFieldName": view.time,
        "fields": "[]",
        "fieldAttrs": packed({name: {"customLabel": one.name} for name, one in fields.items()}),
        "fieldFormatMap": packed(formats),
        "runtimeFieldMap": "{}",
        "sourceFilters": packed([{"value": name} for name in view.hidden]),
        "allowHidden": False,
    }
    return SavedObject("index-pattern", ids.view(key), attributes, (ids.tagged,))


def _format(one: FieldName, words: dict[str, Names]) -> Json | None:
    if one.values is not None:
        entries = [{"key": str(key), "value": name} for key, name in words[one.values].items()]
        return {"id": "static_lookup", "params": {"lookupEntries": entries, "unknownKeyValue": None}}
    if one.format == "duration":
        params = {"inputFormat": "seconds", "outputFormat": "humanizePrecise", "outputPrecision": 1}
        return {"id": "duration", "params": {**params, "includeSpaceWithSuffix": True, "useShortSuffix": False}}
    if one.format == "link":  # Kibana itself makes none of what is no web address
        return {"id": "url", "params": {"type": "a", "urlTemplate": None, "labelTemplate": None}}
    return {"id": "percent", "params": {"pattern": "0.0%"}} if one.format == "percent" else None


def search(ids: Ids, key: str, one: Search, time: str) -> SavedObject:
    """A saved search in the order of time."""
    source = {
        "query": {"query": one.query, "language": "kuery"},
        "filter": [],
        "indexRefName": "kibanaSavedObjectMeta.searchSourceJSON.index",
    }
    attributes = {
        "title": one.title,
        "description": one.note,
        "columns": list(one.columns),
        "sort": [[time, "asc" if one.oldest_first else "desc"]],
        "grid": {},
        "hideChart": False,
        "isTextBasedQuery": False,
        "timeRestore": False,
        "usesAdHocDataView": False,
        "kibanaSavedObjectMeta": {"searchSourceJSON": packed(source)},
    }
    place = Reference("kibanaSavedObjectMeta.searchSourceJSON.index", "index-pattern", ids.view(one.view))
    return SavedObject("search", ids.search(key), attributes, (place, ids.tagged))


def ndjson(objects: Iterable[SavedObject]) -> str:
    """The file to import."""
    return "".join(one.line() + "\n" for one in objects)
