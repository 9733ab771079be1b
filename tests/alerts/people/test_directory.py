"""Who is meant by a name, and what a name or an address may be."""

import pytest
from pydantic import ValidationError

from alerts.people.directory import (
    Ambiguous,
    Desk,
    Person,
    find_desk,
    find_person,
    key_of,
    namesakes,
    one_mailbox,
    shared,
    signature,
    told_apart,
)

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


TWO = {
    "zhang": Person(name="张敏", email="zhang@example.com"),
    "min": Person(name="张敏", email="min@example.com"),
    "张敏二": Person(name="王芳", email="min@example.com"),
    "wang": Person(name="zhang"),
}


def test_a_name_or_an_address_of_several_is_refused_with_their_keys_and_a_key_is_one_persons_alone() -> None:
    for by, keys in (("张敏", ("zhang", "min")), ("min@example.com", ("min", "张敏二"))):
        with pytest.raises(Ambiguous) as refused:
            find_person(TWO, by)
        assert refused.value.keys == keys
    assert find_person(TWO, "zhang") is TWO["zhang"]  # and not who is called so


@pytest.mark.parametrize(
    ("named", "found"),
    [
        ("one", "one"),
        ("一", "one"),
        ("wang", "one"),
        ("张敏", None),
        ("min@example.com", "one"),
        ("nobody", None),
        ("", None),
    ],
)
def test_a_desk_is_found_by_its_key_or_name_or_by_who_sits_there_alone(named: str, found: str | None) -> None:
    desks = {
        "one": Desk(name="一", people=("min", "张敏二", "wang")),
        "two": Desk(name="二", people=("zhang",)),
    }
    assert find_desk(desks, TWO, named) == found


def test_people_who_share_a_name_sign_with_their_key() -> None:
    signed = [signature(TWO, person) for person in TWO.values()]
    assert signed == ["张敏（zhang）", "张敏（min）", "王芳", "zhang"]
    assert list(namesakes(TWO)) == [("张敏", ("zhang", "min"))]


def test_people_who_share_a_mailbox_are_found_however_its_address_is_written() -> None:
    addressed = {"a": "Desk@Corp.cn", "b": "desk@corp.cn", "c": "own@corp.cn", "d": None, "e": None}
    people = {key: Person(name=key, email=email) for key, email in addressed.items()}
    assert list(one_mailbox(people)) == [("desk@corp.cn", ("a", "b"))]
    assert list(shared({"x": "停电", "y": "投诉", "z": "停电"})) == [("停电", ("x", "z"))]


def test_people_who_are_alike_in_every_word_are_told_apart_by_their_keys() -> None:
    twins = {"a": Person(name="甲", email="x@example.com"), "b": Person(name="甲", email="x@example.com")}
    assert [key_of(twins, one) for one in twins.values()] == ["a", "b"]
    assert key_of(twins, Person(name="甲", email="x@example.com")) is None
    assert [told_apart(twins, one) for one in twins.values()] == ["x@example.com a", "x@example.com b"]
    assert told_apart(PEOPLE, PEOPLE["zhang"]) == "zhang@example.com"


def test_somebody_whose_address_here_is_anothers_name_there_gets_letters_of_their_own() -> None:
    crossed = {
        "a": Person(name="甲", addresses={"wecom": "zhang"}),
        "b": Person(name="乙", addresses={"ding": "zhang"}),
    }
    assert len({told_apart(crossed, one) for one in crossed.values()}) == 2


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
        {"name": "张敏", "email": "zhang..min@example.com"},
        {"name": "张敏", "email": "zhang.min.@example.com"},
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
