"""Every page at both sizes, in both lights: everybody can use it, nothing sticks out, nothing goes wrong in it."""

import pytest

from alerts.console.door import Door, OpenDoor
from alerts.console.doors import DOORS
from stream.messages import post_id
from tests.alerts.console.browser.conftest import Look, Told

#: Addresses that a program asks, parts of a page that another one fetches, papers.
NO_PAGES = (
    "/healthz", "/readyz", "/metrics", "/today/rows", "/wall/rows", "/case/{number}/standing",
    "/case/{number}/express.docx", "/case/{number}/report.docx",
)  # fmt: skip
MOST = 100_000  # bytes over the wire

PAGES = [door for door in DOORS if door.show is not None and door.path not in NO_PAGES]
ASKED = {"/search": "?q=%E5%81%9C%E7%94%B5", "/out": "?post=" + post_id("bbs", "pid:1")}


def concrete(door: Door | OpenDoor, told: Told) -> str:
    """An address of a page, with what it shows: the case, a post, a link of a letter."""
    if "{token}" in door.path:
        start = door.path.partition("{")[0]
        return next(link for link in told.links("zhang.min") if start in link).partition(start)[2].join((start, ""))
    return door.path.replace("{number}", str(told.case_id)) + ASKED.get(door.path, "")


@pytest.mark.parametrize(("size", "dark"), [("phone", False), ("phone", True), ("desk", False)])
def test_everybody_can_use_every_page(look: Look, told: Told, size: str, dark: bool) -> None:
    wrong: dict[str, object] = {}
    staff, nobody = look("zhao_lei", size, dark=dark), look(None, size, dark=dark)
    for door in PAGES:
        one = nobody if isinstance(door, OpenDoor) else staff
        status = one.open(concrete(door, told))
        found = (status, one.grave_findings(), one.sticks_out(), len(one.page.content().encode()) > MOST)
        if found != (200, [], [], False):
            wrong[door.path] = found
    assert wrong == {}


def test_every_page_is_there_without_scripts(look: Look, told: Told) -> None:
    staff, nobody = look("zhao_lei", scripts=False), look(None, scripts=False)
    for door in PAGES:
        one = nobody if isinstance(door, OpenDoor) else staff
        assert one.open(concrete(door, told)) == 200, door.path
        assert one.page.locator("h1").first.inner_text(), door.path
        assert one.sticks_out() == [], door.path
