"""The console over the engines of tests/alerts/conftest.py, asked as a browser asks."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path

import pytest
from httpx2 import Response
from starlette.testclient import TestClient

from alerts.casefile.acting.orders import copy_to
from alerts.casefile.context import CaseContext
from alerts.console.accounts.sessions import begin_session
from alerts.console.app import build_app, cookie_name
from alerts.console.door import Premises
from alerts.console.doors import DOORS
from alerts.console.keeping import Keeping
from alerts.notify.channels.folder import FolderChannel, FolderConfig
from alerts.notify.console import ConsoleConfig
from alerts.people.directory import Person
from alerts.watch import Watcher
from alerts.workflow.cases import Order
from stream.config import StreamConfig
from stream.messages import ScoredPost
from stream.process.clock import ScriptedClock
from tests.alerts.conftest import NOW, ROOT
from tests.alerts.remembering import Taught, opened_case

BASE = "http://127.0.0.1:8420"


class _Fields(HTMLParser):
    """Collects the fields of the form whose action ends with `to`; the first form that has fields where `to` is ""."""

    def __init__(self, to: str) -> None:
        super().__init__()
        self.found: dict[str, str] = {}
        self.forms: list[str] = []
        self._to, self._inside = to, False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said = dict(attrs)
        if tag == "form":
            self.forms.append(said.get("action") or "")
            self._inside = (said.get("action") or "").endswith(self._to)
        if self._inside and tag == "input" and said.get("name"):
            self.found.setdefault(str(said["name"]), said.get("value") or "")

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._inside = False


@dataclass
class Browser:
    """A person's browser. Redirects are not followed: `location` says where one leads."""

    client: TestClient
    pages: dict[str, str] = field(default_factory=dict)

    def get(self, path: str, **headers: str) -> Response:
        answer = self.client.get(path, headers=headers)
        self.pages[path] = answer.text
        return answer

    def post(self, path: str, at: str = "", **fields: str) -> Response:
        """Sends the form with action `path` that stands on the page `at` (`path` itself by default), as filled in."""
        return self.send(path, self.form(at or path, path) | fields)

    def form(self, at: str, to: str) -> dict[str, str]:
        """Reads the hidden and filled fields of a form on a page."""
        page = self.get(at).text
        reader = _Fields(to)
        reader.feed(page)
        assert any(action.endswith(to) for action in reader.forms), f"no form on {at} leads to {to}: {reader.forms}"
        return reader.found

    def send(self, path: str, fields: Mapping[str, str], **headers: str) -> Response:
        return self.client.post(path, data=dict(fields), headers=headers)


@pytest.fixture
def clock() -> ScriptedClock:
    return ScriptedClock(NOW)


@pytest.fixture
def console() -> ConsoleConfig:
    return ConsoleConfig(address=BASE, administrators=("zhao_lei",))


@pytest.fixture
def premises(context: CaseContext, console: ConsoleConfig, tmp_path: Path) -> Premises:
    configs = ROOT / "configs" / "example"
    return Premises(context, console, StreamConfig(var=tmp_path / "var"), configs, Keeping(patience=60))


@pytest.fixture
def anybody(premises: Premises, clock: ScriptedClock) -> Iterator[Browser]:
    """A browser in which nobody has signed in."""
    with TestClient(build_app(premises, DOORS, clock), base_url=BASE, follow_redirects=False) as client:
        yield Browser(client)


SignIn = Callable[[str], Browser]


@pytest.fixture
def signed_in(premises: Premises, clock: ScriptedClock) -> Iterator[SignIn]:
    """Gives the browser of a person, by key, who has signed in."""
    app = build_app(premises, DOORS, clock)
    with TestClient(app, base_url=BASE):

        def sign_in(person: str) -> Browser:
            token = begin_session(premises.context.engine, person, clock.now())
            client = TestClient(app, base_url=BASE, follow_redirects=False)
            client.cookies.set(cookie_name(premises.console), token)
            return Browser(client)

        yield sign_in


@pytest.fixture
def watcher(context: CaseContext, tmp_path: Path) -> Watcher:
    return Watcher(context, [FolderChannel(FolderConfig(path=tmp_path / "letters"))], "w")


@pytest.fixture(scope="session")
def taught() -> Taught:
    return {}


@pytest.fixture
def opened(
    watcher: Watcher, context: CaseContext, quiet_weeks: None, rumour: Callable[..., list[ScoredPost]], taught: Taught
) -> int:
    """The number of a case that was opened at `NOW`; its first letter waits."""
    rumour(30)
    return opened_case(watcher, context.engine, NOW, taught)


@pytest.fixture
def guest(context: CaseContext, opened: int) -> str:
    """The key of somebody who sits at no desk and has a copy of the case."""
    context.config.people["guest"] = Person(name="何来", email="he.lai@example.com")
    copy_to(context, opened, Order("zhang_min", "请知悉"), ["guest"], NOW)
    return "guest"
