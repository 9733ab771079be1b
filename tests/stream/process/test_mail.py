import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from stream.process.mail import MailAddress, is_made_up

ADDRESS: TypeAdapter[str] = TypeAdapter(MailAddress)


@pytest.mark.parametrize(
    "text", ["li.qiang@corp.cn", "a+b_c@mail.corp.com.cn", "root@localhost", "o'neill@x-y.org", "1@2.3"]
)
def test_addresses_as_people_have_them_pass(text: str) -> None:
    assert ADDRESS.validate_python(text) == text


@pytest.mark.parametrize(
    "text",
    ["", "li.qiang", "@corp.cn", "a@", "a@b@c", "a b@corp.cn", "a@corp..cn", "a@.cn", "张敏@corp.cn", "a@corp.cn\n",
     "a@corp.cn\r\nBcc: x@y.cn", "<a@corp.cn>", "a@corp.cn, b@corp.cn", "a" * 250 + "@corp.cn"],
)  # fmt: skip
def test_everything_else_is_refused(text: str) -> None:
    with pytest.raises(ValidationError):
        ADDRESS.validate_python(text)


def test_the_mistake_is_a_sentence_and_no_pattern() -> None:
    with pytest.raises(ValidationError, match="this is no mail address"):
        ADDRESS.validate_python("张敏")


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
