"""A person before a page in a real browser, and what is noted of it: errors, dialogs, requests out of the house."""

from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import BrowserContext, Page

GRAVE = ("serious", "critical")  # of axe-core's four grades of impact
SIZES = {"phone": (360, 740), "desk": (1280, 800)}
_MARGIN = 1  # px: a layout's rounding


@dataclass
class Looker:
    """One person's browser at one size; `wrong` holds whatever no page of ours may do."""

    context: BrowserContext
    page: Page
    base: str
    wrong: list[str] = field(default_factory=list)
    taps: int = 0

    def __post_init__(self) -> None:
        self.page.on("dialog", self._dialog)
        self.page.on("pageerror", lambda error: self.wrong.append(f"error: {error}"))
        self.page.on("console", self._console)
        self.page.on("request", self._request)

    def open(self, path: str) -> int:
        """Opens a page of ours; returns its status."""
        answer = self.page.goto(self.base + path)
        assert answer is not None
        return answer.status

    def tap(self, selector: str) -> None:
        """Taps on what is there, and waits for what comes of it. Counted."""
        self.taps += 1
        self.page.locator(selector).first.click()
        self.page.wait_for_load_state()

    def type(self, selector: str, words: str) -> None:
        """Types into a field."""
        self.page.locator(selector).first.fill(words)

    def grave_findings(self) -> list[str]:
        """What axe-core finds that keeps people out, each with the first element that has it."""
        found: dict[str, Any] = Axe().run(self.page).response
        return [
            f"{one['id']}: {one['help']} ({one['nodes'][0]['html'][:200]})"
            for one in found["violations"]
            if one["impact"] in GRAVE
        ]

    def sticks_out(self) -> list[str]:
        """What makes the page wider than the screen; nothing where it is not."""
        wide: list[str] = self.page.evaluate(_STICKS_OUT, _MARGIN)
        return wide

    def words(self) -> str:
        return self.page.locator("main").inner_text()

    def _dialog(self, dialog: Any) -> None:
        self.wrong.append(f"dialog: {dialog.message}")
        dialog.dismiss()

    def _console(self, message: Any) -> None:
        ours = self.page.url.startswith(self.base)  # a letter's pictures are not there without its mail program
        if ours and message.type == "error" and "status of" not in message.text:  # nor is a page for 404 a mistake
            self.wrong.append(f"console: {message.text}")

    def _request(self, request: Any) -> None:
        to = urlsplit(request.url)
        if to.scheme in ("http", "https", "ws", "wss") and f"{to.scheme}://{to.netloc}" != self.base:
            self.wrong.append(f"request: {request.url}")


_STICKS_OUT = """margin => {
  var width = document.documentElement.clientWidth;
  if (document.documentElement.scrollWidth <= width + margin) { return []; }
  var found = [];
  document.querySelectorAll('body *').forEach(function (one) {
    var box = one.getBoundingClientRect();
    if (box.right > width + margin && found.length < 3) {
      found.push(one.tagName + '.' + one.className + ' to ' + Math.round(box.right) + ' of ' + width);
    }
  });
  return found.length ? found : ['page of ' + document.documentElement.scrollWidth];
}"""
