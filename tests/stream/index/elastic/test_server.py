"""What an answer of Elasticsearch is worth."""

import pytest

from stream.errors import Retryable
from stream.index.elastic.server import present

THERE = {"_id": "a", "found": True}


def test_an_mget_names_the_documents_that_are_there() -> None:
    missing = {"_id": "b", "found": False}
    no_month = {"_id": "c", "error": {"type": "index_not_found_exception", "reason": "no such index"}}
    assert present([THERE, missing, no_month]) == [THERE]


def test_a_shard_that_cannot_say_is_waited_for_not_taken_for_a_missing_document() -> None:
    starting = {"_id": "b", "error": {"type": "no_shard_available_action_exception", "reason": "recovering"}}
    with pytest.raises(Retryable, match="cannot read 1 of 2 posts: recovering"):
        present([THERE, starting])
