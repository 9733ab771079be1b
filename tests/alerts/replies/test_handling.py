"""A mail is dealt with once, in one transaction with its answer, whatever it says and whoever dies when."""

import signal
import subprocess
import sys
from dataclasses import replace
from datetime import datetime, timedelta
from email import message_from_bytes
from email.policy import default
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from alerts.casefile.acting.steps import act
from alerts.casefile.casework import open_case
from alerts.casefile.context import CaseContext
from alerts.casefile.snapshot import CaseSnapshot
from alerts.casefile.tables import CaseRow, EventRow
from alerts.casefile.troubles.casework import open_incident
from alerts.detection.grades import Grade, Grading
from alerts.incidents.kinds import Kind
from alerts.incidents.troubles import Trouble
from alerts.notify.channels.folder import FolderConfig
from alerts.notify.contents.notice import read_notice
from alerts.notify.inbox import InboxConfig
from alerts.notify.tables import OutboxRow
from alerts.people.directory import Person
from alerts.replies.handling import AT_ONCE, FORGET_AFTER, ReplyRounds, take
from alerts.replies.inbox import InboxAway, Received
from alerts.replies.proof import MOST_USES, VALID_FOR
from alerts.replies.tables import ReplyOutcome, read_standing
from alerts.workflow.cases import ActRequest
from stream.process.failpoints import arm
from stream.state.database import reading, transaction
from tests.alerts.casefile.conftest import signal_of
from tests.alerts.replies.mailing import DovecotMailbox, MemoryMailbox, mail, of_dovecot

MINUTE = timedelta(minutes=1)
ROOT = Path(__file__).parents[3]


def changed(context: CaseContext, **config: Any) -> CaseContext:
    return replace(context, config=replace(context.config, **config))


def with_a_case(there: CaseContext, now: datetime) -> CaseContext:
    """Opens a case on the topic `outage`, whose first letter goes to 张敏."""
    snapshot = CaseSnapshot(signal_of("outage", now), Grading(Grade.YELLOW, ()), (), ())
    with transaction(there.engine) as session:
        open_case(session, there, snapshot, (), now)
    return there


@pytest.fixture
def office(context: CaseContext, now: datetime) -> CaseContext:
    """An installation whose letters may be answered, with one case and its first letter."""
    return with_a_case(changed(context, inbox=of_dovecot("imap://127.0.0.1:143", "wenfeng")), now)


def letters(office: CaseContext, step: str = "opened-acknowledge") -> list[OutboxRow]:
    with reading(office.engine) as session:
        return list(session.scalars(select(OutboxRow).where(OutboxRow.step == step).order_by(OutboxRow.id)))


def answering(office: CaseContext, words: str = "收到", **headers: str) -> bytes:
    """The answer of the first letter's recipient."""
    row = letters(office)[0]
    told = {"In_Reply_To": row.message_id, "References": f"<1.root@wenfeng.example.com> {row.message_id}"}
    return mail(words, **(told | headers))


def rounds(office: CaseContext, box: MemoryMailbox, now: datetime) -> dict[str, int]:
    return dict(ReplyRounds(office, box)(now))


def answers(office: CaseContext) -> list[str]:
    """The first lines of what was answered."""
    return [_said(row).splitlines()[0] for row in letters(office, "answer")]


def _said(row: OutboxRow) -> str:
    return str(message_from_bytes(row.message, policy=default).get_content())


def case(office: CaseContext) -> CaseRow:
    with reading(office.engine) as session:
        return session.get_one(CaseRow, 1)


def acts(office: CaseContext) -> list[tuple[str, str, str]]:
    with reading(office.engine) as session:
        events = session.scalars(select(EventRow).where(EventRow.by != "watch").order_by(EventRow.number))
        return [(event.kind, event.by, event.note) for event in events if event.by != "outbox"]


def test_a_letter_says_where_and_by_what_code_it_is_answered(office: CaseContext) -> None:
    (row,) = letters(office)
    told = message_from_bytes(row.message, policy=default)
    notice = read_notice(row.notice or "")
    assert told["Reply-To"] == "wenfeng@example.com"
    assert f".{notice.reply_code}@" in row.message_id == told["Message-ID"]
    for kind in ("plain", "html"):
        body = told.get_body((kind,))
        assert body is not None
        assert f"【回执码 {notice.reply_code}】" in body.get_content()


def test_the_same_word_takes_an_incident_of_our_own(office: CaseContext, now: datetime) -> None:
    trouble = Trouble(kind=Kind.FAILED, thing="bbs", since=now, what="读不到。", todo="请检查。", grade=Grade.BLUE)
    with transaction(office.engine) as session:
        open_incident(session, office, trouble, now)
    row = letters(office, "trouble-take")[0]
    box = MemoryMailbox([mail("收到", In_Reply_To=row.message_id, References=row.message_id)])
    assert rounds(office, box, now + MINUTE) == {"acted": 1}
    assert acts(office) == [("take", "张敏", "")]
    assert answers(office)[0].startswith("已办理：签收故障")


def test_an_acknowledgement_is_done_in_the_writers_name_and_answered(office: CaseContext, now: datetime) -> None:
    box = MemoryMailbox([answering(office)])
    assert rounds(office, box, now + MINUTE) == {"acted": 1}
    assert acts(office) == [("acknowledge", "张敏", "")]
    assert case(office).acknowledged_by == "张敏"
    with reading(office.engine) as session:
        (event,) = session.scalars(select(EventRow).where(EventRow.kind == "acknowledge"))
    assert "claimed" not in event.detail
    (row,) = letters(office, "answer")
    told = message_from_bytes(row.message, policy=default)
    assert (told["To"], told["Auto-Submitted"]) == ("zhang.min@example.com", "auto-replied")
    assert told["Subject"] == "回执：已办理：签收（9月21日14:03）"
    assert told["In-Reply-To"] in box.mails[0].decode()
    assert "现处于「初筛研判」" in _said(row)
    assert "接下来：初筛研判，宣传部舆情值班，时限" in _said(row)
    assert box.left() == 0


def test_a_false_alarm_ends_the_case_with_its_reason(office: CaseContext, now: datetime) -> None:
    assert rounds(office, MemoryMailbox([answering(office, "误报：去年的旧闻")]), now + MINUTE) == {"acted": 1}
    assert acts(office) == [("judge_false_alarm", "张敏", "去年的旧闻")]
    assert case(office).stage == "false_alarm"


def test_a_false_alarm_without_a_reason_is_refused_in_the_workflows_words(office: CaseContext, now: datetime) -> None:
    assert rounds(office, MemoryMailbox([answering(office, "误报")]), now + MINUTE) == {"refused": 1}
    assert answers(office) == ["未能办理：请写明办理意见"]
    assert acts(office) == []


def test_the_step_is_passed_on_to_a_desk_by_its_name_or_by_one_of_its_people(
    office: CaseContext, now: datetime
) -> None:
    assert rounds(office, MemoryMailbox([answering(office, "转办 调度抢修中心")]), now + MINUTE) == {"acted": 1}
    assert answers(office)[0].startswith("已办理：转办")
    assert acts(office) == [("assign", "张敏", "邮件转办：调度抢修中心")]


def test_passing_on_to_nobody_is_refused_with_the_desks_there_are(office: CaseContext, now: datetime) -> None:
    assert rounds(office, MemoryMailbox([answering(office, "转办 李四")]), now + MINUTE) == {"refused": 1}
    assert answers(office)[0].startswith(
        "未能办理：没有名为「李四」的岗位，或此人不止一个岗位；现有岗位：宣传部舆情值班、"
    )


def test_what_is_not_understood_is_answered_with_what_would_be(office: CaseContext, now: datetime) -> None:
    box = MemoryMailbox([answering(office, words) for words in ("好的", "", "> 收到\n", "收到？")])
    assert rounds(office, box, now + MINUTE) == {"not_understood": 4}
    assert set(answers(office)) == {"未作处理：没有看懂回信的第一行"}
    assert "第一行写：收到；或 误报 事由；或 转办 岗位或姓名" in _said(letters(office, "answer")[0])
    assert acts(office) == []


def test_who_comes_second_is_told_who_was_first(office: CaseContext, now: datetime) -> None:
    act(office, 1, ActRequest("acknowledge", "李强"), now + MINUTE)
    assert rounds(office, MemoryMailbox([answering(office)]), now + 2 * MINUTE) == {"already": 1}
    assert answers(office) == ["无需重复办理：李强已于 14:03 签收"]


def test_a_mail_that_is_read_twice_acts_once_and_is_answered_once(office: CaseContext, now: datetime) -> None:
    raw = answering(office, "误报 旧闻")
    box = MemoryMailbox([raw, raw])
    assert rounds(office, box, now + MINUTE) == {"acted": 1}
    box.read.clear()
    assert rounds(office, box, now + 2 * MINUTE) == {}
    assert (len(acts(office)), len(answers(office)), box.left()) == (1, 1, 0)


def test_an_answer_to_our_answer_is_one_to_the_letter(office: CaseContext, now: datetime) -> None:
    box = MemoryMailbox([answering(office, "误报")])
    rounds(office, box, now + MINUTE)
    (told,) = letters(office, "answer")
    head = message_from_bytes(told.message, policy=default)
    box.put(mail("误报 旧闻", In_Reply_To=told.message_id, References=f"{head['References']} {told.message_id}"))
    assert rounds(office, box, now + 2 * MINUTE) == {"acted": 1}
    assert acts(office) == [("judge_false_alarm", "张敏", "旧闻")]


@pytest.mark.parametrize(
    ("headers", "outcome"),
    [
        ({"From": "evil@example.org", "In_Reply_To": "", "References": ""}, "stranger"),
        ({"In_Reply_To": "<no@such.letter>", "References": ""}, "stranger"),
        ({"From": "evil@example.org"}, "not_recipient"),
        ({"From": "李强 <li.qiang@example.com>"}, "not_recipient"),
        ({"From": '"zhang.min@example.com" <evil@example.org>'}, "not_recipient"),
        ({"Subject": "回复 【回执码 22222222】"}, "wrong_code"),
        ({"Auto_Submitted": "auto-replied"}, "automatic"),
        ({"Subject": "自动回复：出差"}, "automatic"),
        ({"From": "zhang.min@example.com, evil@example.org"}, "unreadable"),
    ],
)
def test_what_proves_nothing_is_counted_and_answered_by_nobody(
    office: CaseContext, now: datetime, headers: dict[str, str], outcome: str
) -> None:
    box = MemoryMailbox([answering(office, **headers)])
    assert rounds(office, box, now + MINUTE) == {outcome: 1}
    assert (acts(office), answers(office), box.left()) == ([], [], 0)
    assert read_standing(office.engine).counts == {outcome: 1}


def test_a_forged_from_that_guesses_the_name_of_a_letter_without_its_code_is_a_strangers(
    office: CaseContext, now: datetime
) -> None:
    (row,) = letters(office)
    local, _, host = row.message_id.strip("<>").rpartition("@")
    guessed = f"<{local.rpartition('.')[0]}.22222222@{host}>"
    assert rounds(office, MemoryMailbox([answering(office, In_Reply_To=guessed, References="")]), now) == {
        "stranger": 1
    }


def test_a_letter_of_before_the_mailbox_has_no_code_and_is_not_answered_by_mail(
    context: CaseContext, now: datetime
) -> None:
    with_a_case(context, now)
    there = changed(context, inbox=of_dovecot("imap://127.0.0.1:143", "wenfeng"))
    assert rounds(there, MemoryMailbox([answering(there)]), now + MINUTE) == {"wrong_code": 1}


def test_a_code_is_spent_after_its_time_and_after_many_answers(office: CaseContext, now: datetime) -> None:
    late = MemoryMailbox([answering(office)])
    assert rounds(office, late, now + VALID_FOR + MINUTE) == {"spent": 1}
    often = MemoryMailbox([answering(office, "好") for _ in range(MOST_USES + 2)])
    assert rounds(office, often, now + MINUTE) == {"not_understood": MOST_USES, "spent": 2}
    assert len(answers(office)) == MOST_USES


def test_somebody_whose_address_changed_or_who_is_gone_is_a_stranger(office: CaseContext, now: datetime) -> None:
    people = dict(office.config.people)
    moved = changed(office, people=people | {"zhang_min": Person(name="张敏", email="z@example.com")})
    assert rounds(moved, MemoryMailbox([answering(moved)]), now) == {"stranger": 1}


def test_a_mail_that_is_too_long_never_acts(office: CaseContext, now: datetime) -> None:
    raw = answering(office)
    assert take(office, Received("1", raw[:300], too_long=True), now) is ReplyOutcome.TOO_LONG
    assert take(office, Received("1", raw, too_long=True), now) is None
    assert (acts(office), answers(office)) == ([], [])


def test_mails_without_a_message_id_are_told_apart_by_their_bytes(office: CaseContext, now: datetime) -> None:
    first, second = answering(office, "好", Message_ID=""), answering(office, "误报 旧闻", Message_ID="")
    assert rounds(office, MemoryMailbox([first, second, first]), now) == {"not_understood": 1, "acted": 1}


def test_every_channel_that_takes_mail_has_the_answer_in_order(office: CaseContext, now: datetime) -> None:
    channels = {"first": FolderConfig(path=Path("a")), "second": FolderConfig(path=Path("b"))}
    there = changed(office, folder=None, channels=channels)
    rounds(there, MemoryMailbox([answering(there)]), now)
    rows = letters(there, "answer")
    wait = there.config.second_channel_after
    assert [(row.channel, row.place, row.next_at - now) for row in rows] == [
        ("first", 0, 0 * wait),
        ("second", 1, wait),
    ]
    assert len({row.message_id for row in rows}) == 1


def test_a_mailbox_that_breaks_off_has_what_was_read_kept_and_the_rest_read_later(
    office: CaseContext, now: datetime
) -> None:
    box = MemoryMailbox([answering(office, "好"), answering(office)], dropped_after=1)
    with pytest.raises(InboxAway):
        rounds(office, box, now)
    assert box.left() == 1
    standing = read_standing(office.engine)
    assert (standing.failing_since, standing.reason) == (now, "the connection was dropped")
    box.away = "refused"
    with pytest.raises(InboxAway):
        rounds(office, box, now + MINUTE)
    assert (read_standing(office.engine).failing_since, read_standing(office.engine).reason) == (now, "refused")
    box.away = ""
    assert rounds(office, box, now + 2 * MINUTE) == {"acted": 1}
    standing = read_standing(office.engine)
    assert (standing.read_at, standing.failing_since, standing.reason) == (now + 2 * MINUTE, None, "")


def test_a_mail_over_which_something_breaks_stops_no_other_and_is_tried_again(
    office: CaseContext, now: datetime
) -> None:
    arm("reply.written=raise@1")
    box = MemoryMailbox([answering(office), answering(office, "好")])
    assert rounds(office, box, now) == {"not_understood": 1}
    assert (acts(office), box.left()) == ([], 1)
    assert rounds(office, box, now + MINUTE) == {"acted": 1}
    assert (len(acts(office)), box.left()) == (1, 0)


def test_a_round_takes_so_many_mails_and_the_next_one_the_rest(office: CaseContext, now: datetime) -> None:
    box = MemoryMailbox([mail(From="x@example.org", In_Reply_To="", References="") for _ in range(AT_ONCE + 3)])
    assert rounds(office, box, now) == {"stranger": AT_ONCE}
    assert rounds(office, box, now) == {"stranger": 3}


def test_what_strangers_sent_is_forgotten_in_time_and_what_was_answered_is_not(
    office: CaseContext, now: datetime
) -> None:
    stranger = mail(From="x@example.org", In_Reply_To="", References="")
    rounds(office, MemoryMailbox([stranger, answering(office)]), now)
    rounds(office, MemoryMailbox([]), now + FORGET_AFTER + MINUTE)
    assert read_standing(office.engine).counts == {"acted": 1}


def test_a_mailbox_numbered_anew_and_unread_again_leads_to_nothing_double(
    office: CaseContext, now: datetime, dovecot: DovecotMailbox
) -> None:
    dovecot.put(answering(office, "误报 旧闻"))
    dovecot.put(answering(office, "好"))
    reader = ReplyRounds(office, dovecot.mailbox)
    assert dict(reader(now)) == {"acted": 1, "not_understood": 1}
    assert dovecot.left() == 0
    dovecot.renumber()
    assert dovecot.left() == 2
    assert dict(reader(now + MINUTE)) == {}
    assert (len(acts(office)), len(answers(office)), dovecot.left()) == (1, 2, 0)


@pytest.mark.parametrize("place", ["reply.read", "act.written", "reply.written", "act.kept", "reply.kept"])
def test_a_watcher_killed_over_a_mail_does_it_once_all_the_same(
    office: CaseContext, now: datetime, dovecot: DovecotMailbox, tmp_path: Path, state_url: str, place: str
) -> None:
    dovecot.put(answering(office, "误报 旧闻"))
    words = [str(tmp_path / "index.db"), state_url, str(dovecot.config.port), dovecot.config.username, now.isoformat()]
    command = [sys.executable, "-m", "tests.alerts.replies.killed_reading", *words]
    for spec, code in ((f"{place}=kill@1", -signal.SIGKILL), ("", 0)):
        environ = {"WENFENG_FAILPOINTS": spec, "PATH": "/usr/bin:/bin"}
        done = subprocess.run(command, cwd=ROOT, env=environ, capture_output=True, text=True, timeout=60)
        assert done.returncode == code, done.stderr
    assert acts(office) == [("judge_false_alarm", "张敏", "旧闻")]
    assert (answers(office), dovecot.left()) == ([answers(office)[0]], 0)


def test_the_configuration_of_a_mailbox_is_where_answers_go(office: CaseContext) -> None:
    inbox = office.config.inbox
    assert isinstance(inbox, InboxConfig)
    assert office.config.routing.reply_to == inbox.address
