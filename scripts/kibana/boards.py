"""Dashboards: where each panel stands, the controls above, and everything an installation imports."""

from re import sub

from scripts.kibana.description import Control, Dashboard, Description, Found, Panel, Text
from scripts.kibana.objects import Ids, Json, Reference, SavedObject, data_view, packed, search, tag
from scripts.kibana.pictures import picture
from scripts.kibana.vocabulary import Installation, vocabularies

COLUMNS = 48

Placed = tuple[str, Panel | Found | Text, Json]


def everything(
    description: Description, installation: Installation, types: dict[str, dict[str, str]]
) -> list[SavedObject]:
    """All objects, each after those it refers to. `types` are of the index's fields, by view."""
    ids, words = Ids(installation.name), vocabularies(installation)
    views, made = description.views, [tag(ids)]
    made += [data_view(ids, key, view, words) for key, view in views.items()]
    made += [search(ids, key, one, views[one.view].time) for key, one in description.searches.items()]
    for key, board in description.dashboards.items():
        for name, panel in board.panels.items():
            if isinstance(panel, Panel):
                time = views[panel.view].time
                made.append(picture(ids, ids.panel(key, name), panel, types[panel.view], time))
    return made + [dashboard(ids, key, board) for key, board in description.dashboards.items()]


def dashboard(ids: Ids, key: str, board: Dashboard) -> SavedObject:
    """A dashboard; its pictures and searches are objects of their own, which people find in the library too."""
    panels, references = [], []
    for name, panel, grid in _placed(board):
        told: Json = {"panelIndex": name, "gridData": {**grid, "i": name}, "embeddableConfig": {"enhancements": {}}}
        if isinstance(panel, Text):
            told |= {"type": "visualization", "embeddableConfig": _markdown(ids, panel)}
        else:
            type_, id_ = (
                ("lens", ids.panel(key, name)) if isinstance(panel, Panel) else ("search", ids.search(panel.search))
            )
            told |= {"type": type_, "title": panel.title, "panelRefName": f"panel_{name}"}
            references.append(Reference(f"{name}:panel_{name}", type_, id_))
        panels.append(told)
    controls = {f"c{at}": one for at, one in enumerate(board.controls)}
    references += [
        Reference(f"controlGroup_{id_}:optionsListDataView", "index-pattern", ids.view(one.view))
        for id_, one in controls.items()
    ]
    options = {
        "useMargins": True, "syncColors": True, "syncCursor": True, "syncTooltips": False, "hidePanelTitles": False,
    }  # fmt: skip
    attributes = {
        "title": board.title,
        "description": board.note,
        "timeRestore": True,
        "timeFrom": board.since,
        "timeTo": "now",
        "refreshInterval": {"pause": board.refresh == 0, "value": board.refresh * 1000},
        "optionsJSON": packed(options),
        "panelsJSON": packed(panels),
        "controlGroupInput": _controls(controls),
        "kibanaSavedObjectMeta": {
            "searchSourceJSON": packed({"query": {"query": "", "language": "kuery"}, "filter": []})
        },
        "version": 1,
    }
    return SavedObject("dashboard", ids.board(key), attributes, (*references, ids.tagged))


def _placed(board: Dashboard) -> list[Placed]:
    """From left to right; a panel that does not fit into a row begins the next, below the highest of it."""
    placed: list[Placed] = []
    x = y = deepest = 0
    for name, panel in board.panels.items():
        if x + panel.width > COLUMNS:
            x, y, deepest = 0, deepest, deepest
        placed.append((name, panel, {"x": x, "y": y, "w": panel.width, "h": panel.height}))
        x, deepest = x + panel.width, max(deepest, y + panel.height)
    return placed


def _controls(controls: dict[str, Control]) -> Json:
    ignore = {"ignoreFilters": False, "ignoreQuery": False, "ignoreTimerange": False, "ignoreValidations": False}
    panels = {
        id_: {
            "type": "optionsListControl",
            "order": at,
            "grow": True,
            "width": "medium",
            "explicitInput": {"id": id_, "fieldName": one.field, "title": one.title, "selectedOptions": []},
        }
        for at, (id_, one) in enumerate(controls.items())
    }
    return {
        "controlStyle": "oneLine",
        "chainingSystem": "HIERARCHICAL",
        "ignoreParentSettingsJSON": packed(ignore),
        "panelsJSON": packed(panels),
    }


def _markdown(ids: Ids, panel: Text) -> Json:
    """Words; [[key]] becomes the address of a dashboard beside this one."""
    text = sub(r"\[\[([a-z_]+)\]\]", lambda found: f"#/view/{ids.board(found[1])}", panel.text)
    source = {"query": {"query": "", "language": "kuery"}, "filter": []}
    shown = {
        "id": "",
        "title": "",
        "description": "",
        "type": "markdown",
        "params": {"fontSize": 12, "openLinksInNewTab": False, "markdown": text},
        "uiState": {},
        "data": {"aggs": [], "searchSource": source},
    }
    return {"enhancements": {}, "hidePanelTitles": True, "savedVis": shown}
