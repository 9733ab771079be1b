"""The code of a letter: the same for the same notice for ever, in its name and its last line, guessed by nobody."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Engine, select

from alerts.notify.codes import (
    LENGTH,
    LETTERS,
    ReplyKeyRow,
    carried_code,
    printed_codes,
    reply_code,
    with_reply_code,
)
from alerts.notify.contents.phrases import answering
from alerts.notify.render.mail import Letterhead, mail
from stream.state.database import reading, transaction
from tests.alerts.notify.posting import notice
from tests.databases import opened

HEAD = Letterhead("wenfeng@example.com", "example.com")


def test_a_notice_has_one_code_in_its_name_and_in_its_letter(engine: Engine) -> None:
    with transaction(engine) as session:
        first = with_reply_code(session, notice(), "answers@example.com")
    with transaction(engine) as session:
        again = with_reply_code(session, notice(), "answers@example.com")
        other = with_reply_code(session, notice("2.x.ab.0@example.com"), "answers@example.com")
    assert first == again
    assert first.reply_code != other.reply_code
    assert first.id == f"1.opened-acknowledge.ab.0.{first.reply_code}@example.com"
    assert carried_code(f"<{first.id}>") == first.reply_code
    assert printed_codes(answering(first)) == {first.reply_code}
    letter = mail(first, HEAD, "zhang.min@example.com").decode()
    assert "\r\nReply-To: answers@example.com\r\n" in letter


def test_where_nobody_reads_answers_a_notice_is_as_it_was(engine: Engine) -> None:
    with transaction(engine) as session:
        assert with_reply_code(session, notice(), None) == notice()
    with reading(engine) as session:
        assert session.scalar(select(ReplyKeyRow)) is None
    assert "\r\nReply-To" not in mail(notice(), HEAD, "zhang.min@example.com").decode()


def test_two_installations_make_different_codes(tmp_path: Path) -> None:
    codes = set()
    for name in ("a.db", "b.db"):
        with opened(f"sqlite:///{tmp_path / name}") as engine, transaction(engine) as session:
            codes.add(with_reply_code(session, notice(), "answers@example.com").reply_code)
    assert len(codes) == 2


@given(st.binary(min_size=1, max_size=40), st.text(max_size=60))
def test_a_code_is_eight_letters_that_nobody_takes_for_another(key: bytes, name: str) -> None:
    code = reply_code(key, name)
    assert len(code) == LENGTH
    assert set(code) <= set(LETTERS)
    assert code == reply_code(key, name)
    assert printed_codes(f"回复：【回执码 {code}】") == {code}


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("", set()),
        ("回执码 K7M2PXQ4", {"K7M2PXQ4"}),
        ("【回执码K7M2PXQ4】> 【回执码 22222222】", {"K7M2PXQ4", "22222222"}),
        ("回执码 k7m2pxq4", set()),
        ("回执码 K7M2PXQ44", set()),
        ("K7M2PXQ4", set()),
        ("回执码 K7M2PXQ0", set()),
    ],
)
def test_only_a_whole_code_that_is_called_so_is_one(words: str, found: set[str]) -> None:
    assert printed_codes(words) == found


@pytest.mark.parametrize("name", ["<1.opened.ab.0@h>", "<K7M2PXQ4@h>", "1.x.K7M2PXQ4@h", "<1.x.k7m2pxq4@h>", ""])
def test_a_name_without_a_code_carries_none(name: str) -> None:
    assert carried_code(name) is None
