"""Links of letters: the same for the same letter, each for one person and one purpose; no altered one is believed."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Engine, func, select

from alerts.notify.channel import Form, Medium
from alerts.notify.codes import ReplyKeyRow
from alerts.notify.console import ConsoleConfig
from alerts.notify.contents.notice import Notice, as_copy, read_notice, write_notice
from alerts.notify.links import (
    AFTER_LIMIT,
    SigningLink,
    WelcomeLink,
    digits_of,
    links_key,
    read_signing_token,
    read_welcome_token,
    signing_token,
    token_digest,
    welcome_token,
    with_links,
)
from alerts.notify.outbox import CaseRef, queue
from alerts.notify.render.forms import render
from alerts.notify.render.mail import Letterhead
from alerts.notify.tables import OutboxRow
from alerts.people.accounts import AccountRow
from stream.state.database import reading, transaction
from tests.alerts.notify.posting import NOW, notice, routing

KEY = b"k" * 32
PEOPLE = ("zhang", "li", "王芳")
HEAD = Letterhead("wenfeng@example.com", "example.com")
CONSOLE = ConsoleConfig(address="https://yuqing.example.com/wenfeng")
LETTERS = "abcdefghijklmnopqrstuvwxyz234567"
MINUTES = st.integers(0, 2**32 - 1).map(lambda one: datetime.fromtimestamp(60 * (one % 100_000_000), UTC))
LINKS = st.builds(SigningLink, st.integers(0, 2**40 - 1), st.integers(0, 2**16 - 1), MINUTES, st.sampled_from(PEOPLE))


@given(LINKS)
def test_a_token_says_what_it_was_made_of_in_letters_that_every_mail_program_takes(link: SigningLink) -> None:
    token = signing_token(KEY, link)
    assert read_signing_token(KEY, token, PEOPLE) == link
    assert len(token) == 48
    assert set(token) <= set(LETTERS)


@given(LINKS, st.integers(0, 47), st.sampled_from(LETTERS))
def test_no_altered_token_is_believed(link: SigningLink, at: int, letter: str) -> None:
    token = signing_token(KEY, link)
    altered = token[:at] + letter + token[at + 1 :]
    assert (read_signing_token(KEY, altered, PEOPLE) is None) == (altered != token)


@given(st.text(max_size=60))
def test_no_words_are_a_token(words: str) -> None:
    assert read_signing_token(KEY, words, PEOPLE) is None
    assert read_welcome_token(KEY, words, PEOPLE) is None


@given(LINKS)
def test_a_token_is_for_one_purpose_one_person_and_one_installation(link: SigningLink) -> None:
    token = signing_token(KEY, link)
    others = [one for one in PEOPLE if one != link.person]
    assert read_signing_token(KEY, token, others) is None
    assert read_signing_token(b"x" * 32, token, PEOPLE) is None
    assert read_welcome_token(KEY, token, PEOPLE) is None
    assert read_signing_token(KEY, token.upper(), PEOPLE) is None
    assert read_signing_token(KEY, token + "=", PEOPLE) is None
    assert read_signing_token(KEY, welcome_token(KEY, WelcomeLink(link.person, link.expires_at)), PEOPLE) is None


def test_the_digits_are_four_and_stay_those_of_their_link() -> None:
    tokens = [signing_token(KEY, SigningLink(case, 0, NOW, "zhang")) for case in range(200)]
    found = [digits_of(KEY, token) for token in tokens]
    assert all(len(one) == 4 and one.isdecimal() for one in found)
    assert len(set(found)) > 150
    assert found == [digits_of(KEY, token) for token in tokens]
    assert len({token_digest(token) for token in tokens}) == 200


def linked(engine: Engine, one: Notice, console: ConsoleConfig | None = CONSOLE, person: str = "zhang") -> Notice:
    with transaction(engine) as session:
        return with_links(session, one, console, person, 3)


def test_a_letter_that_asks_to_sign_has_the_link_for_it_with_the_digits_and_a_first_password(engine: Engine) -> None:
    found = linked(engine, notice())
    with reading(engine) as session:
        key = links_key(session)
    assert key is not None
    base, _, token = found.signing.rpartition("/a/")
    assert base == "https://yuqing.example.com/wenfeng"
    due = notice().demand.due_at
    assert read_signing_token(key, token, PEOPLE) == SigningLink(1, 3, due + AFTER_LIMIT, "zhang")
    assert found.digits == digits_of(key, token)
    welcome = read_welcome_token(key, found.welcome.rpartition("/welcome/")[2], PEOPLE)
    assert welcome == WelcomeLink("zhang", datetime(2026, 9, 20, 16, tzinfo=UTC))
    assert read_notice(write_notice(found)) == found


def test_the_same_letter_has_the_same_links(engine: Engine) -> None:
    assert linked(engine, notice()) == linked(engine, notice())
    later = replace(notice(), at=NOW + timedelta(hours=3))
    assert linked(engine, later).welcome == linked(engine, notice()).welcome


@pytest.mark.parametrize("console", [None, ConsoleConfig()])
def test_without_an_address_a_letter_is_as_it_was_and_no_key_is_drawn(
    engine: Engine, console: ConsoleConfig | None
) -> None:
    assert linked(engine, notice(), console) == notice()
    with reading(engine) as session:
        assert session.scalar(select(func.count()).select_from(ReplyKeyRow)) == 0


def test_other_steps_and_copies_have_no_link_that_signs(engine: Engine) -> None:
    verify = notice(demand=replace(notice().demand, key="verify", step="核实"))
    assert linked(engine, verify).signing == ""
    assert linked(engine, as_copy(notice(), "李强")).signing == ""
    take = notice(demand=replace(notice().demand, key="take"))
    assert linked(engine, take).signing


def test_who_has_a_password_is_not_asked_to_set_one(engine: Engine) -> None:
    with transaction(engine) as session:
        session.add(AccountRow(person="zhang", password="$argon2id$", invited_at=None, changed_at=NOW))
        session.add(AccountRow(person="li", password=None, invited_at=NOW, changed_at=None))
    assert linked(engine, notice()).welcome == ""
    assert linked(engine, notice(), person="li").welcome
    proxied = ConsoleConfig(address="https://yuqing.example.com", header="X-Remote-User")
    assert linked(engine, notice(), proxied, "li").welcome == ""


def with_page(one: Notice) -> Notice:
    return replace(one, demand=replace(one.demand, link="https://yuqing.example.com/wenfeng/case/1"))


def test_a_mail_has_the_links_and_no_command_line(engine: Engine) -> None:
    letter = linked(engine, with_page(notice()))
    written = render(letter, Form(Medium.MAIL), HEAD, "zhang.min@example.com")
    for content in (written.content, written.plain):
        message = message_from_bytes(content, policy=policy.default)
        parts = [part.get_content() for part in message.walk() if part.get_content_maintype() == "text"]
        assert parts
        for part in parts:
            assert letter.signing in part
            assert letter.welcome in part
            assert letter.digits in part
            assert "/case/1" in part
            assert "python -m" not in part
    assert render(letter, Form(Medium.MAIL), HEAD, "zhang.min@example.com") == written


@pytest.mark.parametrize("medium", [Medium.TEXT, Medium.MARKDOWN])
def test_a_chat_which_many_read_has_the_page_of_the_case_alone(engine: Engine, medium: Medium) -> None:
    letter = linked(engine, with_page(notice()))
    for content in vars_of(letter, medium):
        assert "/a/" not in content
        assert "/welcome/" not in content
        assert letter.digits not in content
        assert "四位码" not in content
        assert "case／1" in content or "/case/1" in content
        assert "python -m" not in content


def vars_of(letter: Notice, medium: Medium) -> list[str]:
    written = render(letter, Form(medium, limit=4000), HEAD, "x")
    return [written.content.decode(), written.plain.decode()]


def test_a_letter_put_in_line_twice_is_one_letter_with_one_link(engine: Engine) -> None:
    way = replace(routing(), console=CONSOLE)
    for _ in range(2):
        with transaction(engine) as session:
            queue(session, way, with_page(notice()), "zhang", CaseRef(None, None, "opened-acknowledge", 0))
    with reading(engine) as session:
        (kept,) = session.scalars(select(OutboxRow.notice)).all()
    assert kept is not None
    assert "/a/" in read_notice(kept).signing
