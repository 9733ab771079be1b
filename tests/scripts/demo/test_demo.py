import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from email import message_from_bytes
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from alerts.casefile.tables import CaseRow
from alerts.cli.settings import open_context, read_settings
from alerts.console.app import build_app
from alerts.console.door import Premises
from alerts.console.doors import DOORS
from scripts.demo.console import StoryClock, hour_of
from scripts.demo.moments import FIRST_LETTER, configs_of
from stream.state.database import reading
from tests.alerts.console.browser.conftest import Told, base, chromium, serving
from tests.alerts.console.browser.looking import SIZES, Looker
from tests.alerts.console.browser.test_story import SIGNED, TAPS, Watch, Way, digits_of

__all__ = ["base", "chromium"]

ROOT = Path(__file__).parents[3]
IN_ORDER = (
    "crawled", "ordinary", "spike", "case opened", "letter sent", "nobody acts", "escalated", "mail answer",
    "verified", "drafted", "refused", "approved", "clarified", "calm again", "tracked", "rekindled", "closed",
    "reviewed", "claim kept", "answered", "planned", "trouble", "recovered", "known claim", "remedied",
)  # fmt: skip
AGAIN = ("rekindled", "letter sent", "clarified", "guided", "calm again", "closed")


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """What the demo left, and what it printed."""
    folder = tmp_path_factory.mktemp("story") / "demo"
    command = [sys.executable, "-m", "scripts.demo", "--var", str(folder)]
    run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=400, check=False)
    assert run.returncode == 0, run.stdout[-2000:] + run.stderr[-2000:]
    return folder, run.stdout


@pytest.mark.slow
def test_the_story_ends_well_and_nothing_is_lost(demo: tuple[Path, str]) -> None:
    folder, printed = demo
    places = [printed.index(f"  {happening} ") for happening in IN_ORDER]
    assert places == sorted(places)
    again = printed[printed.index("  rekindled ") - 1 :]
    assert [again.index(f"  {happening} ") for happening in AGAIN] == sorted(
        again.index(f"  {happening} ") for happening in AGAIN
    )
    last = printed.splitlines()[-1]
    assert re.fullmatch(
        r"crawled \d+, scored \d+, indexed \d+ posts \(the others are later versions of these\), quarantined \d+, "
        r"cases 4, letters [1-9]\d*, lost 0",
        last,
    ), last
    letters = [message_from_bytes(path.read_bytes()) for path in (folder / "letters").glob("*.eml")]
    told = [str(letter["Message-ID"]) for letter in letters]
    assert sum(".opened-" in name for name in told) == 3
    assert sum(".rekindled-word." in name for name in told) == 1
    assert (folder / "story.png").stat().st_size > 50_000


@contextmanager
def at_the_first_letter(folder: Path, base: str) -> Iterator[Premises]:
    """The console as it was when the first letter of the story went out."""
    configs = configs_of(folder, FIRST_LETTER)
    settings = read_settings(configs)
    assert settings.alerts.console is not None
    console = replace(settings.alerts.console, address=base, listen=base.removeprefix("http://"))
    with open_context(settings) as context:
        premises = Premises(context, console, settings.stream, configs)
        with serving(build_app(premises, DOORS, StoryClock(hour_of(context.engine, FIRST_LETTER))), console):
            yield premises


@pytest.mark.slow
def test_its_first_letter_is_signed_for_on_a_phone_in_two_taps(
    demo: tuple[Path, str], chromium: Browser, base: str, capsys: pytest.CaptureFixture[str]
) -> None:
    folder, _ = demo
    letter = Told.read(min((folder / "letters").glob("*.eml")))
    width, height = SIZES["phone"]
    with at_the_first_letter(folder, base) as premises:
        page = chromium.new_context(viewport={"width": width, "height": height}, locale="zh-CN", has_touch=True)
        way = Way(Looker(page, page.new_page(), base), 1, Watch())
        part = letter.get_body(("html",))
        assert part is not None
        way.look.page.set_content(part.get_content().replace("http://127.0.0.1:8420", base))
        way.tap("a[href*='/a/']")
        way.type("[name=digits]", digits_of(letter))
        way.tap("main form button")
        assert "已签收" in way.look.words()
        page.close()
        with reading(premises.context.engine) as session:
            assert session.get_one(CaseRow, 1).acknowledged_by == "张敏"
    assert way.watch.taps <= TAPS
    assert way.watch.seconds <= SIGNED, str(way.watch)
    assert way.look.wrong == []
    with capsys.disabled():
        print(f"\nthe demo's first letter: signed for in {way.watch}")
