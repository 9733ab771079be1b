"""`alerts console invite`: the link is printed, and the same one again; and what is doubtful about `console`."""

from pathlib import Path

import pytest
from yaml import safe_dump, safe_load

from tests.alerts.cli.conftest import Run


@pytest.fixture
def console(configs: Path) -> None:
    with_console(configs, {"address": "https://yuqing.example.com", "administrators": ["zhao_lei"]})


def with_console(configs: Path, console: object) -> None:
    alerts = safe_load((configs / "alerts.yml").read_text("utf-8")) | {"console": console}
    (configs / "alerts.yml").write_text(safe_dump(alerts, allow_unicode=True), "utf-8")


@pytest.mark.usefixtures("console")
def test_a_person_is_invited_by_name_and_the_link_is_printed_and_mailed(run: Run) -> None:
    first = run("console", "invite", "张敏")
    assert first.exit_code == 0, first.output
    address, told = first.stdout.splitlines()
    assert address.startswith("https://yuqing.example.com/welcome/")
    assert told == "已寄给张敏（zhang.min@example.com），7 天内有效，只能使用一次"
    assert run("console", "invite", "zhang_min").stdout == first.stdout
    assert run("outbox", "list").stdout.count("invitation") == 1


@pytest.mark.usefixtures("console")
def test_a_stranger_is_invited_by_nobody(run: Run) -> None:
    refused = run("console", "invite", "mallory")
    assert refused.exit_code == 1
    assert "mallory" in refused.stderr


def test_without_an_address_the_link_is_passed_on_by_hand(run: Run) -> None:
    told = run("console", "invite", "张敏")
    assert told.exit_code == 0
    assert "请转交张敏" in told.stdout


def test_where_a_proxy_signs_people_in_there_is_no_password(run: Run, configs: Path) -> None:
    with_console(configs, {"address": "https://yuqing.example.com", "header": "X-Remote-User"})
    refused = run("console", "invite", "张敏")
    assert refused.exit_code == 1
    assert "统一认证" in refused.stderr


def test_check_config_tells_what_is_likely_not_meant(run: Run, configs: Path) -> None:
    with_console(configs, {"listen": "0.0.0.0:8420", "header": "X-Remote-User"})
    told = run("check-config")
    assert told.exit_code == 0, told.output
    assert "warning: alerts.yml console.listen: 0.0.0.0:8420 answers other machines without TLS" in told.stderr
    assert "warning: alerts.yml console.header: X-Remote-User is believed from this machine alone" in told.stderr
