"""A person's program before the served console: pages and forms over a real connection, without a browser's weight."""

from collections.abc import Mapping
from html.parser import HTMLParser

import httpx2

from alerts.console.accounts.sessions import begin_session
from alerts.console.app import cookie_name
from alerts.console.door import Premises


class FormReader(HTMLParser):
    """Collects the filled fields of every form of a page, with where it leads."""

    def __init__(self) -> None:
        super().__init__()
        self.forms: list[tuple[str, dict[str, str]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said = {key: value or "" for key, value in attrs}
        if tag == "form":
            self.forms.append((said.get("action", ""), {}))
        elif tag in ("input", "button") and self.forms and said.get("name") and _is_sent(said):
            self.forms[-1][1].setdefault(said["name"], said.get("value", ""))


def _is_sent(said: Mapping[str, str]) -> bool:
    return said.get("type") not in ("radio", "checkbox") or "checked" in said


class Asker:
    """Somebody with a connection of their own; signed in where `person` says who."""

    def __init__(self, premises: Premises, person: str | None = None, *, now: object = None) -> None:
        self._premises = premises
        self.client = httpx2.Client(base_url=premises.console.base, timeout=60, verify=False)
        if person is not None:
            token = begin_session(premises.context.engine, person, now)  # type: ignore[arg-type]
            self.client.cookies.set(cookie_name(premises.console), token)

    def form(self, page: str, to: str, **having: str) -> dict[str, str]:
        """The fields of a page's form that leads to an address ending so and has these values."""
        reader = FormReader()
        reader.feed(self.client.get(page).text)
        for action, fields in reader.forms:
            if action.endswith(to) and having.items() <= fields.items():
                return fields
        raise LookupError(f"{page} has no form to {to} with {having}: {reader.forms}")

    def send(self, to: str, fields: Mapping[str, str]) -> httpx2.Response:
        return self.client.post(to, data=dict(fields))
