"""Whether two indexes hold the same posts."""

import json
import re
from collections.abc import Collection, Iterable, Mapping
from typing import Any

CLOSE = 1e-3  # probabilities: the same text in another batch is padded otherwise, and bf16 rounds otherwise
_PORT = re.compile(r"^http://127\.0\.0\.1:\d+/")  # the forum listens elsewhere in each run

Posts = Mapping[str, Mapping[str, Any]]


def read_export(lines: Iterable[bytes], without: Collection[str] = ()) -> Posts:
    """Exported posts by id, without the named fields; an id that comes twice is an error."""
    posts: dict[str, dict[str, Any]] = {}
    for line in lines:
        post = {name: value for name, value in json.loads(line).items() if name not in without}
        if post["id"] in posts:
            raise ValueError(f"{post['id']} is in the index twice")
        posts[post["id"]] = post | {"url": _PORT.sub("/", post["url"])}
    return posts


def differences(wanted: Posts, found: Posts) -> list[str]:
    """What is missing, too much or different, in words; [] for equal."""
    told = [f"{id_} is missing" for id_ in wanted.keys() - found.keys()]
    told += [f"{id_} is too much" for id_ in found.keys() - wanted.keys()]
    for id_ in wanted.keys() & found.keys():
        told += [
            f"{id_}: {name} is {found[id_].get(name)!r}, not {value!r}"
            for name, value in wanted[id_].items()
            if not _alike(value, found[id_].get(name))
        ]
    return told


def _alike(one: Any, other: Any) -> bool:
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(_alike(one[key], other[key]) for key in one)
    if isinstance(one, float) and isinstance(other, float):
        return abs(one - other) <= CLOSE
    return bool(one == other)
