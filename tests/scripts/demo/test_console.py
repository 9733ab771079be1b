from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner
from sqlalchemy import Engine

from alerts.casefile.context import CaseContext
from alerts.console.accounts.entering import who_is_meant
from alerts.console.accounts.passwords import is_password
from alerts.notify.console import ConsoleConfig
from alerts.people.accounts import AccountRow
from scripts.demo.console import StoryClock, hour_of, let_in, main, told
from scripts.demo.moments import FIRST_LETTER
from scripts.demo.timetable import last_days
from stream.process.clock import SystemClock
from stream.state.database import reading
from tests.alerts.conftest import NOW, config, context, index

__all__ = ["config", "context", "index"]


def test_the_story_s_clock_begins_at_its_hour_and_goes_on() -> None:
    start = datetime(2026, 9, 26, 1, 0, tzinfo=UTC)
    clock = StoryClock(start)
    first, later = clock.now(), clock.now()
    assert start <= first <= later < start + timedelta(minutes=1)
    assert clock.now() < SystemClock().now()


def test_it_begins_where_the_story_ended_or_at_the_moment_that_was_kept(engine: Engine) -> None:
    assert hour_of(engine, None) == last_days()[-1]
    with pytest.raises(ValueError, match="empty"):
        hour_of(engine, FIRST_LETTER)  # nothing happened before a case


def test_everybody_gets_a_password_that_lets_them_in_and_is_told(context: CaseContext) -> None:
    people = context.config.people
    logins = let_in(context.engine, people, NOW)
    assert logins.keys() == people.keys()
    assert len(set(logins.values())) == len(people)
    with reading(context.engine) as session:
        kept = session.get_one(AccountRow, "zhang_min").password
    assert is_password(kept, logins["zhang_min"])
    assert not is_password(kept, logins["li_qiang"])
    assert who_is_meant(context, "张敏") == "zhang_min"
    lines = told(ConsoleConfig(), people, logins)
    assert "http://127.0.0.1:8420" in lines[0]
    assert any("张敏" in line and logins["zhang_min"] in line for line in lines)


def test_a_second_start_draws_other_passwords(context: CaseContext) -> None:
    first = let_in(context.engine, context.config.people, NOW)
    again = let_in(context.engine, context.config.people, NOW)
    assert first["zhang_min"] != again["zhang_min"]
    with reading(context.engine) as session:
        assert is_password(session.get_one(AccountRow, "zhang_min").password, again["zhang_min"])


def test_without_a_demo_it_says_to_run_one(tmp_path: Path) -> None:
    done = CliRunner().invoke(main, ["--var", str(tmp_path / "none")])
    assert done.exit_code == 1
    assert "run `make demo` first" in done.output
