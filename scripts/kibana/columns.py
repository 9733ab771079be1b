"""The columns of a Lens layer: what is grouped by, and what is counted. Formulas are written out as Lens does."""

from dataclasses import dataclass
from itertools import count

from scripts.kibana.description import Bucket, Value
from scripts.kibana.objects import Json

RECORDS = "___records___"
PERCENT = {"id": "percent", "params": {"decimals": 1}}
_SORTABLE = {"count", "sum", "average", "median", "min", "max", "unique_count"}
_SCALES = {"string": "ordinal", "number": "ratio", "date": "interval", "boolean": "ordinal"}


@dataclass(frozen=True, slots=True)
class Layer:
    """A layer's columns in their order, and which of them are groups and numbers as the description has them."""

    columns: dict[str, Json]
    order: tuple[str, ...]
    groups: tuple[str, ...]
    numbers: tuple[str, ...]


def layer(groups: tuple[Bucket, ...], values: tuple[Value, ...], types: dict[str, str], time: str) -> Layer:
    """The columns of a panel. `types` are of the index's fields; `time` is the view's."""
    numbers: dict[str, dict[str, Json]] = {
        f"v{at}": _value(f"v{at}", one, types, time) for at, one in enumerate(values)
    }
    sorting = next((id_ for id_, one in zip(numbers, values, strict=True) if one.op in _SORTABLE), None)
    grouped = {f"g{at}": _group(one, types, sorting) for at, one in enumerate(groups)}
    columns = {**grouped, **{id_: column for made in numbers.values() for id_, column in made.items()}}
    return Layer(columns, tuple(columns), tuple(grouped), tuple(numbers))


def _group(one: Bucket, types: dict[str, str], sorting: str | None) -> Json:
    kind = types[one.field]
    told = {"label": one.name, "customLabel": True, "dataType": kind, "isBucketed": True, "sourceField": one.field}
    if one.every is not None:
        params: Json = {"interval": one.every, "includeEmptyRows": True, "dropPartials": False}
        return {**told, "operationType": "date_histogram", "scale": "interval", "params": params}
    order = {"type": "column", "columnId": sorting} if sorting else {"type": "alphabetical", "fallback": True}
    params = {
        "size": one.top,
        "orderBy": order,
        "orderDirection": "desc" if sorting and not one.rising else "asc",
        "otherBucket": False,
        "missingBucket": False,
        "parentFormat": {"id": "terms"},
        "include": [],
        "exclude": [],
        "includeIsRegex": False,
        "excludeIsRegex": False,
    }
    return {**told, "operationType": "terms", "scale": "ordinal", "params": params}


def _value(id_: str, one: Value, types: dict[str, str], time: str) -> dict[str, Json]:
    """The column `id_`, and before it in Lens's own way the parts that a formula is made of."""
    match one.op:
        case "share":
            parts = [_count(one.name, one.where), _count(one.name, one.among)]
            formula = f"{_counted(one.where)} / {_counted(one.among)}"
            return _formula(id_, one.name, formula, parts, "divide", PERCENT)
        case "lowest" | "highest":
            weeks = range(1, (one.weeks_ago or 0) + 1)
            parts = [{**_count(one.name, one.where), "timeShift": f"{week}w"} for week in weeks]
            function = "pick_min" if one.op == "lowest" else "pick_max"
            formula = _nested(function, [_counted(one.where, f"{week}w") for week in weeks])
            return _formula(id_, one.name, formula, parts, function, None)
        case "against_earlier":
            shift = f"{one.weeks_ago}w"
            parts = [_count(one.name, one.where), {**_count(one.name, one.where), "timeShift": shift}]
            formula = f"{_counted(one.where)} / {_counted(one.where, shift)}"
            return _formula(id_, one.name, formula, parts, "divide", PERCENT)
        case _:
            return {id_: _plain(one, types, time)}


def _plain(one: Value, types: dict[str, str], time: str) -> Json:
    kind = types[one.field] if one.field and one.op in ("min", "max", "last_value") else "number"
    told: Json = {
        "label": one.name,
        "customLabel": True,
        "dataType": kind,
        "isBucketed": False,
        "operationType": one.op,
        "scale": _SCALES[kind],
        "sourceField": one.field or RECORDS,
        "params": {"emptyAsNull": one.op != "count"},
    }
    if one.op == "last_value":
        told["params"] = {"sortField": one.by or time, "showArrayValues": False}
        where = f"{one.field}: *" + (f" and ({one.where})" if one.where else "")
        return {**told, "filter": _kql(where)}
    if one.weeks_ago:
        told["timeShift"] = f"{one.weeks_ago}w"
    return {**told, "filter": _kql(one.where)} if one.where else told


def _count(label: str, where: str) -> Json:
    told: Json = {
        "label": f"{label}的一部分",
        "customLabel": True,
        "dataType": "number",
        "isBucketed": False,
        "operationType": "count",
        "scale": "ratio",
        "sourceField": RECORDS,
        "params": {"emptyAsNull": False},
    }
    return {**told, "filter": _kql(where)} if where else told


def _formula(id_: str, label: str, text: str, parts: list[Json], function: str, form: Json | None) -> dict[str, Json]:
    """A formula column with its parts, `…X0` and so on, the last of which does the arithmetic."""
    made = {f"{id_}X{at}": part for at, part in zip(count(), parts, strict=False)}
    top = f"{id_}X{len(parts)}"
    shared: Json = {"dataType": "number", "isBucketed": False, "scale": "ratio", "customLabel": True}
    tree = {**_tree(function, list(made)), "location": {"min": 0, "max": len(text)}, "text": text}
    made[top] = {
        **shared,
        "label": f"{label}的一部分",
        "operationType": "math",
        "params": {"tinymathAst": tree},
        "references": list(made),
    }
    params: Json = {"formula": text, "isFormulaBroken": False, **({"format": form} if form else {})}
    whole = {**shared, "label": label, "operationType": "formula", "params": params, "references": [top]}
    return {id_: whole, **made}


def _tree(function: str, names: list[str]) -> Json:
    """The call with two arguments, the second a call again where there are more."""
    head, *rest = names
    inner = rest[0] if len(rest) == 1 else _tree(function, rest)
    return {"type": "function", "name": function, "args": [head, inner]}


def _nested(function: str, calls: list[str]) -> str:
    head, *rest = calls
    return f"{function}({head}, {rest[0] if len(rest) == 1 else _nested(function, rest)})"


def _counted(where: str, shift: str | None = None) -> str:
    """A count in Lens's formula language; it quotes KQL by single quotation marks."""
    quoted = where.replace("\\", "\\\\").replace("'", "\\'")
    given = [f"kql='{quoted}'"] if where else []
    given += [f"shift='{shift}'"] if shift else []
    return f"count({', '.join(given)})"


def _kql(where: str) -> Json:
    return {"query": where, "language": "kuery"}
