"""Mails as bytes: encodings of Chinese programs, tricks in headers, programs that answer by themselves."""

from base64 import encodebytes
from contextlib import suppress
from email.header import Header
from quopri import encodestring

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.replies.parse import Unreadable, message_id_of, read_reply
from tests.alerts.replies.mailing import CODE, LETTER, mail

HEAD = (
    b"From: =?gb2312?B?1cXD9A==?= <Zhang.Min@Example.com>\r\nMessage-ID: <a@qq.com>\r\n"
    b"In-Reply-To: " + LETTER.encode() + b"\r\nMIME-Version: 1.0\r\n"
)


def encoded(words: str, charset: str, said: str, how: str = "8bit", kind: str = "plain") -> bytes:
    raw = words.encode(charset)
    body = {"8bit": raw, "base64": encodebytes(raw), "quoted-printable": encodestring(raw)}[how]
    return (
        HEAD + f"Content-Type: text/{kind}; charset={said}\r\nContent-Transfer-Encoding: {how}\r\n\r\n".encode() + body
    )


def test_a_mail_is_read_as_far_as_it_matters() -> None:
    found = read_reply(mail(f"收到\n\n> 【回执码 {CODE}】\n", Message_ID="<x@qq.com>"))
    assert (found.message_id, found.sender) == ("<x@qq.com>", "zhang.min@example.com")
    assert found.references == (LETTER, "<1.root@wenfeng.example.com>")
    assert (found.line, found.codes, found.automatic) == ("收到", {CODE}, False)


@pytest.mark.parametrize("how", ["8bit", "base64", "quoted-printable"])
@pytest.mark.parametrize(
    ("words", "charset", "said"),
    [
        ("转办 张珺（镕）", "gb18030", "gb2312"),  # the program says the small set and uses the whole
        ("转办 张珺（镕）", "gbk", "GBK"),
        ("转办 㐂", "gb18030", "gb18030"),
        ("转办 张敏", "utf-8", "utf-8"),
        ("转办 张敏", "utf-8", "us-ascii"),
        ("转办 張敏", "big5", "big5"),
        ("转办 张敏", "gb18030", "no-such-charset"),
    ],
)
def test_chinese_is_read_in_whatever_charset_it_came(words: str, charset: str, said: str, how: str) -> None:
    if charset == "big5":
        words = words.replace("转办 張敏", "轉辦 張敏")
    assert read_reply(encoded(words, charset, said, how)).line == words


def test_a_mail_of_html_alone_is_read() -> None:
    page = f"<div>误报 旧闻</div><blockquote>【回执码 {CODE}】</blockquote>"
    found = read_reply(encoded(page, "gb18030", "gb2312", "base64", "html"))
    assert (found.line, found.codes) == ("误报 旧闻", {CODE})


def test_a_mail_of_a_subject_alone_says_nothing() -> None:
    found = read_reply(mail("", Subject=f"收到 【回执码 {CODE}】"))
    assert (found.line, found.codes) == ("", {CODE})


def test_an_attachment_and_a_mail_within_the_mail_are_not_read() -> None:
    raw = (
        HEAD + b'Content-Type: multipart/mixed; boundary="b"\r\n\r\n--b\r\nContent-Type: text/plain\r\n\r\n\r\n'
        b"--b\r\nContent-Type: text/plain\r\nContent-Disposition: attachment; filename=x.txt\r\n\r\n"
        + "收到 【回执码 22222222】".encode() + b"\r\n--b\r\nContent-Type: message/rfc822\r\n\r\nFrom: a@b.c\r\n\r\n"
        + "误报 x 【回执码 33333333】".encode() + b"\r\n--b--\r\n"
    )  # fmt: skip
    found = read_reply(raw)
    assert (found.line, found.codes) == ("", frozenset())


def test_plain_text_counts_before_the_page_beside_it() -> None:
    raw = (
        HEAD + b'Content-Type: multipart/alternative; boundary="b"\r\n\r\n--b\r\nContent-Type: text/plain; '
        b"charset=utf-8\r\n\r\n" + "收到".encode() + b"\r\n--b\r\nContent-Type: text/html; charset=utf-8\r\n\r\n<p>"
        + "误报 x".encode() + b"</p>\r\n--b--\r\n"
    )  # fmt: skip
    assert read_reply(raw).line == "收到"


@pytest.mark.parametrize(
    "headers",
    [
        {"Auto_Submitted": "auto-replied"},
        {"Auto_Submitted": "auto-generated (vacation)"},
        {"Precedence": "bulk"},
        {"Precedence": "auto_reply"},
        {"X_Auto_Response_Suppress": "All"},
        {"X_Autoreply": "yes"},
        {"List_Id": "<x.example.com>"},
        {"Return_Path": "<>"},
        {"Subject": "自动回复：[舆情·较大] 事件1"},
        {"Subject": "自动答复: 出差"},
        {"Subject": "Automatic reply: away"},
        {"Subject": "Out of Office"},
        {"Subject": "系统退信"},
        {"Subject": "Undelivered Mail Returned to Sender"},
        {"From": "Mail Delivery <MAILER-DAEMON@mx.example.com>"},
    ],
)
def test_what_a_program_wrote_is_known(headers: dict[str, str]) -> None:
    assert read_reply(mail(**headers)).automatic


def test_a_report_of_failure_is_a_programs() -> None:
    raw = HEAD + b'Content-Type: multipart/report; boundary="b"\r\n\r\n--b--\r\n'
    assert read_reply(raw).automatic


def test_a_person_who_says_so_is_none() -> None:
    assert not read_reply(mail(Auto_Submitted="no", Subject="回复：关于自动回复的设置")).automatic


def test_an_encoded_subject_of_another_charset_is_read() -> None:
    told = Header("自动回复：出差", "gb2312").encode()
    raw = HEAD + f"Subject: {told}\r\n\r\n".encode() + "收到".encode()
    assert read_reply(raw).automatic
    bare = HEAD + b"Subject: " + "自动回复：出差".encode("gb18030") + b"\r\n\r\nx"
    assert read_reply(bare).automatic


@pytest.mark.parametrize(
    "head",
    [
        b"",
        b"From: \r\n",
        b"From: zhang.min@example.com, evil@example.org\r\n",
        b"From: zhang.min@example.com\r\nFrom: evil@example.org\r\n",
        b"From: nobody\r\n",
    ],
)
def test_a_mail_that_does_not_say_one_sender_is_not_read(head: bytes) -> None:
    with pytest.raises(Unreadable):
        read_reply(head + b"Message-ID: <x@y>\r\n\r\nx")


def test_a_name_that_looks_like_an_address_is_no_address() -> None:
    raw = b'From: "zhang.min@example.com" <evil@example.org>\r\n\r\nx'
    assert read_reply(raw).sender == "evil@example.org"


def test_parts_within_parts_without_an_end_are_not_read() -> None:
    nested = b"".join(
        b'Content-Type: multipart/mixed; boundary="%d"\r\n\r\n--%d\r\n' % (number, number) for number in range(3_000)
    )
    with pytest.raises(Unreadable):
        read_reply(b"From: a@example.com\r\n" + nested)


def test_only_the_newest_of_very_many_references_count() -> None:
    many = " ".join(f"<{number}@x>" for number in range(400))
    found = read_reply(mail(References=many, In_Reply_To=LETTER)).references
    assert found[0] == LETTER
    assert len(found) == 50


def test_a_message_id_is_one_or_none() -> None:
    assert message_id_of(b"Message-ID:  <a@b> \r\n\r\n") == "<a@b>"
    assert message_id_of(b"Message-ID: no\r\n\r\n") is None
    assert message_id_of(b"") is None


@given(st.binary(max_size=400))
def test_whatever_bytes_come_they_are_read_or_unreadable(raw: bytes) -> None:
    for told in (raw, HEAD + raw, HEAD + b"\r\n" + raw):
        with suppress(Unreadable):
            assert isinstance(read_reply(told).line, str)
        message_id_of(told)
