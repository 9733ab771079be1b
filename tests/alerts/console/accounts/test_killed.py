"""Killed in the midst of it, what was done about an account or by a link is done whole or not at all, and once."""

import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select

from alerts.casefile.context import CaseContext
from alerts.casefile.tables import EventRow
from alerts.config import AlertsConfig
from alerts.console.accounts.inviting import invite, read_invited
from alerts.console.accounts.signing import read_signing
from alerts.console.tables import AccessRow, SpentLinkRow
from alerts.notify.contents.notice import read_notice
from alerts.notify.tables import OutboxRow
from alerts.people.accounts import AccountRow, has_password
from alerts.watch import Watcher
from stream.messages import ScoredPost
from stream.state.database import reading
from tests.alerts.conftest import NOW, ROOT
from tests.alerts.console.accounts.killed_account import CONSOLE

LATER = NOW + timedelta(minutes=1)
Done = Callable[..., int]


@pytest.fixture
def config(config: AlertsConfig) -> AlertsConfig:
    return replace(config, console=CONSOLE)


@pytest.fixture
def done(tmp_path: Path, state_url: str, context: CaseContext) -> Done:
    """Does something in a process of its own, killed at a place or not; its exit code."""

    def one(place: str, what: str, token: str = "", typed: str = "") -> int:
        program = [sys.executable, str(Path(__file__).parent / "killed_account.py"), str(tmp_path)]
        arguments = [str(ROOT / "configs" / "example"), LATER.isoformat(), state_url, what, token, typed]
        environment = {"PYTHONPATH": str(ROOT)} | ({"WENFENG_FAILPOINTS": f"{place}=kill@1"} if place else {})
        return subprocess.run([*program, *arguments], cwd=ROOT, env=environment, check=False).returncode

    return one


def count(context: CaseContext, table: type) -> int:
    with reading(context.engine) as session:
        return session.scalar(select(func.count()).select_from(table)) or 0


def test_an_invitation_is_issued_with_its_mail_or_not(context: CaseContext, done: Done) -> None:
    assert done("invite.written", "invite") == -9
    assert (count(context, AccountRow), count(context, OutboxRow), count(context, AccessRow)) == (0, 0, 0)
    assert done("", "invite") == done("", "invite") == 0
    assert (count(context, AccountRow), count(context, OutboxRow), count(context, AccessRow)) == (1, 1, 1)


def test_a_password_is_set_and_its_link_spent_or_neither(context: CaseContext, done: Done) -> None:
    token = invite(context, CONSOLE, "zhang_min", NOW, by="", client="").address.rpartition("/")[2]
    assert done("account.written", "accept", token, "江边的柳树绿了又黄了") == -9
    with reading(context.engine) as session:
        assert not has_password(session, "zhang_min")
    assert read_invited(context, token, LATER).why == ""
    assert done("", "accept", token, "江边的柳树绿了又黄了") == 0
    assert "已使用过" in read_invited(context, token, LATER).why


@pytest.mark.parametrize(("place", "spent"), [("act.written", 0), ("act.kept", 1)])
def test_a_case_is_signed_for_and_the_link_spent_or_neither(
    context: CaseContext, quiet_weeks: None, rumour: Callable[..., list[ScoredPost]], done: Done, place: str, spent: int
) -> None:
    rumour(30)
    Watcher(context, [], "w").look(NOW)
    with reading(context.engine) as session:
        letter = read_notice(session.scalars(select(OutboxRow.notice)).first() or "")
    token = letter.signing.rpartition("/")[2]
    assert done(place, "sign", token, letter.digits) == -9
    assert count(context, SpentLinkRow) == spent
    assert bool(read_signing(context, token, LATER).done) is bool(spent)
    assert done("", "sign", token, letter.digits) == (1 if spent else 0)
    assert read_signing(context, token, LATER).done == "张敏已于 14:03 签收"
    with reading(context.engine) as session:
        signed = session.scalar(select(func.count()).where(EventRow.kind == "acknowledge"))
    assert (signed, count(context, SpentLinkRow)) == (1, 1)
