"""Lens pictures: a panel's columns and how each shape shows them."""

from scripts.kibana.columns import Layer, layer
from scripts.kibana.description import Mark, Panel
from scripts.kibana.objects import Ids, Json, Reference, SavedObject

LAYER = "layer"  # the one layer of every picture
MARKS = "marks"  # and the one above it, where there are marks
_MARKED = ("history", "at")  # the view from which marks are, and its time
TYPES = {
    "metric": "lnsMetric",
    "donut": "lnsPie",
    "table": "lnsDatatable",
    "heatmap": "lnsHeatmap",
    "tags": "lnsTagcloud",
}


def picture(ids: Ids, id_: str, panel: Panel, types: dict[str, str], time: str) -> SavedObject:
    """The saved object of a panel."""
    made = layer(panel.by, panel.values, types, time)
    # Lens asks the outer group first: the series of a chart are the same at every point of its axis
    order = made.groups[::-1] if panel.shape not in ("table", "donut") else made.groups
    rest = [one for one in made.order if one not in made.groups]
    based = {
        "columns": made.columns,
        "columnOrder": [*order, *rest],
        "incompleteColumns": {},
        "sampling": 1,
        "ignoreGlobalFilters": False,
    }
    state = {
        "adHocDataViews": {},
        "datasourceStates": {
            "formBased": {"layers": {LAYER: based}},
            "indexpattern": {"layers": {}},
            "textBased": {"layers": {}},
        },
        "filters": [],
        "internalReferences": [],
        "query": {"query": panel.where, "language": "kuery"},
        "visualization": _shown(panel, made),
    }
    attributes = {
        "title": panel.title,
        "description": panel.note,
        "visualizationType": TYPES.get(panel.shape, "lnsXY"),
        "state": state,
    }
    place = Reference(f"indexpattern-datasource-layer-{LAYER}", "index-pattern", ids.view(panel.view))
    marked = Reference(f"xy-visualization-layer-{MARKS}", "index-pattern", ids.view(_MARKED[0]))
    return SavedObject("lens", id_, attributes, (place, *([marked] if panel.marks else []), ids.tagged))


def _shown(panel: Panel, made: Layer) -> Json:
    place = {"layerId": LAYER, "layerType": "data"}
    match panel.shape:
        case "metric":
            colour = panel.values[0].colour
            return {**place, "metricAccessor": made.numbers[0], **({"color": colour} if colour else {})}
        case "donut":
            return {"shape": "donut", "layers": [{**place, **_ring(made)}]}
        case "table":
            columns = [{"columnId": id_, "isTransposed": False, "isMetric": id_ in made.numbers} for id_ in _rows(made)]
            return {**place, "columns": columns}
        case "heatmap":
            return {"shape": "heatmap", **place, **_squares(made)}
        case "tags":
            fonts = {"maxFontSize": 48, "minFontSize": 14, "orientation": "single", "showLabel": False}
            return {**place, "tagAccessor": made.groups[0], "valueAccessor": made.numbers[0], **fonts}
        case _:
            return _chart(panel, made)


def _rows(made: Layer) -> tuple[str, ...]:
    return (*made.groups, *made.numbers)


def _ring(made: Layer) -> Json:
    return {
        "primaryGroups": list(made.groups),
        "metrics": list(made.numbers),
        "numberDisplay": "percent",
        "categoryDisplay": "default",
        "legendDisplay": "default",
        "nestedLegend": False,
    }


def _squares(made: Layer) -> Json:
    labels = ("isYAxisLabelVisible", "isXAxisLabelVisible")
    titles = ("isCellLabelVisible", "isYAxisTitleVisible", "isXAxisTitleVisible")
    grid = {"type": "heatmap_grid", **dict.fromkeys(labels, True), **dict.fromkeys(titles, False)}
    legend = {"type": "heatmap_legend", "isVisible": True, "position": "right"}
    x, y = made.groups
    return {"gridConfig": grid, "legend": legend, "xAccessor": x, "yAccessor": y, "valueAccessor": made.numbers[0]}


def _chart(panel: Panel, made: Layer) -> Json:
    colours = [
        {"forAccessor": id_, "color": value.colour}
        for id_, value in zip(made.numbers, panel.values, strict=True)
        if value.colour
    ]
    data: Json = {
        "layerId": LAYER,
        "layerType": "data",
        "seriesType": panel.shape,
        "accessors": list(made.numbers),
        "xAccessor": made.groups[0],
        "position": "top",
        "showGridlines": False,
        "yConfig": colours,
    }
    if len(made.groups) == 2:
        data["splitAccessor"] = made.groups[1]
    sides = {"x": True, "yLeft": True, "yRight": True}
    return {
        "axisTitlesVisibilitySettings": {"x": False, "yLeft": False, "yRight": False},
        "fittingFunction": "None",
        "gridlinesVisibilitySettings": sides,
        "labelsOrientation": {"x": 0, "yLeft": 0, "yRight": 0},
        "layers": [data, *([_marks(panel.marks)] if panel.marks else [])],
        "legend": {"isVisible": len(made.numbers) > 1 or len(made.groups) == 2, "position": "bottom"},
        "preferredSeriesType": panel.shape,
        "tickLabelsVisibilitySettings": sides,
        "valueLabels": "hide",
    }


def _marks(marks: tuple[Mark, ...]) -> Json:
    """The layer of events. It follows the dashboard's time and its topic, which `history` has under the posts' name."""
    events = [
        {
            "type": "query",
            "id": f"m{at}",
            "label": mark.name,
            "key": {"type": "point_in_time"},
            "timeField": _MARKED[1],
            "filter": {"type": "kibana_query", "query": mark.where, "language": "kuery"},
            "extraFields": ["case_id", "topic", "grade"],
            "color": mark.colour,
            "icon": mark.icon,
            "lineStyle": "solid",
            "lineWidth": 2,
            "textVisibility": True,
        }
        for at, mark in enumerate(marks)
    ]
    return {
        "layerId": MARKS,
        "layerType": "annotations",
        "persistanceType": "byValue",  # spelt as Kibana does
        "ignoreGlobalFilters": False,
        "annotations": events,
    }
