"""Every key that a post may have has its word."""

from collections.abc import Mapping
from enum import StrEnum

import pytest

from stream.index.finding.words import ACT_NAMES, KIND_NAMES, LABEL_NAMES, ORDER_NAMES, ROLE_NAMES
from stream.index.port import Order
from stream.index.query import Role
from stream.messages import Act, Kind, Label

ALL: list[tuple[type[StrEnum], Mapping[StrEnum, str]]] = [
    (Label, LABEL_NAMES), (Act, ACT_NAMES), (Kind, KIND_NAMES), (Order, ORDER_NAMES), (Role, ROLE_NAMES),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "names"), ALL)
def test_every_key_has_a_word_of_its_own(kind: type[StrEnum], names: Mapping[StrEnum, str]) -> None:
    assert set(names) == set(kind)
    assert len(set(names.values())) == len(names)
