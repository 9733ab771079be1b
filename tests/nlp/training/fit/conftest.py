"""Toy trainings learn a few sentences in place of the thousands that are shipped: each would cost seconds a run."""

from collections.abc import Iterator

import pytest

from nlp.training.texts import data as module
from tests.nlp.training.toy import write_sentences


@pytest.fixture(autouse=True, scope="module")
def few_sentences(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "WRITTEN", write_sentences(tmp_path_factory.mktemp("sentences")))
        yield
