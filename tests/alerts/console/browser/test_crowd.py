"""Many people at once, two people with one button, and a console that is killed in the middle of an act."""

import os
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from pathlib import Path
from time import monotonic, sleep

import httpx2
import pytest
from sqlalchemy import Engine, select
from yaml import safe_dump, safe_load

from alerts.casefile.tables import EventRow
from alerts.console.door import Premises
from alerts.notify.console import ConsoleConfig
from stream.process.clock import SystemClock
from stream.process.failpoints import VARIABLE
from stream.state.database import reading
from tests.alerts.conftest import NOW, ROOT
from tests.alerts.console.browser.asking import Asker
from tests.alerts.console.browser.conftest import Told

PEOPLE = 50
DONE = 303  # an act leads back to its page
STARTING = 60.0  # seconds


def events(engine: Engine, case_id: int) -> list[str]:
    with reading(engine) as session:
        return list(session.scalars(select(EventRow.kind).where(EventRow.case_id == case_id).order_by(EventRow.id)))


def test_fifty_people_at_once_get_their_pages_and_every_act_is_done_once(served: Premises, told: Told) -> None:
    page, act = f"/case/{told.case_id}", f"/case/{told.case_id}/act"
    people = ["zhang_min", "li_qiang", "wang_fang"]

    def one(number: int) -> list[int]:
        asker = Asker(served, people[number % 3], now=NOW)
        with closing(asker.client):
            got = [asker.client.get(path).status_code for path in ("/", page, "/cases")]
            fields = asker.form(page, "/order", order="copy") | {"people": "wu_tao", "note": f"请知悉 {number}"}
            return [*got, asker.send(act.replace("/act", "/order"), fields).status_code]

    with ThreadPoolExecutor(PEOPLE) as pool:
        found = Counter(status for statuses in pool.map(one, range(PEOPLE)) for status in statuses)
    # who was overtaken by another is shown what changed (409) and has done nothing
    assert found.keys() <= {200, DONE, 409}
    assert found[200] == 3 * PEOPLE
    assert events(served.context.engine, told.case_id).count("copy") == found[DONE] > 0


def test_fifty_people_sign_for_one_case_and_it_is_signed_for_once(served: Premises, told: Told) -> None:
    page, act = f"/case/{told.case_id}", f"/case/{told.case_id}/act"

    def one(number: int) -> tuple[int, str]:
        asker = Asker(served, ("zhang_min", "li_qiang", "wang_fang")[number % 3], now=NOW)
        with closing(asker.client):
            token = asker.form(page, "/signout")["form_token"]
            answer = asker.send(act, {"action": "acknowledge", "form_token": token})
            return answer.status_code, answer.text

    with ThreadPoolExecutor(PEOPLE) as pool:
        answers = list(pool.map(one, range(PEOPLE)))
    assert {status for status, _ in answers} == {DONE}
    assert events(served.context.engine, told.case_id).count("acknowledge") == 1


@contextmanager
def process(folder: Path, console: ConsoleConfig, failpoints: str) -> Iterator[subprocess.Popen[bytes]]:
    """The console as `make run` starts it, on the state and index of the test, waiting for requests."""
    configs = folder / "configs"
    configs.mkdir(exist_ok=True)
    said = safe_load((ROOT / "configs/example/alerts.yml").read_text("utf-8"))
    said["console"] = {"address": console.base, "listen": console.listen}
    topics = {"outage": {"name": "停电抢修", "owner": "dispatch", "rules": [{"any_of": ["停电"]}]}}
    written = {"alerts": said, "stream": {"var": str(folder)}, "topics": {"topics": topics}}
    for name, content in written.items():
        (configs / f"{name}.yml").write_text(safe_dump(content, allow_unicode=True), "utf-8")
    command = [sys.executable, "-m", "alerts", "console", "--configs", str(configs)]
    with (folder / "console.log").open("ab") as log:
        running = subprocess.Popen(
            command, cwd=ROOT, env=os.environ | {VARIABLE: failpoints}, stdout=log, stderr=subprocess.STDOUT
        )
        try:
            _wait(running, console.base, folder / "console.log")
            yield running
        finally:
            running.kill()
            running.wait()


def _wait(running: subprocess.Popen[bytes], base: str, log: Path) -> None:
    until = monotonic() + STARTING
    while monotonic() < until and running.poll() is None:
        try:
            httpx2.get(f"{base}/signin")
            return
        except httpx2.TransportError:
            sleep(0.1)
    pytest.fail(log.read_text("utf-8")[-2000:])


@pytest.mark.slow
@pytest.mark.parametrize(("place", "kept"), [("act.written", False), ("act.kept", True)])
def test_an_act_in_whose_middle_the_console_is_killed_is_done_once_or_not_at_all(
    premises: Premises, told: Told, console: ConsoleConfig, tmp_path: Path, place: str, kept: bool
) -> None:
    """The person, who got no answer, sends it once more."""
    engine, act = premises.context.engine, f"/case/{told.case_id}/act"
    clerk = Asker(premises, "zhang_min", now=SystemClock().now())
    with process(tmp_path, console, f"{place}=kill@1") as running:
        fields = {"action": "acknowledge", "form_token": clerk.form("/", "/signout")["form_token"]}
        with pytest.raises(httpx2.TransportError):
            clerk.send(act, fields)
        assert running.wait(30) == -signal.SIGKILL
    assert events(engine, told.case_id).count("acknowledge") == (1 if kept else 0)
    with process(tmp_path, console, ""):
        assert clerk.send(act, fields).status_code == DONE
    assert events(engine, told.case_id).count("acknowledge") == 1
