"""A query as Elasticsearch is asked it, clause by clause; what it finds is tested on a real server."""

from typing import Any

from stream.index.elastic.filters import select
from stream.index.port import Query
from stream.messages import Act, Label


def phrase(words: str) -> list[dict[str, Any]]:
    return [{"match_phrase": {field: words}} for field in ("tokens.title", "tokens.text")]


def either(*phrases: str) -> dict[str, Any]:
    return {"bool": {"should": [place for one in phrases for place in phrase(one)], "minimum_should_match": 1}}


def test_nothing_asked_filters_nothing() -> None:
    assert select(Query()) == {"bool": {"filter": [], "must_not": []}}


def test_words_are_phrases_in_the_title_or_in_the_text_and_or_widens_one_of_them() -> None:
    assert select(Query(words="变电站 爆炸 OR 3.5 -通知")) == {
        "bool": {"filter": [either("变 电 站"), either("爆 炸", "3 | 5")], "must_not": [either("通 知")]}
    }


def test_values_are_terms_and_limits_are_ranges() -> None:
    asked = Query(
        boards=("水电", "市民之声"), labels=(Label.NEGATIVE,), acts=(Act.APPEAL,), least_replies=3, least_views=0
    )
    assert select(asked)["bool"]["filter"] == [
        {"terms": {"label": ["negative"]}},
        {"terms": {"board": ["水电", "市民之声"]}},
        {"terms": {"act": ["appeal"]}},
        {"range": {"counts.replies": {"gte": 3}}},
        {"range": {"counts.views": {"gte": 0}}},
    ]


def test_whether_a_post_is_gone_or_names_nobody_is_whether_a_field_is_there() -> None:
    deleted, voice = {"exists": {"field": "deleted_at"}}, {"exists": {"field": "voice"}}
    assert select(Query(deleted=True, authorless=True)) == {"bool": {"filter": [deleted], "must_not": [voice]}}
    assert select(Query(deleted=False, authorless=False)) == {"bool": {"filter": [voice], "must_not": [deleted]}}
