"""The address in Kibana where a case's topic is looked at: made of configuration and times alone, never of a post.

Kibana keeps its state in the fragment as rison, a form of JSON for addresses. Everything in it is percent-encoded, so
that no mail program ends the link at a quotation mark or a bracket.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from re import fullmatch
from urllib.parse import quote

from stream.messages import wire_time

BEFORE = timedelta(days=1)  # what is shown of the time before the rise, to see it against

Rison = str | bool | Mapping[str, "Rison"] | Sequence["Rison"]


def topic_address(kibana: str, name: str, topic: str, since: datetime) -> str:
    """Builds the address of dashboard 话题研判, showing `topic` from a day before `since` until whenever it is opened.

    `kibana` is the address of Kibana, with its space if it has one; `name` is the installation's on the index.
    """
    told: Rison = {
        "$state": {"store": "appState"},
        "meta": {
            "alias": "",
            "disabled": False,
            "field": "topics",
            "index": f"{name}-posts",
            "key": "topics",
            "negate": False,
            "params": {"query": topic},
            "type": "phrase",
        },
        "query": {"match_phrase": {"topics": topic}},
    }
    everywhere: Rison = {"filters": [], "time": {"from": wire_time(since - BEFORE), "to": "now"}}
    here: Rison = {"filters": [told], "query": {"language": "kuery", "query": ""}}
    place = f"{kibana.rstrip('/')}/app/dashboards#/view/{name}-board-topic"
    return f"{place}?_g={quote(rison(everywhere), safe='')}&_a={quote(rison(here), safe='')}"


def rison(value: Rison) -> str:
    """Writes a value in rison: `(key:value)`, `!(one,two)`, `!t`, `'text'`."""
    if isinstance(value, bool):
        return "!t" if value else "!f"
    if isinstance(value, str):
        escaped = value.replace("!", "!!").replace("'", "!'")
        return value if fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", value) else f"'{escaped}'"
    if isinstance(value, Mapping):
        return "(" + ",".join(f"{rison(key)}:{rison(inner)}" for key, inner in value.items()) + ")"
    return "!(" + ",".join(rison(inner) for inner in value) + ")"
