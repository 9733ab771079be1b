"""The committed file by the rules of Kibana's import (8.14 and later), and every field by the index's own mapping."""

from collections import Counter
from json import loads
from pathlib import Path

import pytest
from pydantic import TypeAdapter, ValidationError
from yaml import safe_dump, safe_load

from alerts.casefile.tables import EventKind
from alerts.words import ACTION_NAMES, EVENT_NAMES, OLD_NAMES, STAGE_NAMES, STEP_NAMES
from alerts.workflow.rules import WORKFLOW
from scripts.kibana.__main__ import made
from scripts.kibana.description import Bucket, Panel, Value
from scripts.kibana.mappings import countable, mappings
from tests.scripts.kibana.kql import All, Not, Term, read, terms
from tests.scripts.kibana.objects import FILE, ROOT, Object, controls, drawn, objects, panels, source, strings

OLDEST = {"index-pattern": "8.0.0", "tag": "8.0.0", "search": "8.0.0", "lens": "8.9.0", "dashboard": "8.9.0"}
SHAPES = {"lnsXY", "lnsPie", "lnsMetric", "lnsDatatable", "lnsHeatmap", "lnsTagcloud"}
DASHBOARD_KEYS = {
    "title", "description", "timeRestore", "timeFrom", "timeTo", "refreshInterval", "optionsJSON", "panelsJSON",
    "controlGroupInput", "kibanaSavedObjectMeta", "version",
}  # fmt: skip  # the first version's schema forbids others
REAL = {"sum", "average", "median", "min", "max", "unique_count", "last_value"}

EVERYTHING = objects()
LENSES = [one for one in EVERYTHING if one.type == "lens"]
BOARDS = [one for one in EVERYTHING if one.type == "dashboard"]
SEARCHES = [one for one in EVERYTHING if one.type == "search"]
KINDS = {one.id: one.id.removeprefix("wenfeng-") for one in EVERYTHING if one.type == "index-pattern"}


def named(one: Object) -> str:
    return one.id


def test_the_committed_file_is_what_the_program_writes() -> None:
    assert FILE.read_text("utf-8") == made(ROOT / "configs"), "python -m scripts.kibana write"


def test_objects_are_as_old_as_the_oldest_kibana_and_there_once() -> None:
    assert Counter((one.type, one.id) for one in EVERYTHING).most_common(1)[0][1] == 1
    for one in EVERYTHING:
        assert one.whole["typeMigrationVersion"] == OLDEST[one.type]
        assert one.whole["coreMigrationVersion"] == "8.8.0"
        assert one.whole.keys() == {
            "attributes", "coreMigrationVersion", "id", "managed", "references", "type", "typeMigrationVersion",
        }  # fmt: skip
    assert Counter(one.type for one in EVERYTHING)["dashboard"] == 4
    assert not FILE.read_bytes().startswith(b"\xef\xbb\xbf")


@pytest.mark.parametrize("one", EVERYTHING, ids=named)
def test_every_reference_leads_to_an_object_of_the_file_by_one_name(one: Object) -> None:
    there = {(other.type, other.id) for other in EVERYTHING}
    assert all((reference["type"], reference["id"]) in there for reference in one.references)
    names = [reference["name"] for reference in one.references]
    assert len(set(names)) == len(names)


@pytest.mark.parametrize("one", EVERYTHING, ids=named)
def test_no_voice_and_no_person_is_anywhere_but_hidden(one: Object) -> None:
    told = [word for word in strings(one.attributes) if "voice" in word or "author" in word]
    if one.id == "wenfeng-posts":
        assert loads(one.attributes["sourceFilters"]) == [{"value": "voice"}, {"value": "tokens.*"}]
        told = [word for word in told if "sourceFilters" not in word and word != one.attributes["sourceFilters"]]
        assert told == ["voice"]
    else:
        assert told == []


@pytest.mark.parametrize("one", [one for one in EVERYTHING if one.type == "index-pattern"], ids=named)
def test_a_data_view_names_every_field_of_its_index_and_no_other(one: Object) -> None:
    fields = mappings()[KINDS[one.id]]
    hidden = {"voice"} | {name for name in fields if name.startswith("tokens.")}
    labels = loads(one.attributes["fieldAttrs"])
    assert labels.keys() == fields.keys() - hidden
    assert all(any("\u4e00" <= character <= "\u9fff" for character in told["customLabel"]) for told in labels.values())
    assert fields[one.attributes["timeFieldName"]]["type"] == "date"
    assert loads(one.attributes["fieldFormatMap"]).keys() <= labels.keys()
    assert one.attributes["title"] == one.id
    assert all(isinstance(one.attributes[key], str) for key in ("fields", "runtimeFieldMap", "sourceFilters"))


@pytest.mark.parametrize("one", LENSES, ids=named)
def test_a_picture_s_columns_are_whole(one: Object) -> None:
    picture = drawn(one, EVERYTHING)
    assert one.attributes["visualizationType"] in SHAPES
    assert set(picture.order) == set(picture.columns)
    assert len(picture.order) == len(picture.columns)
    grouped = [picture.columns[id_]["isBucketed"] for id_ in picture.order]
    assert grouped == sorted(grouped, reverse=True), "groups come first"
    shown = set(strings(one.attributes["state"]["visualization"])) & picture.columns.keys()
    inner = {id_ for column in picture.columns.values() for id_ in column.get("references", ())}
    assert shown == picture.columns.keys() - inner, "every column is shown, or part of a formula"
    assert inner <= picture.columns.keys()
    for column in picture.columns.values():
        if column["operationType"] == "terms" and column["params"]["orderBy"]["type"] == "column":
            sorting = picture.columns[column["params"]["orderBy"]["columnId"]]
            assert sorting["operationType"] not in ("formula", "math", "last_value", "terms", "date_histogram")
        if column["operationType"] == "math":
            assert set(arguments(column["params"]["tinymathAst"])) == set(column["references"])


def arguments(tree: object) -> list[str]:
    if isinstance(tree, str):
        return [tree]
    assert isinstance(tree, dict)
    assert (tree["type"], len(tree["args"])) == ("function", 2)
    return [name for inner in tree["args"] for name in arguments(inner)]


@pytest.mark.parametrize("one", LENSES, ids=named)
def test_a_picture_asks_of_each_field_what_its_type_can_answer(one: Object) -> None:
    picture = drawn(one, EVERYTHING)
    types = countable()[KINDS[picture.view.id]]
    for column in picture.columns.values():
        operation, field = column["operationType"], column.get("sourceField")
        match operation:
            case "count":
                assert field == "___records___"
            case "formula" | "math":
                assert field is None
            case "date_histogram":
                assert types[field] == "date"
            case "terms":
                assert types[field] in ("string", "number")
                assert column["dataType"] == types[field]
            case "sum" | "average" | "median":
                assert types[field] == "number"
            case "min" | "max":
                assert types[field] in ("number", "date")
                assert column["dataType"] == types[field]
            case _:
                assert operation in REAL
                assert types[field]
        if operation == "last_value":
            assert types[column["params"]["sortField"]] == "date"
        check_conditions(column.get("filter", {}).get("query", ""), KINDS[picture.view.id])
    check_conditions(picture.where, KINDS[picture.view.id])


@pytest.mark.parametrize("one", SEARCHES, ids=named)
def test_a_search_shows_and_asks_fields_that_are_there(one: Object) -> None:
    told = source(one)
    place = one.refers(told["indexRefName"])
    fields = mappings()[KINDS[place["id"]]]
    assert set(one.attributes["columns"]) <= fields.keys()
    assert all(fields[field]["type"] == "date" for field, _ in one.attributes["sort"])
    assert told["query"]["language"] == "kuery"
    check_conditions(told["query"]["query"], KINDS[place["id"]])


def check_conditions(query: str, view: str) -> None:
    fields = mappings()[view]
    for term in terms(read(query)):
        told = fields[term.field]
        assert told.get("index", True), f"{term.field} cannot be searched"
        assert term.quoted == (told["type"] == "text"), f"{term}: words of a text are a phrase, keys are not"
        assert term.relation == ":" or told["type"] in ("date", "float", "long")


def test_saved_searches_ask_for_phrases() -> None:
    asked = [term for one in SEARCHES for term in terms(read(source(one)["query"]["query"])) if term.quoted]
    assert Term("text", ":", "大面积停电", True) in asked
    assert {term.field for term in asked} == {"title", "text"}


@pytest.mark.parametrize("one", BOARDS, ids=named)
def test_a_dashboard_s_panels_stand_side_by_side_and_their_objects_are_named(one: Object) -> None:
    assert one.attributes.keys() == DASHBOARD_KEYS
    taken: set[tuple[int, int]] = set()
    for panel in panels(one):
        grid = panel["gridData"]
        assert panel["panelIndex"] == grid["i"]
        cells = {
            (x, y) for x in range(grid["x"], grid["x"] + grid["w"]) for y in range(grid["y"], grid["y"] + grid["h"])
        }
        assert not cells & taken
        assert grid["x"] + grid["w"] <= 48
        taken |= cells
        if panel["type"] == "visualization":
            assert panel["embeddableConfig"]["savedVis"]["type"] == "markdown"
            continue
        place = one.refers(f"{panel['panelIndex']}:{panel['panelRefName']}")
        assert (place["type"], panel["panelRefName"]) == (panel["type"], f"panel_{panel['panelIndex']}")
    referred = [reference["name"] for reference in one.references]
    expected = [f"{p['panelIndex']}:{p['panelRefName']}" for p in panels(one) if "panelRefName" in p]
    expected += [f"controlGroup_{id_}:optionsListDataView" for id_ in controls(one)]
    assert sorted(referred) == sorted([*expected, "tag-ref-wenfeng-tag"])


@pytest.mark.parametrize("one", BOARDS, ids=named)
def test_controls_offer_keys_of_the_topic_the_source_and_the_like(one: Object) -> None:
    for id_, control in controls(one).items():
        view = KINDS[one.refers(f"controlGroup_{id_}:optionsListDataView")["id"]]
        assert control["type"] == "optionsListControl"
        assert countable()[view][control["explicitInput"]["fieldName"]] == "string"
        assert control["explicitInput"]["id"] == id_
    assert "话题" in str(controls(one)) or one.id == "wenfeng-board-health"


@pytest.mark.parametrize("one", [*LENSES, *BOARDS, *SEARCHES], ids=named)
def test_titles_and_labels_are_chinese(one: Object) -> None:
    labels = [one.title]
    if one.type == "lens":
        labels += [column["label"] for column in drawn(one, EVERYTHING).columns.values()]
    assert all(any("\u4e00" <= character <= "\u9fff" for character in label) for label in labels)


def test_links_between_dashboards_lead_somewhere() -> None:
    boards = {one.id for one in BOARDS}
    for one in BOARDS:
        words = " ".join(strings(panels(one)))
        linked = {part.split(")")[0] for part in words.split("#/view/")[1:]}
        assert linked == boards - {one.id}


def test_every_lens_is_on_a_dashboard() -> None:
    shown = {reference["id"] for one in BOARDS for reference in one.references}
    assert {one.id for one in LENSES} <= shown


def test_names_follow_the_installation(tmp_path: Path) -> None:
    for name in ("topics.yml", "alerts.yml"):
        (tmp_path / name).write_text((ROOT / "configs" / "example" / name).read_text("utf-8"), "utf-8")
    (tmp_path / "kibana").mkdir()
    description = (ROOT / "configs/kibana/dashboards.yml").read_text("utf-8")
    (tmp_path / "kibana/dashboards.yml").write_text(description, "utf-8")
    (tmp_path / "stream.yml").write_text("index_name: linjiang", "utf-8")
    found = objects(made(tmp_path))
    assert {one.id.split("-")[0] for one in found} == {"linjiang"}
    assert {one.attributes["title"] for one in found if one.type == "index-pattern"} == {
        "linjiang-posts", "linjiang-cases", "linjiang-history", "linjiang-health",
    }  # fmt: skip
    topics = safe_load((tmp_path / "topics.yml").read_text("utf-8"))
    topics["topics"]["outage"]["name"] = "别的名字"
    (tmp_path / "topics.yml").write_text(safe_dump(topics, allow_unicode=True), "utf-8")
    assert "别的名字" in made(tmp_path)


COUNTED = [
    one for one in LENSES if drawn(one, EVERYTHING).alias in ("wenfeng-cases", "wenfeng-history")
]  # of cases and of what was done in them


@pytest.mark.parametrize("one", COUNTED, ids=named)
def test_incidents_of_our_own_are_counted_in_their_own_panel_alone(one: Object) -> None:
    where = read(drawn(one, EVERYTHING).where)
    incident = Term("topic", ":", "incident*", False)
    if one.id == "wenfeng-response-incidents":
        assert where == incident
    else:
        assert Not(incident) in (where.parts if isinstance(where, All) else (where,))


@pytest.mark.parametrize("key", ["unanswered", "history"])
def test_searches_among_cases_leave_incidents_out(key: str) -> None:
    (one,) = [one for one in SEARCHES if one.id == f"wenfeng-search-{key}"]
    asked = read(source(one)["query"]["query"])
    assert Not(Term("topic", ":", "incident*", False)) in (asked.parts if isinstance(asked, All) else (asked,))


MARKED = [one for one in LENSES if len(one.attributes["state"]["visualization"].get("layers", ())) > 1]


def test_the_steps_of_cases_stand_on_the_chart_of_posts() -> None:
    assert [one.id for one in MARKED] == ["wenfeng-topic-band"]


@pytest.mark.parametrize("one", MARKED, ids=named)
def test_marks_are_events_of_the_history_as_lens_keeps_them(one: Object) -> None:
    data, marks = one.attributes["state"]["visualization"]["layers"]
    assert (data["layerType"], marks["layerType"], marks["persistanceType"]) == ("data", "annotations", "byValue")
    assert marks["layerId"] != data["layerId"]
    view = one.refers(f"xy-visualization-layer-{marks['layerId']}")
    assert (view["type"], view["id"]) == ("index-pattern", "wenfeng-history")
    assert one.attributes["state"]["query"]["query"] == "", "what narrows the chart narrows the marks"
    fields = mappings()["history"]
    for mark in marks["annotations"]:
        assert mark.keys() == {
            "type", "id", "label", "key", "timeField", "filter", "extraFields", "color", "icon", "lineStyle",
            "lineWidth", "textVisibility",
        }  # fmt: skip
        assert (mark["type"], mark["key"]) == ("query", {"type": "point_in_time"})
        assert (mark["filter"]["type"], mark["filter"]["language"]) == ("kibana_query", "kuery")
        check_conditions(mark["filter"]["query"], "history")
        assert fields[mark["timeField"]]["type"] == "date"
        assert set(mark["extraFields"]) <= countable()["history"].keys()
    ids = [mark["id"] for mark in marks["annotations"]]
    assert len(set(ids)) == len(ids)


@pytest.mark.parametrize("one", MARKED, ids=named)
def test_marks_are_of_kinds_that_happen(one: Object) -> None:
    happens = EVENT_NAMES.keys() | ACTION_NAMES.keys() | OLD_NAMES.keys()
    marks = one.attributes["state"]["visualization"]["layers"][1]["annotations"]
    asked = [term for mark in marks for term in terms(read(mark["filter"]["query"])) if term.field == "kind"]
    assert {term.value for term in asked} <= happens
    assert set(WORKFLOW.first_words) <= {term.value for term in asked}, "every first word is marked"


def test_a_topic_chosen_for_the_posts_narrows_the_history_too() -> None:
    for view in ("cases", "history"):
        assert mappings()[view]["topics"] == {"type": "alias", "path": "topic"}


def test_an_address_may_be_clicked() -> None:
    (view,) = [one for one in EVERYTHING if one.id == "wenfeng-posts"]
    assert loads(view.attributes["fieldFormatMap"])["url"]["id"] == "url"


def test_who_was_first_is_asked_oldest_first() -> None:
    sorts = {one.id: one.attributes["sort"] for one in SEARCHES}
    assert sorts.pop("wenfeng-search-first") == [["charted_at", "asc"]]
    assert {order for ((_, order),) in sorts.values()} == {"desc"}


def test_sites_come_in_the_order_in_which_they_began() -> None:
    (one,) = [one for one in LENSES if one.id == "wenfeng-topic-spread"]
    params = drawn(one, EVERYTHING).columns["g0"]["params"]
    assert (params["orderBy"], params["orderDirection"]) == ({"type": "column", "columnId": "v0"}, "asc")


def test_last_week_is_asked_by_a_shift() -> None:
    (one,) = [one for one in LENSES if one.id == "wenfeng-overview-weeks"]
    columns = drawn(one, EVERYTHING).columns
    assert columns["v2"]["params"]["formula"] == (
        "count(kql='label: negative') / count(kql='label: negative', shift='1w')"
    )
    assert [columns[id_].get("timeShift") for id_ in ("v0", "v1", "v2X0", "v2X1")] == [None, "1w", None, "1w"]


@pytest.mark.parametrize(
    "made_up",
    [
        {"shape": "line", "where": "label: negative", "by": [{"field": "at", "name": "时间", "every": "1h"}]},
        {"shape": "line", "by": [{"field": "site", "name": "平台", "top": 5}]},
        {"shape": "table", "by": [{"field": "at", "name": "时间", "every": "1h"}]},
        {"shape": "metric"},
    ],
)
def test_marks_stand_on_nothing_but_a_chart_over_time(made_up: dict[str, object]) -> None:
    mark = {"name": "立案", "where": "kind: opened", "colour": "#b8570b"}
    told = {"title": "图", "view": "posts", "values": [{"op": "count", "name": "数"}], "marks": [mark], **made_up}
    with pytest.raises(ValidationError, match="marks stand on a chart over time"):
        TypeAdapter(Panel).validate_python(told, strict=False)


@pytest.mark.parametrize(
    ("model", "told", "said"),
    [
        (Bucket, {"field": "at", "name": "时间", "every": "1h", "rising": True}, "rising is for values"),
        (Value, {"op": "against_earlier", "name": "比"}, "against_earlier needs weeks_ago"),
        (Value, {"op": "against_earlier", "name": "比", "field": "negative", "weeks_ago": 1}, "needs no field"),
    ],
)
def test_what_cannot_be_drawn_is_refused(model: type, told: dict[str, object], said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        TypeAdapter(model).validate_python(told)


def test_everything_that_can_happen_to_a_case_has_its_word() -> None:
    (view,) = [one for one in EVERYTHING if one.id == "wenfeng-history"]
    formats = loads(view.attributes["fieldFormatMap"])
    known = {
        field: {entry["key"] for entry in told["params"]["lookupEntries"]}
        for field, told in formats.items()
        if told["id"] == "static_lookup"
    }
    assert {*map(str, EventKind), *WORKFLOW.actions, *(order.key for order in WORKFLOW.orders)} <= known["kind"]
    assert set(STAGE_NAMES) <= known["stage"]
    assert set(STEP_NAMES) <= known["step"]
    assert {"incident:letters:all", "incident:blind:service"} <= known["topic"]
