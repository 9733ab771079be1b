"""The fields of the index's documents as Kibana sees them, read from the templates that the index stage writes."""

from typing import Any

from stream.index.elastic.events import series
from stream.index.elastic.schema import MAPPING, Names

_TYPES = {
    "keyword": "string", "date": "date", "boolean": "boolean", "float": "number", "long": "number", "integer": "number",
}  # fmt: skip


def mappings() -> dict[str, dict[str, Any]]:
    """Each field's own mapping by view and full name, objects unfolded."""
    cases, history, health = series(Names())
    made = {"posts": MAPPING["properties"]}
    made |= {"cases": cases.properties, "history": history.properties, "health": health.properties}
    return {view: _unfolded(properties) for view, properties in made.items()}


def countable() -> dict[str, dict[str, str]]:
    """The types of those fields that may be grouped by or reckoned with: no text, nothing without doc values."""
    return {
        view: {
            name: _TYPES[told["type"]]
            for name, told in fields.items()
            if told["type"] in _TYPES and told.get("doc_values", True)
        }
        for view, fields in mappings().items()
    }


def _unfolded(properties: dict[str, Any], before: str = "") -> dict[str, dict[str, Any]]:
    fields: dict[str, dict[str, Any]] = {}
    for name, told in properties.items():
        fields |= _unfolded(told["properties"], f"{before}{name}.") if "properties" in told else {before + name: told}
    return fields
