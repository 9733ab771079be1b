"""Found posts as they are shown: masked, folded, with the words that were looked for; and why there are none."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.casefile.context import CaseContext
from alerts.desk.finding.hits import AT_ONCE, EXCERPT, Excerpt, excerpt, find
from alerts.desk.finding.scope import SearchScope, read_scope
from alerts.notify.contents.quotes import safe_line
from stream.errors import Rejected
from stream.index.port import Order, Query
from stream.index.sqlite.posts import SqliteIndexWriter
from stream.messages import Act, Counts, Label, ScoredPost
from stream.state.database import transaction
from stream.state.source_health import SourceHealth

Write = Callable[..., ScoredPost]
MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
SCOPE = SearchScope(sources=(("bbs", "临江论坛"),), topics=(("outage", "停电抢修"),), cues=(("danger", "险情"),))


def test_a_hit_tells_all_that_is_stored_by_the_names_that_people_know(
    context: CaseContext, index: SqliteIndexWriter, write: Write, now: datetime
) -> None:
    post = write(
        1, "听说停电三天", title="求证", board="民生", floor=3, counts=Counts(replies=7, views=90), act=Act.QUESTION,
        act_by="t@1", cues=("danger",),
    )  # fmt: skip
    index.put([post])
    answer = find(context, Query(words="停电"), Order.NEWEST, SCOPE, now)
    (hit,) = answer.hits
    assert (hit.id, hit.at, hit.title, hit.source, hit.board) == (post.id, now, "求证", "临江论坛", "民生")
    assert (hit.floor, hit.replies, hit.views, hit.kind, hit.label) == (3, 7, 90, "回帖", "负面")
    assert (hit.act, hit.topics, hit.cues, hit.negative, hit.gone) == ("疑问", ("停电抢修",), ("险情",), 0.9, False)
    assert hit.excerpt == Excerpt("听说", "停电", "三天")
    assert (answer.total, answer.after, answer.why) == ("1 条", None, ())
    assert answer.understood == (("必含“停电”", False),)


def test_copies_on_a_page_are_one_and_pages_follow_their_marks(
    context: CaseContext, index: SqliteIndexWriter, write: Write, now: datetime
) -> None:
    same = [write(n, "转发原句", fingerprint="a" * 16, at=now - n * MINUTE) for n in range(3)]
    index.put([*same, *(write(100 + n, at=now - DAY - n * MINUTE) for n in range(AT_ONCE))])
    first = find(context, Query(), Order.NEWEST, SCOPE, now)
    assert [other.id for other in first.hits[0].others] == [same[1].id, same[2].id]
    assert len(first.hits) == AT_ONCE - 2
    rest = find(context, Query(), Order.NEWEST, SCOPE, now, first.after)
    assert (len(rest.hits), rest.total, rest.after) == (3, "", None)


def test_a_mark_that_leads_nowhere_is_told_in_words(context: CaseContext, now: datetime) -> None:
    with pytest.raises(Rejected, match="请从第一页看起"):
        find(context, Query(), Order.NEWEST, SCOPE, now, "x")


def test_words_that_nobody_can_mean_are_refused(context: CaseContext, now: datetime) -> None:
    with pytest.raises(Rejected, match="不能代替任意字"):
        find(context, Query(words="停*"), Order.NEWEST, SCOPE, now)


def test_nothing_found_says_which_part_found_nothing(
    context: CaseContext, index: SqliteIndexWriter, write: Write, now: datetime
) -> None:
    index.put([write(1, "停电了", label=Label.NEUTRAL)])
    answer = find(context, Query(words="停电 火星"), Order.NEWEST, SCOPE, now)
    assert answer.total == "0 条"
    assert answer.why == ("“停电” 1 条", "“火星” 一条也没有")
    excluded = find(context, Query(words="-停电"), Order.NEWEST, SCOPE, now)
    assert excluded.understood == (("不含“停电”", True),)


def test_a_post_gone_for_long_is_without_its_words(
    context: CaseContext, index: SqliteIndexWriter, write: Write, now: datetime
) -> None:
    index.put([write(1, "秘密", title="秘密", deleted_at=now - DAY)])
    (hit,) = find(context, Query(), Order.NEWEST, SCOPE, now).hits
    assert (hit.title, hit.excerpt, hit.gone) == ("", Excerpt(""), True)


def test_a_post_of_which_only_the_beginning_came_says_so(
    context: CaseContext, index: SqliteIndexWriter, write: Write, now: datetime
) -> None:
    index.put([write(1, "今晚检修…", truncated=True), write(2, "今晚检修，请备好照明")])
    hits = find(context, Query(), Order.NEWEST, SCOPE, now).hits
    assert {hit.excerpt.before: hit.cut for hit in hits} == {"今晚检修…": True, "今晚检修，请备好照明": False}


def test_the_order_is_the_one_that_was_asked_for(
    context: CaseContext, index: SqliteIndexWriter, write: Write, now: datetime
) -> None:
    index.put([write(n, counts=Counts(replies=n), negative=1 - n / 10, at=now - n * MINUTE) for n in range(3)])

    def replies(order: Order) -> list[int | None]:
        return [hit.replies for hit in find(context, Query(), order, SCOPE, now).hits]

    assert (replies(Order.REPLIES), replies(Order.NEGATIVE)) == ([2, 1, 0], [0, 1, 2])


def test_an_excerpt_begins_shortly_before_the_word() -> None:
    found = excerpt("前" * 500 + "停电" + "后" * 500, ["没有", "停电"])
    assert (found.before, found.hit) == ("…" + "前" * 40, "停电")
    assert found.after.endswith("后…")
    assert excerpt("打 13812345678 找我", ["13812345678"]) == Excerpt("打 ［号码］ 找我")
    assert excerpt("短", []) == Excerpt("短")


@given(st.text(max_size=400), st.lists(st.text(min_size=1, max_size=5), max_size=3))
def test_an_excerpt_shows_nothing_that_a_letter_would_not(text: str, words: list[str]) -> None:
    found = excerpt(text, words)
    shown = (found.before + found.hit + found.after).strip("…")
    assert shown in safe_line(text, 2_000)
    assert len(shown) <= EXCERPT + 5


def test_sources_and_their_sites_go_by_their_names(context: CaseContext) -> None:
    with transaction(context.engine) as session:
        session.add(SourceHealth(source="app", site="bbs", state="ok"))
        session.add(SourceHealth(source="hall", site="hall", state="ok"))
    scope = read_scope(replace(context, source_names={"hall": "市民大厅", "bbs": "论坛"}))
    assert dict(scope.sources) == {"app": "app", "bbs": "论坛", "hall": "市民大厅"}
    assert scope.sites == {"hall": "市民大厅"}  # two sources read the other one
    assert (scope.topics, scope.called.topics) == ((("outage", "停电抢修"),), {"outage": "停电抢修"})
