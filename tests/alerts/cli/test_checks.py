import re
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import Engine, text
from yaml import safe_dump, safe_load

from alerts.casefile.guards.failures import Failure, FailureKind
from alerts.cli.checks import budget_line, complaint_line
from alerts.desk.audit import ChangedHistory, Failing, OverdueTask, StuckLetter
from alerts.desk.letters import LetterStatus
from alerts.notify.tables import RowState
from alerts.workflow.ladder import Task
from stream.state.database import open_state
from tests.alerts.cli.conftest import Run
from tests.alerts.desk.test_standing import standing

AT = datetime(2026, 9, 21, 6, 2, tzinfo=UTC)


def test_a_whole_configuration_is_told_to_have_no_mistakes(run: Run, configs: Path) -> None:
    assert run("check-config").stdout == f"{configs}/alerts.yml: no mistakes\n"


@pytest.mark.parametrize("command", [("check-config",), ("case", "list")])
def test_mistakes_of_all_files_are_told_with_code_78(run: Run, configs: Path, command: tuple[str, ...]) -> None:
    (configs / "alerts.yml").write_text("organisation: x\nnonsense: 1\n", "utf-8")
    (configs / "topics.yml").write_text("topics: 7\n", "utf-8")
    done = run(*command)
    assert done.exit_code == 78
    assert "alerts.yml: nonsense" in done.stderr
    assert "topics.yml: topics" in done.stderr


def change(configs: Path, name: str = "alerts.yml", **changes: object) -> None:
    raw = safe_load((configs / name).read_text("utf-8")) | changes
    (configs / name).write_text(safe_dump(raw, allow_unicode=True), "utf-8")


def people(configs: Path) -> dict[str, dict[str, str]]:
    found: dict[str, dict[str, str]] = safe_load((configs / "alerts.yml").read_text("utf-8"))["people"]
    return found


@pytest.mark.parametrize(
    ("secret", "told"),
    [
        ("geheim\nX: 1", "holds a line break"),
        ("geheim密钥", "index_api_key: a key of ASCII characters is needed here"),
        ("\n", "is empty"),
    ],
)
def test_a_secret_that_cannot_be_used_is_refused_before_anything_starts_and_shown_nowhere(
    configs: Path, monkeypatch: pytest.MonkeyPatch, run: Run, secret: str, told: str
) -> None:
    monkeypatch.setenv("WENFENG_INDEX_API_KEY", secret)
    change(configs, "stream.yml", index="http://127.0.0.1:9", index_api_key_env="WENFENG_INDEX_API_KEY")
    for command in (("check-config",), ("watch", "--once")):
        done = run(*command)
        assert (done.exit_code, told in done.stderr) == (78, True)
        assert "geheim" not in done.output + done.stderr + repr(done.exception)


def test_a_line_break_behind_a_key_is_cut_off(configs: Path, monkeypatch: pytest.MonkeyPatch, run: Run) -> None:
    monkeypatch.setenv("WENFENG_INDEX_API_KEY", "geheim\n")
    change(configs, "stream.yml", index="http://127.0.0.1:9", index_api_key_env="WENFENG_INDEX_API_KEY")
    assert run("check-config").exit_code == 0
    done = run("watch", "--once")
    assert "Invalid header" not in done.output + done.stderr + repr(done.exception)
    assert "geheim" not in done.output + done.stderr + repr(done.exception)


def test_a_letter_that_cannot_be_made_is_refused_by_the_person_it_is_for(run: Run, configs: Path) -> None:
    odd = people(configs) | {"li_qiang": {"name": "李强\u200b\x85", "email": "li.qiang@example.com"}}
    change(configs, people=odd)
    assert run("check-config").exit_code == 0  # what the mail library would not take is made safe
    change(configs, people=odd | {"li_qiang": {"name": "李强", "email": "li..qiang@example.com"}})
    done = run("check-config")
    assert (done.exit_code, "alerts.yml: people.li_qiang.email: this is no mail address" in done.stderr) == (78, True)


def test_a_certificate_that_is_none_is_told_by_its_key(run: Run, configs: Path) -> None:
    relay = {"host": "127.0.0.1", "tls": "starttls", "ca_file": str(configs / "absent.pem"), "made_up": True}
    change(configs, smtp=relay)
    done = run("check-config")
    assert (done.exit_code, "alerts.yml: smtp.ca_file: " in done.stderr) == (78, True)
    (configs / "absent.pem").write_text("no certificate", "utf-8")
    assert run("check-config").exit_code == 78
    change(configs, channels={"relay": {"kind": "smtp"} | relay}, folder=None, smtp=None)
    assert "alerts.yml: channels.relay.ca_file: " in run("check-config").stderr


def test_equal_names_are_said_with_the_keys_that_tell_them_apart(run: Run, configs: Path) -> None:
    change(configs, people=people(configs) | {"min_zhang": {"name": "张敏", "email": "m@example.com"}})
    done = run("check-config")
    assert done.exit_code == 0
    assert "warning: alerts.yml people: min_zhang and zhang_min are both called 张敏" in done.stderr
    assert " share " not in done.stderr


def test_what_two_people_or_topics_share_and_steps_out_of_order_are_said_and_are_no_mistakes(
    run: Run, configs: Path
) -> None:
    known = people(configs)
    ladder = safe_load((configs / "alerts.yml").read_text("utf-8"))["ladder"]
    ladder["limits"]["red"]["judge"]["within"] = "5m"
    change(configs, ladder=ladder, people=known | {"twin": {"name": "孪生", "email": known["zhang_min"]["email"]}})
    topics = safe_load((configs / "topics.yml").read_text("utf-8"))
    key, topic = next(iter(topics["topics"].items()))
    topics["topics"]["again"] = topic
    (configs / "topics.yml").write_text(safe_dump(topics, allow_unicode=True), "utf-8")
    done = run("check-config")
    assert done.exit_code == 0
    assert f"warning: alerts.yml people: twin and zhang_min share {known['zhang_min']['email']}" in done.stderr
    assert f"warning: topics.yml topics: again and {key} are both called {topic['name']}" in done.stderr
    assert "warning: alerts.yml ladder.limits.red: judge is due after 5m, before acknowledge" in done.stderr


def test_a_grade_that_nobody_can_reach_is_said(run: Run, configs: Path) -> None:
    change(configs, grades=[{"grade": "red", "measure": "negative", "at_least": 100, "source": "x"}], triggers=[])
    done = run("check-config")
    assert done.exit_code == 0
    assert "warning: alerts.yml: grades: nothing ever gives orange" in done.stderr


def test_words_that_one_person_alone_would_write_and_pass_are_said(run: Run, configs: Path) -> None:
    known = safe_load((configs / "alerts.yml").read_text("utf-8"))
    desks, ladder = known["desks"], known["ladder"]
    calls = ladder["desks"] | {"word": ["leaders"], "approve": ["leaders"]}
    alone = desks["leaders"] | {"people": ["zhang_min"]}
    change(configs, ladder=ladder | {"desks": calls, "may_always": ["leaders"]}, desks=desks | {"leaders": alone})
    done = run("check-config")
    told = (
        "warning: alerts.yml ladder.desks: zhang_min alone is called over word and approve, and nobody passes their own"
    )
    assert (done.exit_code, told in done.stderr) == (0, True)
    change(configs, desks=desks | {"leaders": alone | {"people": ["zhang_min", "wang_fang"]}})
    assert "alone is called" not in run("check-config").stderr


def rename_publicity(configs: Path) -> None:
    for name in ("alerts.yml", "topics.yml"):
        words = (configs / name).read_text("utf-8")
        (configs / name).write_text(re.sub(r"\bpublicity\b", "xuanchuan", words), "utf-8")


def test_a_desk_renamed_under_an_open_case_is_said_and_stops_no_command(watched: Run, configs: Path) -> None:
    rename_publicity(configs)
    done = watched("check-config")
    told = "case 1 waits for desk publicity, which alerts.yml does not name any more: xuanchuan stands in for it"
    assert (done.exit_code, f"warning: {told}" in done.stderr.splitlines()) == (0, True)
    for command in (("watch", "--once"), ("case", "list"), ("case", "show", "1"), ("status",), ("check",)):
        assert watched(*command).exit_code == 0, command


def test_what_fails_by_itself_is_found_until_it_works_again(watched: Run, configs: Path, state_url: str) -> None:
    def spoil(grade: str) -> None:
        engine = open_state(state_url)
        with engine.begin() as connection:
            connection.execute(text("UPDATE alert_case SET grade = :grade"), {"grade": grade})
        engine.dispose()

    spoil("purple")
    assert watched("watch", "--once").exit_code == 0
    done = watched("check")
    assert done.exit_code == 1
    assert re.search(
        r"^topic outage: fails since .*, the rest goes on: ValueError: 'purple' is not a valid Grade$",
        done.stdout,
        re.M,
    )
    spoil("yellow")
    assert watched("watch", "--once").exit_code == 0
    assert watched("check").stdout == "没有发现问题\n"


def test_a_topic_whose_owner_is_no_desk_is_told(run: Run, configs: Path) -> None:
    topics = (configs / "topics.yml").read_text("utf-8").replace("owner: dispatch", "owner: nobody")
    (configs / "topics.yml").write_text(topics, "utf-8")
    done = run("check-config")
    assert done.exit_code == 78
    assert "alerts.yml has no desk 'nobody'" in done.stderr


def test_the_desk_of_what_meets_no_topic_is_looked_for_as_well(run: Run, configs: Path) -> None:
    topics = (configs / "topics.yml").read_text("utf-8")
    place = topics.index("elsewhere:")
    written = topics[:place] + topics[place:].replace("owner: publicity", "owner: nobody", 1)
    (configs / "topics.yml").write_text(written, "utf-8")
    done = run("check-config")
    assert (done.exit_code, "elsewhere.owner: alerts.yml has no desk 'nobody'" in done.stderr) == (78, True)


def test_what_budgets_come_to_is_said_of_topics_that_are_remembered(watched: Run, configs: Path) -> None:
    done = watched("check-config")
    first, *budgets = done.stdout.splitlines()
    assert (done.exit_code, first) == (0, f"{configs}/alerts.yml: no mistakes")
    (outage,) = [line for line in budgets if line.startswith("outage: ")]
    assert re.fullmatch(
        r"outage: 1 alarm a week; around \d+ negatives an hour would alarm at this time of day, less than 1 is usual",
        outage,
    )


def test_a_budget_that_the_past_cannot_support_is_doubted(watched: Run, configs: Path) -> None:
    alerts = safe_load((configs / "alerts.yml").read_text("utf-8"))
    alerts["detector"]["alerts_per_week"] = 0.1
    (configs / "alerts.yml").write_text(safe_dump(alerts, allow_unicode=True), "utf-8")
    done = watched("check-config")
    assert done.exit_code == 0
    assert re.search(
        r"warning: outage: alerts_per_week 0\.1 rests on the prior until \d{4}-\d\d-\d\d: 5 days", done.stderr
    )
    assert "outage: 0.1 alarms a week; around" in done.stdout


@pytest.mark.parametrize("address", ["sqlite:none.db", "http://127.0.0.1:1"])
def test_an_engine_that_is_away_spoils_no_check(watched: Run, configs: Path, address: str) -> None:
    stream = safe_load((configs / "stream.yml").read_text("utf-8")) | {"index": address}
    (configs / "stream.yml").write_text(safe_dump(stream, allow_unicode=True), "utf-8")
    done = watched("check-config")
    assert (done.exit_code, done.stdout) == (0, f"{configs}/alerts.yml: no mistakes\n")


def test_keys_that_decide_nothing_any_more_are_told(run: Run, configs: Path) -> None:
    alerts = safe_load((configs / "alerts.yml").read_text("utf-8"))
    alerts["detector"] |= {"cusum": 6, "window": "1h"}
    (configs / "alerts.yml").write_text(safe_dump(alerts, allow_unicode=True), "utf-8")
    done = run("check-config")
    assert done.exit_code == 0
    for key in ("cusum", "window"):
        told = f"warning: alerts.yml detector.{key}: decides nothing any more, alerts_per_week does: take it out"
        assert told in done.stderr.splitlines()


@pytest.mark.parametrize(
    ("changes", "line"),
    [
        ({}, "outage: 1 alarm a week; around 23 negatives an hour would alarm at this time of day, about 2 are usual"),
        (
            {"alerts_per_week": 0.25, "usual": 0.2},
            "outage: 0.25 alarms a week; around 23 negatives an hour would alarm at this time of day, "
            "less than 1 is usual",
        ),
    ],
)
def test_a_budget_is_told_in_posts_an_hour(changes: dict[str, float], line: str) -> None:
    assert budget_line(standing(**changes)) == line


ROW = "  - {when: %s, grade: yellow, source: x}\n"


def write_triggers(configs: Path, *rows: str) -> None:
    kept = safe_load((configs / "alerts.yml").read_text("utf-8")) | {"triggers": []}
    written = safe_dump(kept, allow_unicode=True).replace(
        "triggers: []", "triggers:\n" + "".join(ROW % one for one in rows)
    )
    (configs / "alerts.yml").write_text(written, "utf-8")


def test_a_trigger_that_names_no_topic_or_cue_there_is_is_told_before_anything_starts(run: Run, configs: Path) -> None:
    write_triggers(configs, "cue, cues: [denger]", "spread, topics: [outrage]")
    for command in (("check-config",), ("case", "list")):
        done = run(*command)
        assert done.exit_code == 78
        assert "alerts.yml: triggers.0.cues: topics.yml has no cue 'denger'; known: danger, epidemic" in done.stderr
        assert "alerts.yml: triggers.1.topics: topics.yml has no topic 'outrage'; known: outage" in done.stderr


def test_a_triggers_source_is_one_of_crawlers_yml_where_that_is_there(run: Run, configs: Path) -> None:
    write_triggers(configs, "source, sources: [news, nws]", "urgent, sources: [box]")
    assert run("check-config").exit_code == 0
    (configs / "crawlers.yml").write_text("sources: {news: {site: news}}\n", "utf-8")
    done = run("check-config")
    assert done.exit_code == 78
    assert "alerts.yml: triggers.0.sources: crawlers.yml has no source 'nws'" in done.stderr
    assert "alerts.yml: triggers.1.sources: crawlers.yml has no source 'box'" in done.stderr
    assert "'news'" not in done.stderr


def test_numbers_that_exclude_one_another_are_warned_of(run: Run, configs: Path) -> None:
    ladder = safe_load((configs / "alerts.yml").read_text("utf-8"))["ladder"]
    change(configs, look_every="8d", ladder=ladder | {"least": "10d"})
    write_triggers(configs, "source, sources: [news], within: 24h")
    (configs / "crawlers.yml").write_text("sources: {news: {site: news, enabled: false}}\n", "utf-8")
    done = run("check-config")
    assert done.exit_code == 0
    for told in (
        "triggers.0.sources: crawlers.yml has news switched off: it never fires",
        "triggers.0.within: 1 day, 0:00:00 is shorter than the 8 days, 0:00:00 between two looks",
        "look_every: 8 days, 0:00:00 is no shorter than 7 days, 0:00:00, and older waves are history",
        "ladder.limits.red: acknowledge, approve, ",
    ):
        assert f"warning: alerts.yml {told}" in done.stderr


def test_a_crawlers_yml_of_another_shape_is_a_mistake_and_no_crash(run: Run, configs: Path) -> None:
    write_triggers(configs, "source, sources: [news]")
    for written in ("7\n", "sources: 7\n", "- a\n", "sources: {news\n"):
        (configs / "crawlers.yml").write_text(written, "utf-8")
        assert run("check-config").exit_code == 78


def test_an_audit_that_finds_nothing_says_so(watched: Run) -> None:
    done = watched("check")
    assert (done.exit_code, done.stdout) == (0, "没有发现问题\n")


def test_an_audit_finds_a_history_that_was_changed(watched: Run, state_url: str) -> None:
    _change(open_state(state_url))
    done = watched("check")
    assert done.exit_code == 1
    assert done.stdout == "case 1: event 1 was changed after it was written\n"
    assert "警告：第 1 条记录被改动过" in watched("case", "show", "1").stdout


def _change(engine: Engine) -> None:
    with engine.begin() as connection:
        connection.execute(text("UPDATE alert_event SET note = 'nothing' WHERE number = 1"))
    engine.dispose()


def test_each_complaint_is_a_line_that_names_the_case() -> None:
    task = Task(
        case_id=3, step="verify", turn=0, level=0, desk="dispatch", began_at=AT, due_at=AT, warn_at=AT
    )  # fmt: skip
    letter = LetterStatus(
        id=8, case_id=3, step="opened-acknowledge", recipient="a@example.com", channel="smtp", place=0,
        state=RowState.FAILED, attempts=2, queued_at=AT,
        next_at=AT, sent_at=None, answer="smtp: 550",
    )  # fmt: skip
    assert complaint_line(OverdueTask(task)) == "case 3: verify was due 9月21日14:02 and nobody was called"
    assert complaint_line(StuckLetter(letter)) == "letter 8 of case 3 to a@example.com: failed, smtp: 550"
    failure = Failure(FailureKind.TASK, "7 of case 3", AT, AT, "KeyError: 'x'")
    assert complaint_line(Failing(failure)) == (
        "task 7 of case 3: fails since 9月21日14:02, the rest goes on: KeyError: 'x'"
    )
    assert complaint_line(ChangedHistory(3, 5)) == "case 3: event 5 was changed after it was written"
