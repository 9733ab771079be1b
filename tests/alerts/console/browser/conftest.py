"""The console at an address of its own, and Debian's Chromium before it. Its state is a file."""

import os
import re
import socket
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from threading import Thread
from time import monotonic, sleep

import pytest
import uvicorn
from playwright.sync_api import Browser, sync_playwright

from alerts.casefile.context import CaseContext
from alerts.config import AlertsConfig
from alerts.console.accounts.sessions import begin_session
from alerts.console.app import build_app, cookie_name
from alerts.console.door import Premises
from alerts.console.doors import DOORS
from alerts.notify.channels.folder import FolderChannel, FolderConfig
from alerts.notify.console import ConsoleConfig
from alerts.watch import Watcher
from stream.messages import ScoredPost
from stream.process.clock import ScriptedClock
from stream.process.configuration import Configuration
from tests.alerts.conftest import NOW, ROOT
from tests.alerts.console.browser.looking import SIZES, Looker

CHROMIUM = "/usr/bin/chromium"
STARTING = 20.0  # seconds


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """The browser; without one the test is skipped, or fails where CI is set.

    It ends with its module: Playwright keeps an event loop running in this thread, and spiders in tests run their own.
    """
    if not Path(CHROMIUM).exists():
        reason = f"there is no {CHROMIUM}: apt install chromium fonts-noto-cjk"
        if os.environ.get("CI"):
            pytest.fail(reason)
        pytest.skip(reason)
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture
def state_url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'state.db'}"


@pytest.fixture
def base() -> str:
    """Where the console answers: a port that is free."""
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{probe.getsockname()[1]}"


@pytest.fixture
def console(base: str) -> ConsoleConfig:
    return ConsoleConfig(address=base, listen=base.removeprefix("http://"), administrators=("zhao_lei",))


@pytest.fixture
def config(console: ConsoleConfig) -> AlertsConfig:
    read = Configuration(ROOT / "configs" / "example", {}).add("alerts.yml", AlertsConfig)()
    return replace(read, console=console)


@pytest.fixture
def watcher(context: CaseContext, tmp_path: Path) -> Watcher:
    return Watcher(context, [FolderChannel(FolderConfig(path=tmp_path / "letters"))], "w")


@dataclass(frozen=True, slots=True)
class Told:
    """A case that was opened at `NOW`, and the letters that went out."""

    case_id: int
    folder: Path

    @staticmethod
    def read(path: Path) -> EmailMessage:
        """A letter that was kept as a file."""
        letter = message_from_bytes(path.read_bytes(), policy=policy.default)
        assert isinstance(letter, EmailMessage)
        return letter

    def links(self, to: str) -> list[str]:
        """Where the links of the first letter to an address lead."""
        part = self.letter(to).get_body(("html",))
        assert part is not None
        return re.findall(r'href="([^"]+)"', part.get_content())

    def letter(self, to: str, about: str = "opened") -> EmailMessage:
        """The letter of that occasion to an address."""
        for path in sorted(self.folder.glob(f"*{about}*.eml")):
            letter = self.read(path)
            if to in str(letter["To"]):
                return letter
        raise LookupError(f"no letter {about} to {to}: {[path.name for path in self.folder.iterdir()]}")


@pytest.fixture
def told(watcher: Watcher, quiet_weeks: None, rumour: Callable[..., list[ScoredPost]], tmp_path: Path) -> Told:
    """A rumour that became a case; its first letters are sent."""
    rumour(30)
    (seen,) = watcher.look(NOW)
    assert seen.case_id is not None
    watcher.deliver(NOW)
    return Told(seen.case_id, tmp_path / "letters")


@pytest.fixture
def served(premises: Premises, clock: ScriptedClock, console: ConsoleConfig) -> Iterator[Premises]:
    """The console, answering."""
    with serving(build_app(premises, DOORS, clock), console):
        yield premises


@contextmanager
def serving(app: object, console: ConsoleConfig) -> Iterator[None]:
    """Serves in a thread; ends it afterwards."""
    host, port = console.bind
    server = uvicorn.Server(
        uvicorn.Config(app, host=host, port=port, log_config=None, proxy_headers=False, timeout_graceful_shutdown=5)  # type: ignore[arg-type]
    )
    thread = Thread(target=server.run, name="console", daemon=True)
    thread.start()
    until = monotonic() + STARTING
    while not server.started and thread.is_alive() and monotonic() < until:
        sleep(0.02)
    assert server.started
    try:
        yield
    finally:
        server.should_exit = True
        thread.join()


Look = Callable[..., Looker]


@pytest.fixture
def look(chromium: Browser, served: Premises, clock: ScriptedClock, base: str) -> Iterator[Look]:
    """Gives the browser of a person who has signed in, None for nobody; whatever it did wrong fails the test."""
    lookers: list[Looker] = []

    def as_one(person: str | None, size: str = "phone", *, dark: bool = False, scripts: bool = True) -> Looker:
        width, height = SIZES[size]
        context = chromium.new_context(
            viewport={"width": width, "height": height}, color_scheme="dark" if dark else "light",
            java_script_enabled=scripts, locale="zh-CN", has_touch=size == "phone",
        )  # fmt: skip
        if person is not None:
            token = begin_session(served.context.engine, person, clock.now())
            context.add_cookies([{"name": cookie_name(served.console), "value": token, "url": base}])
        lookers.append(Looker(context, context.new_page(), base))
        return lookers[-1]

    yield as_one
    for one in lookers:
        one.context.close()
    assert not [said for one in lookers for said in one.wrong]
