"""A case's page as people use it."""

import re
from datetime import timedelta

from httpx2 import Response

from alerts.workflow.cases import ActRequest
from tests.alerts.console.conftest import Browser

MINUTE = timedelta(minutes=1)
WORDS = "网传内容不属实，已恢复供电。"


def hidden(page: str, name: str) -> str:
    found = re.search(rf'name="{name}" value="([^"]*)"', page)
    assert found is not None, f"no field {name} on the page"
    return found[1]


def sent(browser: Browser, kind: str, key: str, number: int = 1, seen: str | None = None, **fields: object) -> Response:
    """Sends the form of an act or an order of a case, as it stands on its page now, or when `seen` lines were there."""
    page = browser.get(f"/case/{number}").text
    token = hidden(page, "form_token")
    kept = {"form_token": token, "seen": hidden(page, "seen") if seen is None else seen}
    name = "action" if kind == "act" else "order"
    return browser.client.post(f"/case/{number}/{kind}", data=kept | {name: key} | fields)


def steps(*told: tuple[str, ...]) -> list[ActRequest]:
    """Acts by action, person and note."""
    return [ActRequest(action, by, *rest, claimed=False) for action, by, *rest in told]
