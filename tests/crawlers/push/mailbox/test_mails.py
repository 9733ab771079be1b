"""One mail: who wrote it matters only for whether a person did."""

from email import message_from_bytes

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawlers.pages.observation import Observation
from crawlers.push.mailbox.mails import MOST_ATTACHMENTS, read_mail
from stream.errors import Rejected
from stream.messages import Kind, Precision
from tests.crawlers.push.mailbox.post_office import mail

SECRET = b"k" * 32


def read(raw: bytes) -> Observation:
    found = read_mail(raw, kind=Kind.SUGGESTION, secret=SECRET)
    assert found.observation is not None
    return found.observation


def skipped(raw: bytes) -> str:
    found = read_mail(raw, kind=Kind.SUGGESTION, secret=SECRET)
    assert found.observation is None
    return found.skipped


def test_subject_text_and_time_are_read() -> None:
    found = read(mail("停水\n两天了", Subject="回复：Re: 三号楼").as_bytes())
    assert (found.title, found.text, found.author) == ("三号楼", "停水\n两天了", "zhang.san@corp.cn")
    assert (str(found.published_at), found.published_precision) == ("2026-11-28 14:58:00+00:00", Precision.SECOND)
    assert found.thread == found.native_id


def test_a_mail_is_known_by_its_message_id_which_is_not_kept() -> None:
    one, same, other = (read(mail("停水", Message_ID=name).as_bytes()) for name in ("<1@pc>", " <1@pc>", "<2@pc>"))
    assert one.native_id == same.native_id != other.native_id
    assert "pc" not in one.native_id
    assert one.native_id != read_of_another_key(mail("停水", Message_ID="<1@pc>").as_bytes())


def read_of_another_key(raw: bytes) -> str:
    found = read_mail(raw, kind=Kind.SUGGESTION, secret=b"x" * 32).observation
    assert found is not None
    return found.native_id


def test_mails_without_a_message_id_are_known_by_their_bytes() -> None:
    one, other = mail("停水", Message_ID="").as_bytes(), mail("停电", Message_ID="").as_bytes()
    assert read(one).native_id == read(one).native_id != read(other).native_id


@pytest.mark.parametrize(
    ("label", "encoding"),
    [
        ("gb2312", "gbk"), ("gb2312", "gb18030"), ("gbk", "utf-8"), ("iso-8859-1", "utf-8"), ("", "gbk"),
        ("big5", "big5"), ("x-unknown", "gbk"), ("utf-8", "gbk"), ("utf-16", "utf-16"), ("iso-2022-jp", "iso-2022-jp"),
    ],
)  # fmt: skip
def test_words_are_read_by_their_bytes_where_the_label_is_wrong(label: str, encoding: str) -> None:
    words = "三號樓漏水" if encoding != "gb18030" else "三號樓漏水㐂"
    raw = f"From: a@corp.cn\r\nMessage-ID: <1@a>\r\nContent-Type: text/plain; charset={label}\r\n\r\n".encode()
    assert read(raw + words.encode(encoding)).text == words


@pytest.mark.parametrize("label", ["", "gb2312", "utf-8"])
def test_a_letter_in_big5_is_read_whatever_its_label(label: str) -> None:
    words = "小區停水三天，物業不管，請問什麼時候恢復供水？"
    kind = f"Content-Type: text/plain; charset={label}\r\n" if label else ""
    raw = f"From: a@corp.cn\r\nMessage-ID: <1@a>\r\n{kind}\r\n".encode()
    assert read(raw + words.encode("big5")).text == words


@pytest.mark.parametrize("subject", [b"=?gb2312?B?zaPLrg==?=", "停水通知".encode("gbk"), "停水".encode()])
def test_a_subject_is_read_whether_it_is_encoded_by_the_standard_or_not(subject: bytes) -> None:
    """The first one is valid UTF-8 by chance."""
    assert read(b"Subject: " + subject + b"\r\n\r\nx").title.startswith("停水")


def test_html_alone_is_read_as_text_and_beside_a_text_it_is_not() -> None:
    page = mail("")
    page.set_content("<p>三号楼<br>停水</p><blockquote>旧</blockquote>", subtype="html")
    assert read(page.as_bytes()).text == "三号楼\n停水"
    both = mail("三号楼停水")
    both.add_alternative("<p>别的</p>", subtype="html")
    assert read(both.as_bytes()).text == "三号楼停水"


def test_attachments_are_named_and_pictures_within_the_text_are_not() -> None:
    one = mail("见附件")
    for number in range(MOST_ATTACHMENTS + 2):
        one.add_attachment(b"x", maintype="application", subtype="pdf", filename=f"单据{number}.pdf")
    assert read(one.as_bytes()).text.startswith("见附件\n附件：单据0.pdf、单据1.pdf、")
    assert read(one.as_bytes()).text.count("、") == MOST_ATTACHMENTS - 1
    inline = mail("看图")
    inline.add_attachment(b"x", maintype="image", subtype="png", filename="image001.png", disposition="inline")
    assert read(inline.as_bytes()).text == "看图"


def test_a_mail_of_attachments_alone_is_their_names() -> None:
    one = mail("", Subject="")
    one.add_attachment(b"x", maintype="application", subtype="pdf", filename="诉求.pdf")
    assert (read(one.as_bytes()).title, read(one.as_bytes()).text) == ("", "附件：诉求.pdf")


@pytest.mark.parametrize(
    ("headers", "reason"),
    [
        ({"Auto_Submitted": "auto-replied"}, "auto_reply"),
        ({"Auto_Submitted": "auto-generated; x"}, "auto_reply"),
        ({"X_Autoreply": "yes"}, "auto_reply"),
        ({"Precedence": "auto_reply"}, "auto_reply"),
        ({"Subject": "自动回复：三号楼"}, "auto_reply"),
        ({"Subject": "Automatic reply: x"}, "auto_reply"),
        ({"Return_Path": "<>"}, "bounce"),
        ({"From": "MAILER-DAEMON@corp.cn"}, "bounce"),
        ({"Subject": "Undeliverable: x"}, "bounce"),
        ({"Subject": "系统退信"}, "bounce"),
        ({"Subject": "退信：三号楼"}, "bounce"),
        ({"Subject": "退信通知"}, "bounce"),
        ({"Subject": "Out of Office: x"}, "auto_reply"),
        ({"Subject": "休假中：自动回复"}, "auto_reply"),
        ({"Subject": "我出差到周五（自动回复）"}, "auto_reply"),
        ({"Precedence": "bulk", "List_Unsubscribe": "<mailto:x@corp.cn>"}, "newsletter"),
    ],
)
def test_what_programs_write_is_skipped_by_reason(headers: dict[str, str], reason: str) -> None:
    assert skipped(mail("x", **headers).as_bytes()) == reason


@pytest.mark.parametrize(
    ("subject", "words"),
    [
        ("已读: 食堂", "您的邮件已被阅读"),
        ("已读: 食堂", "您的邮件\n收件人: 张三\n主题: 食堂\n已于 2026年11月28日 9:00 阅读。"),
        ("未读: 食堂", "您的邮件已被删除，未阅读。"),
        ("撤回: 食堂", "张三将撤回邮件“食堂”。"),
        ("Recall: x", "Zhang San would like to recall the message, x."),
        ("Read: x", "Your message was read on Friday."),
    ],
)
def test_a_receipt_or_a_recall_says_nothing_of_a_persons(subject: str, words: str) -> None:
    assert skipped(mail(words, Subject=subject).as_bytes()) == "receipt"


def test_a_report_of_delivery_is_a_bounce_whatever_its_subject() -> None:
    raw = b'From: a@corp.cn\r\nContent-Type: multipart/report; boundary="b"\r\n\r\n--b\r\n\r\nx\r\n--b--\r\n'
    assert skipped(raw) == "bounce"


@pytest.mark.parametrize(
    "headers",
    [
        {"Auto_Submitted": "no"}, {"Subject": "请自动回复我"}, {"Precedence": "bulk"},
        {"Subject": "自动回复机器人答非所问"}, {"Subject": "退信问题：挂号信三次被退回"},
        {"Subject": "不在办公室的主任找不到人"}, {"Subject": "不在岗的客服只会自动回复"},
        {"List_Unsubscribe": "<mailto:x@corp.cn>"}, {"Precedence": "list", "List_Unsubscribe": "<mailto:x@corp.cn>"},
        {"Subject": "撤回：食堂涨价的通知"}, {"Subject": "已读: 无人回复"},
    ],
)  # fmt: skip
def test_what_a_person_wrote_is_not_skipped(headers: dict[str, str]) -> None:
    assert read(mail("停水", **headers).as_bytes()).text == "停水"


def test_a_mail_of_nothing_is_empty() -> None:
    assert skipped(mail("  \n", Subject="Re: ").as_bytes()) == "empty"
    assert skipped(b"") == "empty"


@pytest.mark.parametrize("told", ["", "yesterday", "Sat, 99 Nov 2026 22:58:00 +0800"])
def test_a_date_that_is_none_is_unknown(told: str) -> None:
    raw = mail("停水", Date="").as_bytes()
    raw = f"Date: {told}\r\n".encode() + raw if told else raw
    assert (read(raw).published_at, read(raw).published_precision) == (None, Precision.UNKNOWN)


@pytest.mark.parametrize(
    ("told", "moment"),
    [
        ("Sat, 28 Nov 2026 22:58:00 GMT+0800", "2026-11-28 14:58:00+00:00"),
        ("Sat, 28 Nov 2026 22:58:00 CST", "2026-11-28 14:58:00+00:00"),  # no American clock in a Chinese office
        ("Sat, 28 Nov 2026 22:58:00", "2026-11-28 14:58:00+00:00"),
        ("2026-11-28 22:58:00", "2026-11-28 14:58:00+00:00"),
        ("Sat, 28 Nov 2026 14:58:00 +0000 (UTC)", "2026-11-28 14:58:00+00:00"),
    ],
)
def test_a_date_is_read_in_the_forms_of_pages_too_and_without_a_zone_in_ours(told: str, moment: str) -> None:
    assert str(read(f"Date: {told}\r\n".encode() + mail("停水", Date="").as_bytes()).published_at) == moment


@pytest.mark.parametrize("told", ["Thu, 01 Jan 1970 00:00:00 +0000", "22:58", "Sat, 99 Nov 2026 22:58:00 +0800"])
def test_a_date_that_is_said_and_no_time_is_told(told: str) -> None:
    found = read(f"Date: {told}\r\n".encode() + mail("停水", Date="").as_bytes())
    assert (found.published_at, found.unread_time) == (None, told.lower())


def test_a_text_that_a_gateway_named_is_the_text() -> None:
    raw = mail("三号楼停水").as_bytes().replace(b"text/plain;", b'text/plain; name="body.txt";')
    assert b"body.txt" in raw
    assert read(raw).text == "三号楼停水"


def test_a_whole_of_parts_without_a_boundary_is_a_text() -> None:
    assert (
        read(b"From: a@corp.cn\r\nContent-Type: multipart/mixed\r\n\r\nwords of a person").text == "words of a person"
    )


@pytest.mark.parametrize("kind", ["application/ms-tnef", "application/pkcs7-mime", "text/calendar"])
def test_words_in_a_form_that_is_not_read_are_told_and_the_subject_goes_in(kind: str) -> None:
    raw = f"From: a@corp.cn\r\nSubject: water\r\nContent-Type: {kind}\r\n\r\nAAAA".encode()
    found = read_mail(raw, kind=Kind.SUGGESTION, secret=SECRET)
    assert (found.unread, found.observation and found.observation.title) == (kind, "water")
    beside = mail("三号楼停水")
    beside.add_attachment(b"x", maintype="application", subtype="ms-tnef", filename="winmail.dat")
    assert read_mail(beside.as_bytes(), kind=Kind.SUGGESTION, secret=SECRET).unread == ""


@given(st.binary(max_size=300))
def test_no_bytes_break_the_reader(noise: bytes) -> None:
    for raw in (noise, b"Subject: =?utf-8?b?" + noise + b"\r\n\r\n" + noise, b"Content-Type: " + noise + b"\r\n\r\nx"):
        message_from_bytes(raw)
        try:
            read_mail(raw, kind=Kind.SUGGESTION, secret=SECRET)
        except Rejected:
            continue


def test_a_date_without_a_zone_is_in_utc_and_one_of_twenty_digits_is_none() -> None:
    """As the standard has it: -0000 says that nobody knows where the clock stands."""
    raw = mail("停水", Date="").as_bytes()
    assert str(read(b"Date: Sat, 28 Nov 2026 22:58:00 -0000\r\n" + raw).published_at) == "2026-11-28 22:58:00+00:00"
    assert read(b"Date: Sat, 28 Nov 99999999999999999999 22:58:00 +0800\r\n" + raw).published_at is None


def test_a_mail_that_was_cut_off_in_an_attachment_keeps_its_words() -> None:
    whole = mail("三号楼停水了")
    whole.add_attachment(b"x" * 9_000, maintype="application", subtype="pdf", filename="单据.pdf")
    assert read(whole.as_bytes()[:4_000]).text == "三号楼停水了\n附件：单据.pdf"


def test_several_texts_are_read_in_order_and_an_attached_one_is_only_named() -> None:
    raw = (
        "From: a@corp.cn\r\nMessage-ID: <1@a>\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n"
        "--b\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n三号楼\r\n"
        "--b\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n停水了\r\n"
        '--b\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Disposition: attachment; filename="log.txt"\r\n\r\n'
        "错误\r\n--b--\r\n"
    )
    assert read(raw.encode()).text == "三号楼\n停水了\n附件：log.txt"


def test_the_name_of_an_attachment_is_one_line_of_bearable_length() -> None:
    one = mail("见附件")
    one.add_attachment(b"x", maintype="application", subtype="pdf", filename="单 据" * 80 + ".pdf")
    (line,) = read(one.as_bytes()).text.splitlines()[1:]
    assert len(line) == len("附件：") + 100


def test_a_writer_is_the_same_however_the_address_is_written() -> None:
    written = ("Zhang.San@Corp.cn", '"张三" <zhang.san@corp.cn>', "ZHANG.SAN@CORP.CN")
    assert {read(mail("停水", From=name).as_bytes()).author for name in written} == {"zhang.san@corp.cn"}
    assert read(mail("停水", From="").as_bytes()).author is None


@pytest.mark.parametrize("subject", ["Re: 回复： 转发: Fwd: 三号楼", "RE：三号楼", "回覆:三号楼"])
def test_a_chain_of_answers_is_known_by_what_it_is_about(subject: str) -> None:
    assert read(mail("停水", Subject=subject).as_bytes()).title == "三号楼"
