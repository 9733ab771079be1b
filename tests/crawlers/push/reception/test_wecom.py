"""The callback's signature and cipher, against what others computed, and what its messages amount to."""

from base64 import b64decode, b64encode
from contextlib import suppress
from datetime import UTC, datetime, timedelta

import pytest
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CBC
from hypothesis import given
from hypothesis import strategies as st

from crawlers.push.reception.wecom import (
    ServiceEvent,
    check,
    decipher,
    encipher,
    encrypted_part,
    is_near,
    read_message,
    read_service_event,
    sign,
)
from stream.errors import Rejected
from stream.messages import Kind, Precision

# The example of the vendor's own documentation: token, key, organisation, signature.
VENDORS = (
    "RypEvHKD8QQKFhvQ6QleEB4J58tiPdvo+rtK1I9qca6aM/wvqnLSV5zEPeusUiX5L5X/0lWfrf0QADHHhGd3QczcdCUpj911L3vg3W/sYYvuJTs3T"
    "UUkSUXxaccAS0qhxchrRYt66wiSpGLYL42aM6A8dTT+6k4aSknmPj48kzJs8qLjvd4Xgpue06DOdnLxAUHzM6+kDZ+HMZfJYuR+LtwGc2hgf5gsij"
    "ff0ekUNXZiqATP7PF5mZxZ3Izoun1s4zG4LUMnvw2r+KqCKIw+3IQH03v+BCA9nMELNqbSf6tiWSrXJB3LAVGUcallcrw8V2t9EL4EhzJWrQUax5w"
    "LVMNS0+rUPA3k22Ncx4XXZS9o0MBH27Bo6BpNelZpS+/uh9KsNlY6bHCmJU9p8g7m3fVKn28H3KDYA5Pl/T8Z1ptDAVe0lXdQ2YoyyH2uyPIGHBZZ"
    "Is2pDBS8R07+qN+E7Q=="
)
# Enciphered by `openssl enc -aes-256-cbc -nopad`, signed by `sort | tr -d '\n' | sha1sum`.
OPENSSLS = (
    "E7dOY2PQsYgGozZZMrv5ZUh6tzXfxyF1PuUJWMWfKH3iuo/iL8o87xR9EVTk22J2T0OrKfgue5NTLfKZPn1QgU5Of88nN6yhD6HBqTyD83YzI55eO"
    "f+196Vn5BmxuZb04gTtsy3uaNZvo4L9Jbxp8r3KfKoNf5JnkbEH5+be3g3r0K3xfOjMBrFwKbtFx856vWNcB/JmeA8EuZmmpZVJTQ=="
)
KEY = bytes(range(7, 39))
CORP = "wwd08c8exxxx5ab44d"
NOW = datetime.fromtimestamp(1795930000, UTC)


def rejected(work: object, *told: object, **named: object) -> str:
    with pytest.raises(Rejected) as caught:
        work(*told, **named)  # type: ignore[operator]
    return caught.value.reason


def message(**told: str) -> bytes:
    fields = {
        "FromUserName": "zhangsan",
        "CreateTime": "1795930000",
        "MsgType": "text",
        "Content": "停水了",
        "MsgId": "7",
    }
    parts = (f"<{name}><![CDATA[{words}]]></{name}>" for name, words in (fields | told).items())
    return f"<xml>{''.join(parts)}</xml>".encode()


def test_a_signature_is_that_of_the_vendors_example_and_of_sha1sum() -> None:
    assert sign("QDG6eK", "1409659813", "1372623149", VENDORS) == "477715d11cdb4164915debcba66cb864d751f3e6"
    assert sign("tok3n", "1795930000", "n0nce", OPENSSLS) == "7eb8a5e500405c673e6a40f85dd45ada474bc108"


def test_what_the_vendor_and_openssl_enciphered_is_read() -> None:
    key = b64decode("jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2C=")
    found = read_message(decipher(key, VENDORS, "wx5823bf96d3bd56c7"))
    assert found is not None
    assert (found.native_id, found.text, found.author) == ("msg:4561255354251345929", "hello", "mycreate")
    assert found.published_at == datetime(2014, 9, 2, 12, 10, 13, tzinfo=UTC)
    assert "三号楼停水了" in decipher(KEY, OPENSSLS, CORP).decode()


@given(st.binary(max_size=300), st.binary(min_size=16, max_size=16))
def test_what_is_enciphered_is_deciphered_whatever_it_is(words: bytes, random: bytes) -> None:
    assert decipher(KEY, encipher(KEY, words, CORP, random), CORP) == words


@given(st.binary(max_size=200))
def test_nonsense_is_refused_and_breaks_nothing(noise: bytes) -> None:
    for work in (lambda: decipher(KEY, noise.decode("latin-1"), CORP), lambda: encrypted_part(noise)):
        assert rejected(work) in ("undecipherable", "no_message", "another_corp")


def test_another_organisations_message_and_another_key_are_refused_by_name() -> None:
    sealed = encipher(KEY, b"<xml/>", "ww-other", b"r" * 16)
    assert rejected(decipher, KEY, sealed, CORP) == "another_corp"
    assert rejected(decipher, KEY, encipher(KEY, b"<xml/>", CORP + "x", b"r" * 16), CORP) == "another_corp"
    assert rejected(decipher, bytes(32), sealed, CORP) == "undecipherable"
    assert rejected(decipher, KEY, "", CORP) == "undecipherable"
    assert rejected(decipher, KEY, sealed[:-4], CORP) == "undecipherable"


def test_a_forged_and_a_stale_request_are_told_apart() -> None:
    told = {"timestamp": "1795930000", "nonce": "n0nce", "encrypted": OPENSSLS, "now": NOW}
    right = sign("tok3n", "1795930000", "n0nce", OPENSSLS)
    check("tok3n", signature=right, **told)  # type: ignore[arg-type]
    assert rejected(check, "tok3n", signature="", **told) == "forged_signature"
    assert rejected(check, "tok3n", signature="é" + right[1:], **told) == "forged_signature"
    assert rejected(check, "other", signature=right, **told) == "forged_signature"
    assert rejected(check, "tok3n", signature=right, **(told | {"encrypted": VENDORS})) == "forged_signature"
    for late in (timedelta(minutes=6), timedelta(minutes=-6)):
        assert rejected(check, "tok3n", signature=right, **(told | {"now": NOW + late})) == "stale_signature"
    check("tok3n", signature=right, **(told | {"now": NOW + timedelta(minutes=5)}))  # type: ignore[arg-type]


@pytest.mark.parametrize("told", ["", "now", "-1", "1e9", "９", "9" * 12, "1795930000.5"])
def test_a_time_that_is_none_is_not_near(told: str) -> None:
    assert not is_near(told, NOW)


def test_a_text_is_a_suggestion_with_its_time_and_number() -> None:
    found = read_message(message(Content=" 三号楼\n停水了 <b> "))
    assert found is not None
    assert (found.native_id, found.thread, found.kind) == ("msg:7", "msg:7", Kind.SUGGESTION)
    assert (found.text, found.published_at, found.published_precision) == ("三号楼\n停水了 <b>", NOW, Precision.SECOND)


def test_a_link_is_its_title_its_description_and_its_address() -> None:
    found = read_message(message(MsgType="link", Content="", Title="通知", Description="停水", Url="https://corp.cn/1"))
    assert found is not None
    assert (found.title, found.text, found.url) == ("通知", "停水", "https://corp.cn/1")


def test_a_message_without_a_time_has_none() -> None:
    found = read_message(message(CreateTime="昨天"))
    assert found is not None
    assert (found.published_at, found.published_precision) == (None, Precision.UNKNOWN)


def test_an_event_is_no_message() -> None:
    assert read_message(message(MsgType="event", Content="", MsgId="")) is None


def test_an_event_of_customer_service_names_the_account_and_shows_no_token() -> None:
    told = {"MsgType": "event", "Event": "kf_msg_or_event", "Token": "ENC1", "OpenKfId": "wk1"}
    event = read_service_event(message(**told))
    assert event == ServiceEvent("wk1", "ENC1")
    assert "ENC1" not in repr(event)
    assert read_service_event(message(**told | {"OpenKfId": "", "Token": ""})) == ServiceEvent("")
    assert read_service_event(message(**told | {"Event": "enter_agent"})) is None
    assert read_service_event(message()) is None


@pytest.mark.parametrize(
    ("told", "reason"),
    [
        ({"MsgType": "image", "Content": ""}, "without_words_image"),
        ({"MsgType": "voice", "Content": ""}, "without_words_voice"),
        ({"MsgType": "new-kind", "Content": ""}, "unknown_message"),
        ({"Content": " "}, "unknown_message"),
        ({"MsgId": ""}, "no_message"),
    ],
)
def test_what_has_no_words_is_refused_by_its_kind(told: dict[str, str], reason: str) -> None:
    assert rejected(read_message, message(**told)) == reason


BOMB = b"""<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "%s">%s]><xml><Encrypt>&i;</Encrypt></xml>""" % (
    b"ha" * 20,
    b"".join(b'<!ENTITY %c "%s">' % (n, b"&%c;" % (n - 1) * 10) for n in range(98, 106)),
)
FETCHING = b'<!DOCTYPE x [<!ENTITY f SYSTEM "file:///etc/passwd">]><xml><Encrypt>&f;</Encrypt></xml>'


@pytest.mark.parametrize("xml", [BOMB, FETCHING, b"<!DOCTYPE xml><xml/>", b"<xml>", b"", b"\xff\xfe\x00"])
def test_xml_that_declares_grows_or_fetches_is_refused(xml: bytes) -> None:
    assert rejected(encrypted_part, xml) == "no_message"
    assert rejected(read_message, xml) == "no_message"


def test_the_cipher_text_is_found_in_the_body() -> None:
    assert encrypted_part(b"<xml><ToUserName>a</ToUserName><Encrypt><![CDATA[abc]]></Encrypt></xml>") == "abc"
    assert rejected(encrypted_part, b"<xml><Encrypt/></xml>") == "no_message"


@pytest.mark.parametrize("written", ["²", "１７９５", "9" * 12, "-1", "1e9", ""])
def test_a_time_that_is_none_is_unknown_and_no_crash(written: str) -> None:
    found = read_message(message(CreateTime=written))
    assert found is not None
    assert found.published_at is None


@given(st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=12), st.text("0123456789²٣", max_size=13))
def test_no_words_of_a_message_break_its_reading(words: str, time: str) -> None:
    telling = message(Content=words.replace("]]>", ""), CreateTime=time, MsgId=words.replace("]]>", "") or "7")
    with suppress(Rejected):
        assert read_message(telling) is not None


@pytest.mark.parametrize("padding", [0, 33, 255])
def test_a_padding_that_pkcs_does_not_know_is_refused(padding: int) -> None:
    plain = b"r" * 16 + (5).to_bytes(4, "big") + b"hello" + CORP.encode()
    plain += b"\0" * (-len(plain) % 32 or 32)
    closing = Cipher(AES(KEY), CBC(KEY[:16])).encryptor()
    sealed = closing.update(plain[:-1] + bytes([padding])) + closing.finalize()
    assert rejected(decipher, KEY, b64encode(sealed).decode(), CORP) == "undecipherable"


def test_a_message_that_says_it_is_longer_than_it_is_is_refused() -> None:
    plain = b"r" * 16 + (5_000).to_bytes(4, "big") + b"hello"
    plain += bytes([32 - len(plain) % 32]) * (32 - len(plain) % 32)
    closing = Cipher(AES(KEY), CBC(KEY[:16])).encryptor()
    sealed = b64encode(closing.update(plain) + closing.finalize()).decode()
    with pytest.raises(Rejected, match="undecipherable") as caught:
        decipher(KEY, sealed, CORP)
    assert caught.value.detail == "shorter than it says"
