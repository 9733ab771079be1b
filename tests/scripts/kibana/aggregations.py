"""A Lens picture as the aggregation that Kibana sends for it, and the server's answer as rows of labels.

Groups nest in the columns' order; numbers lie innermost. A last value is asked by `top_hits`, which every distribution
of the server has, where Kibana takes `top_metrics`; a shifted count is asked in the shifted range, as Kibana does.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from elasticsearch import Elasticsearch

from stream.messages import wire_time
from tests.scripts.kibana.kql import read, to_elastic
from tests.scripts.kibana.objects import Drawn

Json = dict[str, Any]
Row = tuple[tuple[Any, ...], tuple[Any, ...]]  # what it is grouped by, and its numbers

INTERVALS = {"1h": timedelta(hours=1), "1d": timedelta(days=1), "1w": timedelta(weeks=1)}
_METRICS = {"sum": "sum", "average": "avg", "min": "min", "max": "max", "unique_count": "cardinality"}
_FUNCTIONS: Mapping[str, Callable[[float, float], float]] = {"pick_min": min, "pick_max": max}


@dataclass(frozen=True)
class Range:
    """The dashboard's time, and what Kibana makes of `auto` for it in these tests."""

    since: datetime
    until: datetime
    auto: str = "1h"


def rows(client: Elasticsearch, picture: Drawn, time: Range) -> list[Row]:
    """What the picture shows, in its order: one row per innermost group, its numbers by the columns that are shown."""
    shifts = sorted({column.get("timeShift", "") for column in picture.columns.values()})
    answers: dict[tuple[Any, ...], Json] = {}
    for shift in shifts:
        earlier = timedelta(weeks=int(shift.removesuffix("w") or 0))
        asked = _asked(picture, Range(time.since - earlier, time.until - earlier, time.auto), shift)
        body = client.search(index=picture.alias, **asked).body
        for key, counted in _leaves(body["aggregations"], _groups(picture), earlier):
            if not shift or key in answers:  # what only another week has is not shown
                answers.setdefault(key, {}).update(counted)
    numbers = _shown(picture)
    return [
        (_in_order(picture, key), tuple(_number(picture, one, held) for one in numbers))
        for key, held in answers.items()
    ]


def _groups(picture: Drawn) -> list[str]:
    return [id_ for id_ in picture.order if picture.columns[id_]["isBucketed"]]


def _shown(picture: Drawn) -> list[str]:
    inner = {id_ for column in picture.columns.values() for id_ in column.get("references", ())}
    return [id_ for id_ in picture.columns if id_ not in inner and not picture.columns[id_]["isBucketed"]]


def _in_order(picture: Drawn, key: tuple[Any, ...]) -> tuple[Any, ...]:
    """The groups as described, `g0` first, however they nest."""
    return tuple(value for _, value in sorted(zip(_groups(picture), key, strict=True)))


def _asked(picture: Drawn, time: Range, shift: str) -> Json:
    within = {"gte": wire_time(time.since), "lt": wire_time(time.until), "format": "strict_date_optional_time"}
    clock = picture.view.attributes["timeFieldName"]
    filters = [{"range": {clock: within}}, to_elastic(read(picture.where))]
    asked: Json = {
        id_: metric
        for id_, column in picture.columns.items()
        if column.get("timeShift", "") == shift and (metric := _metric(column)) is not None
    }
    inner: Json = {"all": {"filter": {"match_all": {}}, "aggs": asked} if asked else {"filter": {"match_all": {}}}}
    for id_ in reversed(_groups(picture)):
        inner = {id_: {**_group(picture, picture.columns[id_], time), "aggs": _sorting(picture, id_) | inner}}
    return {"size": 0, "query": {"bool": {"filter": filters}}, "aggs": inner, "track_total_hits": True}


def _group(picture: Drawn, column: Json, time: Range) -> Json:
    field, params = column["sourceField"], column["params"]
    if column["operationType"] == "date_histogram":
        every = time.auto if params["interval"] == "auto" else params["interval"]
        fixed = {"calendar_interval": every} if every == "1w" else {"fixed_interval": every}
        return {"date_histogram": {"field": field, "min_doc_count": 1, "time_zone": "Asia/Shanghai", **fixed}}
    order = params["orderBy"]
    by = {"_key": "asc"} if order["type"] == "alphabetical" else {f"s>{order['columnId']}": params["orderDirection"]}
    return {"terms": {"field": field, "size": params["size"], "order": _plain(picture, by)}}


def _plain(picture: Drawn, by: Json) -> Json:
    ((path, direction),) = by.items()
    if path == "_key":
        return by
    column = picture.columns[path.removeprefix("s>")]
    leaf = {"count": "s", "median": "s>m.50"}.get(column["operationType"], "s>m")
    return {leaf: direction}


def _sorting(picture: Drawn, id_: str) -> Json:
    """The number by which the values of a group are ordered, beside what is asked of each."""
    order = picture.columns[id_]["params"].get("orderBy", {})
    if order.get("type") != "column":
        return {}
    column = picture.columns[order["columnId"]]
    where = to_elastic(read(column.get("filter", {}).get("query", "")))
    metric = {} if column["operationType"] == "count" else {"aggs": {"m": _bare(column)}}
    return {"s": {"filter": where, **metric}}


def _metric(column: Json) -> Json | None:
    """The aggregation of a number, its condition around it; None for groups and for arithmetic."""
    if column["isBucketed"] or column["operationType"] in ("formula", "math"):
        return None
    where = to_elastic(read(column.get("filter", {}).get("query", "")))
    metric = {} if column["operationType"] == "count" else {"aggs": {"m": _bare(column)}}
    return {"filter": where, **metric}


def _bare(column: Json) -> Json:
    field, operation = column["sourceField"], column["operationType"]
    if operation == "median":
        return {"percentiles": {"field": field, "percents": [50]}}
    if operation == "last_value":
        sort = [{column["params"]["sortField"]: "desc"}]
        return {"top_hits": {"size": 1, "sort": sort, "_source": False, "docvalue_fields": [field]}}
    return {_METRICS[operation]: {"field": field}}


def _leaves(held: Json, groups: list[str], earlier: timedelta) -> list[tuple[tuple[Any, ...], Json]]:
    """Each innermost group's key and what was counted in it; times moved back to where they are shown."""
    if not groups:
        return [((), held["all"])]
    found: list[tuple[tuple[Any, ...], Json]] = []
    for bucket in held[groups[0]]["buckets"]:
        key = bucket["key"]
        if "key_as_string" in bucket and isinstance(key, int):
            key += earlier // timedelta(milliseconds=1)
        found += [((key, *rest), counted) for rest, counted in _leaves(bucket, groups[1:], earlier)]
    return found


def _number(picture: Drawn, id_: str, held: Json) -> Any:
    column = picture.columns[id_]
    match column["operationType"]:
        case "formula":
            return _number(picture, column["references"][0], held)
        case "math":
            return _reckoned(picture, column["params"]["tinymathAst"], held)
        case "count":
            return held.get(id_, {}).get("doc_count", 0)
        case _ if id_ not in held or not held[id_]["doc_count"]:
            return None
        case "median":
            return held[id_]["m"]["values"]["50.0"]
        case "last_value":
            (hit,) = held[id_]["m"]["hits"]["hits"]
            return hit["fields"][column["sourceField"]][0]
        case _:
            return held[id_]["m"]["value"]


def _reckoned(picture: Drawn, tree: Any, held: Json) -> float | None:
    if isinstance(tree, str):
        return float(_number(picture, tree, held))
    left, right = (_reckoned(picture, one, held) for one in tree["args"])
    if left is None or right is None or (tree["name"] == "divide" and right == 0):
        return None
    return left / right if tree["name"] == "divide" else _FUNCTIONS[tree["name"]](left, right)
