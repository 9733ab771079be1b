"""What an answer is answered with: a mail that no program answers, once for each mail."""

from dataclasses import replace
from email import message_from_bytes
from email.policy import default

from sqlalchemy import Engine

from alerts.notify.answers import STEP, AnswerMail, answer_id, queue_answer, write_answer
from alerts.notify.channel import Medium, Undeliverable
from alerts.notify.tables import OutboxRow
from stream.state.database import transaction
from tests.alerts.notify.posting import MINUTE, NOW, QUARTER, Door, open_task, routing, rows, send, states

LETTER = "<1.opened-acknowledge.ab.0.K7M2PXQ4@example.com>"
ANSWER = AnswerMail(
    at=NOW, case_id=1, organisation="临江供电公司宣传部", recipient="zhang.min@example.com",
    subject="回执：已办理\n销号", words="已办理：收到确认", code="K7M2PXQ4", to_mail="<a@qq.com>", letter=LETTER,
)  # fmt: skip
WAYS = replace(routing("door", "second", "chat", media={"chat": Medium.TEXT}), reply_to="answers@example.com")


def put(engine: Engine) -> None:
    open_task(engine)
    with transaction(engine) as session:
        queue_answer(session, WAYS, ANSWER)


def test_an_answer_says_that_a_program_wrote_it_and_where_to_go_on() -> None:
    told = message_from_bytes(write_answer(WAYS, ANSWER), policy=default)
    assert {name: told[name] for name in ("From", "To", "Reply-To", "In-Reply-To", "Auto-Submitted", "References")} == {
        "From": "临江供电公司宣传部 <wenfeng@example.com>", "To": "zhang.min@example.com",
        "Reply-To": "answers@example.com", "In-Reply-To": "<a@qq.com>", "Auto-Submitted": "auto-replied",
        "References": f"{LETTER} <a@qq.com>",
    }  # fmt: skip
    assert told["Subject"] == "回执：已办理 销号"
    assert told["X-Auto-Response-Suppress"] == "All"
    words = told.get_content()
    assert words.startswith("已办理：收到确认\r\n")
    assert "【回执码 K7M2PXQ4】" in words


def test_the_same_mail_has_the_same_answer_for_ever_and_another_one_another() -> None:
    assert write_answer(WAYS, ANSWER) == write_answer(WAYS, ANSWER)
    assert answer_id("<a@qq.com>", 1, "h") != answer_id("<b@qq.com>", 1, "h")


def test_an_answer_goes_by_mail_alone_and_the_second_way_later(engine: Engine) -> None:
    put(engine)
    found = [(row.channel, row.place, row.next_at - NOW, row.step, row.task_id) for row in rows(engine)]
    assert found == [("door", 0, 0 * QUARTER, STEP, None), ("second", 1, QUARTER, STEP, None)]


def test_an_answer_is_sent_like_any_letter_and_noted_in_the_history(engine: Engine) -> None:
    put(engine)
    door = Door([True])
    send(engine, WAYS, NOW, door, Door([True], "second"))
    assert states(engine) == {"door": "sent", "second": "withdrawn"}
    ((to, _, name),) = door.taken
    assert (to, name) == ("zhang.min@example.com", answer_id("<a@qq.com>", 1, "example.com"))


def test_an_answer_that_no_server_takes_calls_nobody(engine: Engine) -> None:
    put(engine)
    only = replace(WAYS, channels={name: WAYS.channels[name] for name in ("door",)})
    for minute in range(3):
        send(engine, only, NOW + minute * MINUTE, Door([Undeliverable("552")]), Door([Undeliverable("552")], "second"))
    assert {row.state for row in rows(engine) if row.channel == "door"} == {"failed"}


def test_a_row_whose_channel_is_gone_goes_by_another_that_takes_mail(engine: Engine) -> None:
    put(engine)
    ways = replace(WAYS, channels={name: WAYS.channels[name] for name in ("chat", "second")})
    chat, second = Door([True], "chat"), Door([True], "second")
    send(engine, ways, NOW + QUARTER, chat, second)
    assert (len(chat.taken), len(second.taken)) == (0, 1)
    assert all(isinstance(row, OutboxRow) and row.notice is None for row in rows(engine))
