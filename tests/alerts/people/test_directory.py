"""Who is meant by a name, and what a name or an address may be."""

import pytest
from pydantic import ValidationError

from alerts.people.directory import Desk, Person, find_person

PEOPLE = {
    "zhang": Person(name="张敏", email="zhang@example.com"),
    "li": Person(name="李强", addresses={"wecom": "LiQiang"}),
}


@pytest.mark.parametrize("by", ["zhang", "张敏", "zhang@example.com"])
def test_a_person_is_found_by_key_name_and_address(by: str) -> None:
    assert find_person(PEOPLE, by) is PEOPLE["zhang"]


@pytest.mark.parametrize("by", ["", "nobody", "LiQiang", "None"])
def test_a_stranger_is_nobody(by: str) -> None:
    assert find_person(PEOPLE, by) is None


def test_notices_to_a_person_are_told_apart_by_e_mail_and_else_by_the_first_address() -> None:
    assert PEOPLE["zhang"].known_as == "zhang@example.com"
    assert PEOPLE["li"].known_as == "LiQiang"
    assert Person(name="王芳").known_as == "王芳"


@pytest.mark.parametrize(
    "wrong",
    [
        {"name": "张敏\r\nBcc: x@y.com", "email": "a@example.com"},
        {"name": "", "email": "a@example.com"},
        {"name": "张" * 61, "email": "a@example.com"},
        {"name": "张敏", "email": "a@example.com\r\nRCPT TO:<x@y.com>"},
        {"name": "张敏", "email": "no address"},
        {"name": "张敏", "addresses": {"wecom": "two words"}},
        {"name": "张敏", "addresses": {"wecom": ""}},
        {"name": "张敏", "phone": "1"},
    ],
)
def test_names_and_addresses_cannot_carry_anything_else(wrong: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        Person(**wrong)  # type: ignore[arg-type]


def test_a_desk_has_somebody() -> None:
    with pytest.raises(ValidationError):
        Desk(name="值班", people=())
