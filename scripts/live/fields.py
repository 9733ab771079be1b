"""Whether WordPress's interface says the same in the fields that the crawler asks for as in whole answers."""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import parse_qs, urlsplit
from urllib.request import ProxyHandler, build_opener

from crawlers.pages.wordpress.address import BY_ID, list_url, root_of

_OPENER = build_opener(ProxyHandler({}))
_LISTS: Mapping[str, Mapping[str, str]] = {"posts": BY_ID, "comments": BY_ID, "categories": {}}


def disagreements(url: str) -> list[str]:
    """Asks the site of a source at `url` for each list with `_fields` and without; names what differs, a line each."""
    return [line for listing, order in _LISTS.items() for line in _of(root_of(url), listing, dict(order))]


def compared(
    asked: Sequence[str], lean: Sequence[Mapping[str, Any]], whole: Sequence[Mapping[str, Any]]
) -> Iterator[str]:
    """Compares rows asked for by some fields with whole ones, row by row; says what differs."""
    if len(lean) != len(whole):
        yield f"{len(lean)} rows with _fields, {len(whole)} without"
    for few, all_ in zip(lean, whole, strict=False):
        there = [field for field in asked if field in all_]
        if absent := [field for field in there if field not in few]:
            yield f"row {few.get('id')}: _fields left out {', '.join(absent)}"
        if other := [field for field in there if field in few and few[field] != all_[field]]:
            yield f"row {few.get('id')}: {', '.join(other)} not as in the whole answer"
        if more := [field for field in few if field not in asked]:
            yield f"row {few.get('id')}: {', '.join(more)} came unasked"


def _of(root: str, listing: str, order: dict[str, str]) -> Iterator[str]:
    address = list_url(root, listing, size=100, number=1, order=order)
    (fields,) = parse_qs(urlsplit(address).query)["_fields"]
    whole = address.partition("&_fields=")[0]
    for line in compared(fields.split(","), _get(address), _get(whole)):
        yield f"_fields of {listing}: {line}"


def _get(url: str) -> Any:
    with _OPENER.open(url, timeout=120) as answer:
        return json.load(answer)
