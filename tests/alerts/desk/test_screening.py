from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from alerts.casefile.context import CaseContext
from alerts.desk.screening import LabelRequest, label_post, list_screening, unlabelled
from alerts.workflow.cases import Refused
from stream.index.sqlite.posts import SqliteIndexWriter
from stream.messages import Label, ScoredPost
from stream.state.labels import Origin, latest_labels
from stream.topics import Mark, Rule

Write = Callable[..., ScoredPost]
HOUR = timedelta(hours=1)


def test_claims_of_danger_stand_before_what_is_uncertain_and_what_is_labelled_is_gone(
    context: CaseContext, index: SqliteIndexWriter, write: Write, now: datetime
) -> None:
    unsure, claim = write(1, label=Label.UNCERTAIN), write(2, label=Label.NEUTRAL, cues=("danger",), at=now - HOUR)
    both = write(3, label=Label.UNCERTAIN, cues=("danger",), at=now - 2 * HOUR)
    old = write(4, label=Label.UNCERTAIN, at=now - 30 * HOUR)
    gone = write(5, label=Label.UNCERTAIN, deleted_at=now)
    index.put([unsure, claim, both, old, gone, write(6)])
    since = now - 24 * HOUR
    assert unlabelled(context.reader, ["danger"], (), since=since, limit=9) == [claim, both, unsure]
    assert unlabelled(context.reader, ["danger"], {claim.id}, since=since, limit=1) == [both]
    assert unlabelled(context.reader, [], (), since=since, limit=9) == [unsure, both]


def test_an_item_has_its_words_made_safe_and_its_claims_by_name(
    context: CaseContext, index: SqliteIndexWriter, write: Write, now: datetime
) -> None:
    cues = {"danger": Mark(name="险情", rules=(Rule(any_of=("爆炸",)),))}
    named = replace(context, topics=replace(context.topics, cues=cues))
    said = "找张小明经理 13812345678\n停电了"
    index.put([write(1, said, cues=("danger", "retired")), write(2, label=Label.UNCERTAIN)])
    claim, unsure = list_screening(named, since=now - HOUR, limit=9, now=now)
    assert claim.quote.text == "找张某经理 ［号码］ 停电了"
    assert (claim.claims, unsure.claims) == (("险情",), ())


def test_a_label_is_kept_with_the_words_that_were_read_and_the_post_leaves_the_list(
    context: CaseContext, index: SqliteIndexWriter, write: Write, now: datetime
) -> None:
    post = write(1, label=Label.UNCERTAIN)
    index.put([post])
    kept = label_post(context, LabelRequest(post_id=post.id, label=Label.NEUTRAL, by="zhang_min"), now)
    assert latest_labels(context.engine) == [kept]
    assert (kept.by, kept.origin, kept.content_hash, kept.at) == ("张敏", Origin.SCREENING, post.content_hash, now)
    assert list_screening(context, since=now - HOUR, limit=9, now=now) == []


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"by": "路人"}, "people 中没有「路人」"),
        ({"post_id": "0" * 32}, "没有帖子 0000"),
        ({"case_id": 9}, "没有事件 9"),
    ],
)
def test_a_label_of_a_stranger_or_of_nothing_is_refused_and_not_kept(
    context: CaseContext, index: SqliteIndexWriter, write: Write, now: datetime, changes: dict[str, object], words: str
) -> None:
    post = write(1)
    index.put([post])
    request = LabelRequest(post_id=post.id, label=Label.NEUTRAL, by="zhang_min")
    with pytest.raises(Refused, match=words):
        label_post(context, replace(request, **changes), now)  # type: ignore[arg-type]
    assert latest_labels(context.engine) == []
