"""What stays on this machine, and what only looks so."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stream.process.loopback import is_loopback_host, is_public


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST", "127.0.0.1", "127.8.9.10", "::1", "0:0:0:0:0:0:0:1"])
def test_this_machine_is_known_by_each_of_its_names(host: str) -> None:
    assert is_loopback_host(host)


@pytest.mark.parametrize(
    "host",
    ["", "0.0.0.0", "::", "10.0.0.1", "192.168.1.1", "localhost.example.com", "127.0.0.1.example.com", "mail.power.cn",
     "127.1", "128.0.0.1", "[::1]", "127.0.0.1:25", " 127.0.0.1", "2130706433"],
)  # fmt: skip
def test_no_other_host_is_taken_for_it(host: str) -> None:
    assert not is_loopback_host(host)


@given(st.ip_addresses(v=4))
def test_of_all_addresses_only_those_of_127_are(address: object) -> None:
    assert is_loopback_host(str(address)) == str(address).startswith("127.")


@given(st.text())
def test_any_text_is_answered(host: str) -> None:
    assert is_loopback_host(host) in (True, False)


@pytest.mark.parametrize(
    ("address", "public"),
    [
        ("8.8.8.8", True),
        ("2400:3200::1", True),
        ("127.0.0.1", False),
        ("10.1.2.3", False),
        ("169.254.169.254", False),
        ("100.64.0.1", False),
        ("::1", False),
        ("fe80::1%eth0", False),
        ("::ffff:127.0.0.1", False),
        ("224.0.0.1", False),
        ("0.0.0.0", False),
        ("nonsense", False),
    ],
)
def test_an_address_is_public_or_not(address: str, public: bool) -> None:
    assert is_public(address) is public
