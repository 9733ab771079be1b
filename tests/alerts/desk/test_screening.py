from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from alerts.casefile.context import CaseContext
from alerts.desk.claims import NewClaim, add_claim
from alerts.desk.register import Register
from alerts.desk.screening import (
    READ,
    UNDO_WITHIN,
    LabelRequest,
    label_post,
    list_screening,
    own_last_label,
    read_queue,
    undo_label,
    unlabelled,
)
from alerts.workflow.cases import Refused
from alerts.workflow.parts import Verdict
from stream.index.sqlite.posts import SqliteIndexWriter
from stream.messages import Label, ScoredPost
from stream.state.labels import Origin, latest_labels
from stream.topics import Mark, Rule

Write = Callable[..., ScoredPost]
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


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


def test_copies_are_judged_together_and_leave_together(
    context: CaseContext, index: SqliteIndexWriter, write: Write, now: datetime
) -> None:
    same = [write(n, label=Label.UNCERTAIN, fingerprint="a" * 16, at=now - n * MINUTE) for n in range(1, 4)]
    other = write(9, label=Label.UNCERTAIN, at=now - HOUR)
    index.put([*same, other])
    queue = read_queue(context, since=now - DAY, limit=9, now=now)
    assert [(item.post_id, item.copies) for item in queue.items] == [(same[0].id, 3), (other.id, 1)]
    label_post(context, LabelRequest(post_id=same[0].id, label=Label.NEGATIVE, by="zhang_min"), now)
    index.put([write(4, label=Label.UNCERTAIN, fingerprint="a" * 16, at=now)])  # forwarded once more
    left = read_queue(context, since=now - DAY, limit=9, now=now)
    assert [item.post_id for item in left.items] == [other.id]
    assert (left.waiting, dict(left.judged)) == (1, {Label.NEGATIVE: 1})


def test_posts_without_letters_are_no_copies_of_each_other(
    context: CaseContext, index: SqliteIndexWriter, write: Write, now: datetime
) -> None:
    index.put([write(n, "？！", label=Label.UNCERTAIN, fingerprint="0" * 16) for n in range(2)])
    assert [item.copies for item in read_queue(context, since=now - DAY, limit=9, now=now).items] == [1, 1]


def test_the_list_is_read_in_parts(context: CaseContext, index: SqliteIndexWriter, write: Write, now: datetime) -> None:
    index.put([write(n, label=Label.UNCERTAIN, at=now - n * MINUTE) for n in range(5)])
    first = read_queue(context, since=now - DAY, limit=2, now=now)
    assert (len(first.items), first.waiting, first.next_skip, first.cut) == (2, 5, 2, False)
    last = read_queue(context, since=now - DAY, limit=2, now=now, skip=4)
    assert (len(last.items), last.next_skip) == (1, None)
    assert read_queue(context, since=now - DAY, limit=2, now=now, skip=99).items == ()


def test_more_than_is_read_is_said_to_wait(
    context: CaseContext, index: SqliteIndexWriter, write: Write, now: datetime
) -> None:
    index.put([write(n, label=Label.UNCERTAIN) for n in range(READ + 1)])
    queue = read_queue(context, since=now - DAY, limit=2, now=now)
    assert (queue.waiting, queue.cut) == (READ, True)


def test_what_the_library_knows_stands_beside_the_post(
    context: CaseContext, register: Register, index: SqliteIndexWriter, write: Write, now: datetime
) -> None:
    new = NewClaim(
        claim="临江变电站爆炸", by="zhang_min", verdict=Verdict.RUMOUR, statement="系检修放电声", owner="publicity"
    )
    add_claim(register, new, now)
    index.put(
        [write(1, "临江变电站爆炸了大家快跑", label=Label.UNCERTAIN), write(2, "今天天气", label=Label.UNCERTAIN)]
    )
    about, other = read_queue(context, since=now - DAY, limit=9, now=now).items
    if about.known is None:
        about, other = other, about
    assert about.known is not None
    assert (about.known.claim, about.known.verdict, other.known) == ("临江变电站爆炸", Verdict.RUMOUR, None)


def test_more_words_than_a_letter_quotes_are_shown_masked_and_the_source_by_name(
    context: CaseContext, index: SqliteIndexWriter, write: Write, now: datetime
) -> None:
    named = replace(context, source_names={"bbs": "临江论坛"})
    index.put(
        [write(1, "停电。" * 100 + "打 13812345678 http://evil.example.com/x", title="求助", label=Label.UNCERTAIN)]
    )
    (item,) = read_queue(named, since=now - DAY, limit=9, now=now).items
    assert (item.source, item.title, item.topics, item.negative) == ("临江论坛", "求助", ("停电抢修",), 0.9)
    assert item.words.endswith("打 ［号码］ hxxp://evil[.]example[.]com/x")


def test_a_post_that_was_edited_meanwhile_is_to_be_read_again(
    context: CaseContext, index: SqliteIndexWriter, write: Write, now: datetime
) -> None:
    post = write(1, label=Label.UNCERTAIN)
    index.put([post])
    request = LabelRequest(post_id=post.id, label=Label.NEUTRAL, by="zhang_min", content_hash="0" * 32)
    with pytest.raises(Refused, match="刚刚有改动"):
        label_post(context, request, now)
    label_post(context, replace(request, content_hash=post.content_hash), now)


def test_a_label_can_be_taken_back_for_ten_minutes_by_who_gave_it(
    context: CaseContext, index: SqliteIndexWriter, write: Write, now: datetime
) -> None:
    post = write(1, label=Label.UNCERTAIN)
    index.put([post])
    kept = label_post(context, LabelRequest(post_id=post.id, label=Label.UNCERTAIN, by="zhang_min"), now)
    assert list_screening(context, since=now - DAY, limit=9, now=now) == []
    assert own_last_label(context, "li_qiang", now) is None
    assert own_last_label(context, "zhang_min", now + UNDO_WITHIN) == kept
    for by, at, post_id in [
        ("li_qiang", now, None),
        ("zhang_min", now + UNDO_WITHIN + MINUTE, None),
        ("zhang_min", now, "0" * 32),
    ]:
        with pytest.raises(Refused, match="没有可以撤销的判断"):
            undo_label(context, by, at, post_id)
    assert undo_label(context, "zhang_min", now + UNDO_WITHIN, post.id) == kept
    assert len(list_screening(context, since=now - DAY, limit=9, now=now)) == 1
