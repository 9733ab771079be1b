"""A site that was set up for one run: how it is told what to do, and where it answers."""

import json
import subprocess
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.request import ProxyHandler, build_opener

from scripts.engines.process import Broken
from scripts.live.front import Front
from scripts.live.orders import Markup, Order

_OPENER = build_opener(ProxyHandler({}))


class NotToBeHad(Exception):
    """Raised when a site cannot be fetched here; says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """A running site; `url` is where a crawler comes in.

    `command` carries out orders by the site's own functions, as the user that its servers run as. Posts are known by
    `opening` or `reply` with a number. Where nothing `answers_opening`, an answer to the opening post has no parent.
    """

    name: str
    url: str
    front: Front
    command: Sequence[str]
    markup: Markup
    opening: str
    reply: str
    answers_opening: bool
    known: dict[str, int]

    def do(self, orders: Iterable[Order], **more: Any) -> Mapping[str, int]:
        """Carries out orders; returns the numbers of what was made, by key, which are known from then on."""
        made = carried_out(self.command, {"orders": list(orders), "known": self.known, **more})
        self.known.update(made)
        return made


def carried_out(command: Sequence[str], told: Mapping[str, Any]) -> dict[str, int]:
    """Runs a site's own functions; returns what they answer."""
    done = subprocess.run(
        list(command), input=json.dumps(told), capture_output=True, text=True, check=False, encoding="utf-8"
    )
    if done.returncode:
        raise Broken(
            f"what the site was told ended with {done.returncode}:\n{done.stdout[-1000:]}{done.stderr[-3000:]}"
        )
    told_last = done.stdout[done.stdout.rfind("\n{") + 1 :]  # after what the software says of itself
    answered: dict[str, int] = json.loads(told_last)
    return answered


def answers(url: str) -> bool:
    """Tells whether something at an address answers HTTP at all."""
    with suppress(OSError):
        try:
            _OPENER.open(url, timeout=30).close()
        except HTTPError:
            return True
        return True
    return False


def folder_of(parent: Path, name: str) -> Path:
    """Makes a folder for one server."""
    folder = parent / name
    folder.mkdir(parents=True)
    return folder
