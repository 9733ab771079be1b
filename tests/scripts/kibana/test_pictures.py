"""Every picture, search and control of the dashboards, asked of a real server over made-up data.

The server is asked what Kibana would ask for the saved object; the same numbers are reckoned from the description.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from json import loads
from pathlib import Path
from typing import Any

import pytest
from elasticsearch import Elasticsearch

from scripts.kibana.__main__ import made
from scripts.kibana.description import Description, Panel
from scripts.kibana.mappings import countable, mappings
from scripts.kibana.objects import Ids
from stream.codec import CASE_EVENTS, SCORED, STAGE_HEALTH
from stream.index.elastic.events import ElasticEventWriter
from stream.index.elastic.posts import ElasticIndexWriter
from stream.index.phrases import phrases
from stream.index.port import Outcome
from stream.process.clock import SystemClock
from stream.process.configuration import Configuration
from tests.scripts.kibana.aggregations import Range, Row, rows
from tests.scripts.kibana.kql import holds, read, to_elastic
from tests.scripts.kibana.objects import ROOT, Object, controls, drawn, objects, source
from tests.scripts.kibana.reckoning import Document, Reckoner, flat
from tests.scripts.kibana.sample import cases, health, posts
from tests.stream.elastic import server
from tests.stream.scored import NOON

DESCRIPTION = Configuration(ROOT / "configs", {}).add("kibana/dashboards.yml", Description)()
PANELS = {
    f"{board}.{name}": (board, name, panel)
    for board, one in DESCRIPTION.dashboards.items()
    for name, panel in one.panels.items()
    if isinstance(panel, Panel)
}
SINCE = {"h": "hours", "d": "days", "w": "weeks"}


@dataclass(frozen=True)
class Installation:
    """A server with data, the objects for it, and the data once more as plain documents by view."""

    client: Elasticsearch
    ids: Ids
    objects: list[Object]
    documents: dict[str, list[Document]]

    def found(self, type_: str, id_: str) -> Object:
        (one,) = [one for one in self.objects if (one.type, one.id) == (type_, id_)]
        return one


@pytest.fixture(scope="module")
def installation(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    with server() as (client, names):
        put, told = posts(), [*cases(), *health()]
        writer, events = ElasticIndexWriter(client, names), ElasticEventWriter(client, names)
        assert {one.outcome for one in [*writer.put(put), *events.put(told)]} == {Outcome.INDEXED}
        client.indices.refresh()
        configs = configured(tmp_path_factory.mktemp("configs"), names.prefix)
        yield Installation(client, Ids(names.prefix), objects(made(configs)), documents())


def configured(folder: Path, name: str) -> Path:
    (folder / "kibana").mkdir()
    for file in ("example/topics.yml", "example/alerts.yml", "kibana/dashboards.yml"):
        written = (ROOT / "configs" / file).read_text("utf-8")
        (folder / file.removeprefix("example/")).write_text(written, "utf-8")
    (folder / "stream.yml").write_text(f"index_name: {name}", "utf-8")
    return folder


def documents() -> dict[str, list[Document]]:
    """What the index holds, by our own account."""
    found = [
        {**flat(loads(SCORED.encode(post))), "phrases": phrases(post.title, post.text), "withheld": False}
        for post in posts()
    ]
    history = [flat(loads(CASE_EVENTS.encode(event))) for event in cases()]
    last = {event["case_id"]: event for event in history}
    beats = [flat(loads(STAGE_HEALTH.encode(one))) for one in health()]
    return {"posts": found, "history": history, "cases": list(last.values()), "health": beats}


def range_of(board: str) -> Range:
    told = DESCRIPTION.dashboards[board].since.removeprefix("now-")
    back = timedelta(**{SINCE[told[-1]]: int(told[:-1])})
    return Range(NOON - back, NOON, "1h" if back <= timedelta(days=7) else "1d")


@pytest.mark.parametrize("key", PANELS)
def test_a_picture_shows_the_numbers_that_are_there(key: str, installation: Installation) -> None:
    board, name, panel = PANELS[key]
    lens = installation.found("lens", installation.ids.panel(board, name))
    shown = rows(installation.client, drawn(lens, installation.objects), range_of(board))
    clock = DESCRIPTION.views[panel.view].time
    now = SystemClock().now()
    expected = Reckoner(installation.documents[panel.view], clock, range_of(board), now).rows(panel)
    assert any(number for _, numbers in shown for number in numbers), "nothing to see"
    compare(panel, shown, expected)


def compare(panel: Panel, shown: list[Row], expected: list[Row]) -> None:
    """The same rows; where a group is cut to its top, the largest of them."""
    numbers = dict(expected)
    assert len(dict(shown)) == len(shown)
    for key, values in shown:
        for value, wanted in zip(values, numbers[key], strict=True):
            assert value == (wanted if isinstance(wanted, str | None) else pytest.approx(wanted, rel=1e-5)), key
    top = panel.by[0].top if len(panel.by) == 1 else None  # two groups have fewer values than are shown
    if top is None or len(expected) <= top:
        assert {key for key, _ in shown} == numbers.keys()
        return
    largest = sorted((values[0] for values in numbers.values()), reverse=True)[:top]
    assert sorted((values[0] for _, values in shown), reverse=True) == largest


@pytest.mark.parametrize("key", DESCRIPTION.searches)
def test_a_search_finds_what_its_words_say(key: str, installation: Installation) -> None:
    one = installation.found("search", installation.ids.search(key))
    told, view = source(one), DESCRIPTION.searches[key].view
    query = read(told["query"]["query"])
    alias = installation.found("index-pattern", one.refers(told["indexRefName"])["id"]).attributes["title"]
    sort = [{field: order} for field, order in one.attributes["sort"]]
    answer = installation.client.search(index=alias, query=to_elastic(query), size=999, sort=sort).body["hits"]["hits"]
    now = SystemClock().now().isoformat()
    there = [one["id"] for one in installation.documents[view] if holds(query, one, now)]
    assert sorted(hit["_source"]["id"] for hit in answer) == sorted(there)
    assert there


def test_sites_come_in_the_order_of_their_first_negative_post(installation: Installation) -> None:
    lens = installation.found("lens", installation.ids.panel("topic", "spread"))
    shown = rows(installation.client, drawn(lens, installation.objects), range_of("topic"))
    began = [numbers[0] for _, numbers in shown]
    assert len(began) == 2
    assert began == sorted(began)


@pytest.mark.parametrize(("topics", "cases"), [((), {1, 2, 3}), (("rumour",), {1, 3}), (("bill",), set())])
def test_marks_are_the_steps_of_the_cases_of_the_topic_that_is_chosen(
    topics: tuple[str, ...], cases: set[int], installation: Installation
) -> None:
    lens = installation.found("lens", installation.ids.panel("topic", "band"))
    (_, layer) = lens.attributes["state"]["visualization"]["layers"]
    alias = installation.found("index-pattern", lens.refers("xy-visualization-layer-marks")["id"]).attributes["title"]
    month: dict[str, Any] = {"range": {"at": {"gte": (NOON - timedelta(days=29)).isoformat(), "lt": NOON.isoformat()}}}
    chosen = [{"terms": {"topics": list(topics)}}] if topics else []
    found, kinds = set(), set()
    for mark in layer["annotations"]:
        asked = {"bool": {"filter": [month, *chosen, to_elastic(read(mark["filter"]["query"]))]}}
        hits = installation.client.search(index=alias, query=asked, size=99).body["hits"]["hits"]
        found |= {hit["_source"]["case_id"] for hit in hits}
        kinds |= {hit["_source"]["kind"] for hit in hits}
    assert found == cases
    assert kinds == ({"opened", "respond", "close"} if cases else set())


@pytest.mark.parametrize("board", DESCRIPTION.dashboards)
def test_controls_offer_values(board: str, installation: Installation) -> None:
    one = installation.found("dashboard", installation.ids.board(board))
    for id_, control in controls(one).items():
        field = control["explicitInput"]["fieldName"]
        alias = one.refers(f"controlGroup_{id_}:optionsListDataView")["id"]
        asked: dict[str, Any] = {"offered": {"terms": {"field": field, "size": 10}}}
        answer = installation.client.search(index=alias, size=0, aggs=asked).body["aggregations"]
        assert len(answer["offered"]["buckets"]) > 1


def test_the_fields_that_panels_are_checked_against_are_the_server_s(installation: Installation) -> None:
    for view, fields in mappings().items():
        held = installation.client.field_caps(index=installation.ids.view(view), fields="*").body["fields"]
        wanted = countable()[view]
        for name in fields:
            (told,) = held[name].values()
            assert told["aggregatable"] or name not in wanted
