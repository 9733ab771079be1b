from email import message_from_bytes
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from stream.process.mail import HostName, MailAddress, is_made_up

ADDRESS: TypeAdapter[str] = TypeAdapter(MailAddress)
HOST: TypeAdapter[str] = TypeAdapter(HostName)


@pytest.mark.parametrize(
    "text", ["li.qiang@corp.cn", "a+b_c@mail.corp.com.cn", "root@localhost", "o'neill@x-y.org", "1@2.3"]
)
def test_addresses_as_people_have_them_pass(text: str) -> None:
    assert ADDRESS.validate_python(text) == text


@pytest.mark.parametrize(
    "text",
    ["", "li.qiang", "@corp.cn", "a@", "a@b@c", "a b@corp.cn", "a@corp..cn", "a@.cn", "张敏@corp.cn", "a@corp.cn\n",
     "zhang..min@corp.cn", "zhang.min.@corp.cn", ".zhang@corp.cn", "a@corp.cn.", "a@-corp.cn", "a@corp-.cn",
     "a" * 65 + "@corp.cn", "a@" + "b" * 64 + ".cn", "a@corp_a.cn",
     "a@corp.cn\r\nBcc: x@y.cn", "<a@corp.cn>", "a@corp.cn, b@corp.cn", "a" * 250 + "@corp.cn"],
)  # fmt: skip
def test_everything_else_is_refused(text: str) -> None:
    with pytest.raises(ValidationError):
        ADDRESS.validate_python(text)


def test_the_mistake_is_a_sentence_and_no_pattern() -> None:
    with pytest.raises(ValidationError, match="this is no mail address"):
        ADDRESS.validate_python("张敏")


@pytest.mark.parametrize(
    "text", ["mail.corp.cn", "localhost", "127.0.0.1", "x-y.org", "a" * 63 + ".cn", "MAIL.corp.cn"]
)
def test_hosts_as_people_have_them_pass(text: str) -> None:
    assert HOST.validate_python(text) == text


@pytest.mark.parametrize(
    "text",
    ["", "mail..corp.cn", ".corp.cn", "corp.cn.", "a" * 64 + ".cn", "-a.cn", "a-.cn", "a b.cn", "邮件.cn", "a_b.cn",
     "a.cn\n", "a:25", "me@a.cn", ".".join(["a" * 60] * 5)],
)  # fmt: skip
def test_what_no_name_server_can_be_asked_is_no_host(text: str) -> None:
    with pytest.raises(ValidationError):
        HOST.validate_python(text)


@given(st.text(st.sampled_from("ab.-@_+1"), max_size=20))
def test_whatever_passes_is_written_and_read_by_the_mail_library_and_asked_of_name_servers(text: str) -> None:
    try:
        address = ADDRESS.validate_python(text)
    except ValidationError:
        return
    message = EmailMessage(policy=SMTP)
    message["To"] = Address("张敏", addr_spec=address)
    read = message_from_bytes(message.as_bytes(), policy=SMTP)["To"].addresses[0]
    assert read.addr_spec == address
    host = address.rpartition("@")[2]
    assert HOST.validate_python(host).encode("idna") == host.encode()


@given(st.from_regex(r"[a-z0-9.-]{1,80}", fullmatch=True))
def test_a_host_that_passes_is_one_that_sockets_take(text: str) -> None:
    try:
        host = HOST.validate_python(text)
    except ValidationError:
        return
    assert host.encode("idna").decode() == host


@given(st.text(max_size=30))
def test_whatever_passes_fits_into_one_header(text: str) -> None:
    try:
        address = ADDRESS.validate_python(text)
    except ValidationError:
        return
    assert address.isascii()
    assert address.isprintable()
    assert address.count("@") == 1
    assert not set(address) & set(' <>,;:"')


@pytest.mark.parametrize(
    "address",
    ["ops@example.com", "mailto:ops@example.org", "ops@mail.example.net", "https://example.com/contact",
     "https://www.example.com:8080/", "example.com", "ops@wenfeng.test", "a@b.invalid", "forum.example",
     "OPS@EXAMPLE.COM", "example.com."],
)  # fmt: skip
def test_names_set_apart_for_examples_are_made_up(address: str) -> None:
    assert is_made_up(address)


@pytest.mark.parametrize(
    "address",
    ["ops@corp.cn", "ops@my-example.com", "example@corp.cn", "https://corp.cn/example.com.html", "test@latest.cn",
     "ops@example.com.cn", "https://example-forum.cn/", "ops@contest.org"],
)  # fmt: skip
def test_names_that_somebody_may_have_are_not(address: str) -> None:
    assert not is_made_up(address)
