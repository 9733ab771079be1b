"""Bulletins beside notices: kept, read again, and written in every medium."""

from datetime import UTC, datetime
from email import message_from_bytes
from email.policy import default

import pytest

from alerts.notify.channel import Form, Medium
from alerts.notify.contents.bulletin import Bulletin, Section
from alerts.notify.contents.letter import read_letter, write_letter
from alerts.notify.contents.notice import Colour, UnreadableNotice
from alerts.notify.render.forms import render
from alerts.notify.render.mail import Letterhead

HEAD = Letterhead("wenfeng@example.com", "wenfeng.example.com")
BRIEF = Bulletin(
    id="brief.2026-09-22.a1b2@wenfeng.example.com",
    at=datetime(2026, 9, 22, 2, 30, tzinfo=UTC),
    organisation="临江供电公司宣传部",
    person="张敏",
    subject="【每日舆情】9月22日",
    headline="昨日各话题平稳",
    sections=(Section("概况", ("发帖 120 条，负面 9 条",)), Section("", ("无未结事件",))),
    colour=Colour.BLUE,
    answers="asked@example.com",
)


def test_a_bulletin_is_read_as_it_was_written() -> None:
    assert read_letter(write_letter(BRIEF)) == BRIEF


@pytest.mark.parametrize("kept", ["", "[]", '{"kind": "bulletin"}', '{"kind": "bulletin", "version": 1, "id": "x"}'])
def test_what_is_no_letter_is_refused(kept: str) -> None:
    with pytest.raises(UnreadableNotice):
        read_letter(kept)


def test_a_bulletin_says_its_subject_and_sections_in_every_medium() -> None:
    for medium in (Medium.TEXT, Medium.MARKDOWN):
        words = render(BRIEF, Form(medium), HEAD, "a@example.com").content.decode()
        assert all(
            said in words for said in ("每日舆情", "昨日各话题平稳", "概况", "发帖 120 条，负面 9 条", "无未结事件")
        )
    mail = message_from_bytes(render(BRIEF, Form(Medium.MAIL), HEAD, "a@example.com").content, policy=default)
    for kind in ("plain", "html"):
        body = mail.get_body((kind,))
        assert body is not None
        assert "发帖 120 条，负面 9 条" in body.get_content()
    assert (mail["Subject"], mail["In-Reply-To"]) == ("【每日舆情】9月22日", "<asked@example.com>")


def test_a_bulletin_of_a_thread_names_thread_and_mail() -> None:
    letter = Bulletin(**{name: getattr(BRIEF, name) for name in BRIEF.__slots__} | {"thread": "7.root@x.example.com"})
    mail = message_from_bytes(render(letter, Form(Medium.MAIL), HEAD, "a@example.com").content, policy=default)
    assert mail["References"] == "<7.root@x.example.com> <asked@example.com>"
