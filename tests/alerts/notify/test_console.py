"""Where the console listens and answers, and what of that is likely not meant."""

from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from alerts.notify.console import ConsoleConfig, ConsoleRow, doubtful

ROW: TypeAdapter[ConsoleConfig] = TypeAdapter(ConsoleRow)
HTTPS = "https://yuqing.example.com"


def keys(**said: Any) -> list[str]:
    return [key for key, _ in doubtful(ROW.validate_python({"administrators": ["zhao_lei"], **said}))]


@pytest.mark.parametrize(
    ("said", "found"),
    [
        ({}, []),
        ({"address": HTTPS}, []),
        ({"address": HTTPS, "listen": "0.0.0.0:8420"}, []),
        ({"address": "http://127.0.0.1:8420"}, []),
        ({"address": "http://localhost:8420"}, []),
        ({"address": "http://yuqing.example.com"}, ["address"]),
        ({"listen": "0.0.0.0:8420"}, ["listen"]),
        ({"listen": "[::]:8420", "address": "http://yuqing.example.com"}, ["listen"]),
        ({"address": HTTPS, "header": "X-User"}, []),
        ({"address": HTTPS, "header": "X-User", "listen": "10.0.0.2:8420"}, ["header"]),
        ({"address": HTTPS, "header": "X-User", "listen": "10.0.0.2:8420", "proxies": ["10.0.0.1"]}, []),
        ({"header": "X-User"}, ["header"]),
        ({"address": HTTPS, "administrators": []}, ["administrators"]),
    ],
)
def test_what_is_likely_not_meant_is_told_by_its_key(said: dict[str, Any], found: list[str]) -> None:
    assert keys(**said) == found


def test_an_address_alone_is_a_whole_section() -> None:
    console = ROW.validate_python(f"{HTTPS}/wenfeng/")
    assert (console.base, console.prefix, console.is_https) == (f"{HTTPS}/wenfeng", "/wenfeng", True)
    assert (console.bind, console.listens_beyond) == (("127.0.0.1", 8420), False)


def test_without_an_address_it_answers_where_it_listens() -> None:
    console = ROW.validate_python({"listen": "[::1]:9000"})
    assert (console.base, console.bind, console.listens_beyond) == ("http://[::1]:9000", ("::1", 9000), False)


@pytest.mark.parametrize(
    "said",
    ["https://zhang:secret@example.com", "ftp://example.com", {"listen": "localhost:1"}, {"listen": "127.0.0.1:0"},
     {"listen": "127.0.0.1"}, {"header": "X User"}, {"proxies": []}, {"proxies": ["here"]}],
)  # fmt: skip
def test_what_cannot_be_is_refused(said: object) -> None:
    with pytest.raises(ValidationError) as caught:
        ROW.validate_python(said)
    assert "secret" not in "".join(one["msg"] for one in caught.value.errors())
