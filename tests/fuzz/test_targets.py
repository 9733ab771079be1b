"""Every target bears its seeds and some hundred inputs drawn from them; `make fuzz` does the same by the million."""

import pytest
from hypothesis import given, settings

from tests.fuzz.drawing import inputs
from tests.fuzz.targets import TARGETS

BUDGET = 100  # examples of the cheapest target


@pytest.mark.parametrize("name", TARGETS)
def test_good_inputs_are_borne(name: str) -> None:
    for seed in TARGETS[name].seeds:
        TARGETS[name].run(seed)


@pytest.mark.parametrize("name", TARGETS)
def test_any_bytes_are_borne(name: str) -> None:
    target = TARGETS[name]

    @settings(max_examples=BUDGET // target.cost + 10)
    @given(inputs(target))
    def bears(data: bytes) -> None:
        target.run(data)

    bears()
