from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from crawlers.edge import to_post
from crawlers.pages.observation import Observation
from scripts.live.changes import Wanted
from scripts.live.judging import Asked, Stage, folded, judge, named, same_text
from stream.messages import Crawl, Kind, Post, Precision

AT = datetime(2026, 1, 1, 0, 0, 3, tzinfo=UTC)
NATIVES = {"t1": "post:1", "t1r1": "comment:1", "t1r2": "comment:2"}


def post(native: str, text: str, *, parent: str | None = None, at: datetime = AT, title: str = "停水") -> Post:
    seen = Observation(
        native_id=native,
        kind=Kind.ARTICLE if native.startswith("post") else Kind.COMMENT,
        thread="post:1",
        parent=parent,
        board="小区生活" if native.startswith("post") else None,
        title=title,
        text=text,
        published_at=at,
        published_precision=Precision.SECOND,
    )
    crawl = Crawl(robots="allowed", rate=None, parser="wordpress", version=1)
    moment = datetime(2026, 2, 1, tzinfo=UTC)
    return to_post(seen, site="s", source="s", voice_key=b"k", first_seen_at=moment, observed_at=moment, crawl=crawl)


WANTED = {
    NATIVES[key]: Wanted(key=key, thread="t1", parent=parent, board="小区生活", title="停水", text=text, at=AT)
    for key, parent, text in (("t1", None, "水停了……"), ("t1r1", None, "真的？"), ("t1r2", "t1r1", "“真的”"))
}
KNOWN = {
    one.native_id: one
    for one in (
        post("post:1", "水停了……"),
        post("comment:1", "真的？"),
        post("comment:2", "“真的”", parent="comment:1"),
    )
}
STAGE = Stage(site="wordpress", crawl="first", wanted=WANTED, natives=NATIVES)


def gone(one: Post) -> Post:
    return replace(one, deleted_at=one.observed_at)


def test_a_crawl_that_found_everything_has_no_faults() -> None:
    verdict = judge(STAGE, KNOWN, list(KNOWN.values()), [Asked("/a", 200), Asked("/b", 200)])
    assert verdict.faults == ()
    assert (verdict.recall, verdict.precision, verdict.times, verdict.texts, verdict.places) == (1, 1, 1, 1, 1)
    assert (verdict.pages, verdict.twice) == (2, 0)


def test_a_post_that_was_not_found_is_told() -> None:
    verdict = judge(STAGE, {name: one for name, one in KNOWN.items() if name != "comment:2"}, [], [])
    assert verdict.recall == pytest.approx(2 / 3)
    assert verdict.faults == ("not found, 1: comment:2",)


def test_a_post_that_no_guest_can_read_is_told() -> None:
    verdict = judge(STAGE, {**KNOWN, "comment:9": post("comment:9", "内部")}, [], [])
    assert verdict.precision == pytest.approx(3 / 4)
    assert verdict.faults == ("not for guests, 1: comment:9",)


@pytest.mark.parametrize(
    ("wrong", "fault"),
    [
        (post("comment:2", "“真的”", parent="comment:1", at=AT + timedelta(hours=8)), "time, 1: comment:2"),
        (post("comment:2", "“假的”", parent="comment:1"), "text, 1: comment:2: '\"假的\"' for '\"真的\"'"),
        (post("comment:2", "“真的”"), "place, 1: comment:2: parent"),
    ],
)
def test_a_wrong_time_text_or_place_is_told(wrong: Post, fault: str) -> None:
    assert judge(STAGE, {**KNOWN, "comment:2": wrong}, [], []).faults == (fault,)


def test_a_wrong_title_of_an_opening_post_is_told() -> None:
    verdict = judge(STAGE, {**KNOWN, "post:1": post("post:1", "水停了……", title="断水")}, [], [])
    assert verdict.faults == ("place, 1: post:1: title 断水",)


def test_a_post_that_is_there_and_was_taken_for_gone_is_told() -> None:
    verdict = judge(STAGE, {**KNOWN, "comment:1": gone(KNOWN["comment:1"])}, [], [])
    assert verdict.wrongly_gone == 1
    assert verdict.faults == ("not found, 1: comment:1", "taken for gone, 1: comment:1")


def test_deletions_may_be_outstanding_until_all_must_have_been_noticed() -> None:
    wanted = {name: one for name, one in WANTED.items() if name != "comment:2"}
    removed = frozenset(["comment:2"])
    stage = replace(STAGE, wanted=wanted, gone=removed, touched=removed)
    assert judge(replace(stage, settled=False), KNOWN, [], []).faults == ()
    verdict = judge(stage, KNOWN, [], [])
    assert verdict.gone == "0/1"
    assert verdict.faults == ("not for guests, 1: comment:2", "still there, 1: comment:2")
    noticed = judge(stage, {**KNOWN, "comment:2": gone(KNOWN["comment:2"])}, [], [])
    assert (noticed.gone, noticed.faults) == ("1/1", ())


def test_edits_may_be_outstanding_until_all_must_have_been_noticed() -> None:
    edited = {**WANTED, "comment:1": replace(WANTED["comment:1"], text="真的？【更正】")}
    which = frozenset(["comment:1"])
    stage = replace(STAGE, wanted=edited, edited=which, touched=which)
    assert judge(replace(stage, settled=False), KNOWN, [], []).faults == ()
    verdict = judge(stage, KNOWN, [], [])
    assert verdict.edits == "0/1"
    assert verdict.faults == (
        "text, 1: comment:1: '真的？' for '真的？【更正】'",
        "edit not noticed, 1: comment:1",
    )
    assert judge(stage, {**KNOWN, "comment:1": post("comment:1", "真的？【更正】")}, [], []).edits == "1/1"


def test_what_was_sent_though_nothing_was_done_to_it_is_told() -> None:
    stage = replace(STAGE, touched=frozenset(["comment:1", "post:1"]))
    sent = [KNOWN["post:1"], KNOWN["comment:1"]]
    assert judge(stage, KNOWN, sent, []).again == 0
    assert judge(stage, KNOWN, [*sent, KNOWN["comment:2"]], []).faults == ("sent again, 1: comment:2",)


def test_what_was_sent_twice_in_one_crawl_is_told() -> None:
    assert judge(STAGE, KNOWN, [KNOWN["post:1"]] * 2, []).faults == ("sent again, 1: post:1",)


def test_a_page_that_was_asked_for_twice_is_told() -> None:
    verdict = judge(STAGE, KNOWN, [], [Asked("/a", 200), Asked("/b", 200), Asked("/a", 304)])
    assert (verdict.pages, verdict.twice) == (3, 1)
    assert verdict.faults == ("asked twice, 1: /a",)


@pytest.mark.parametrize(
    ("site", "wanted"),
    [("“好”—了…", '"好"--了...'), ("第一行\n\n第二行", "第一行 第二行"), ("3×4", "3x4"), ("Cafe\u0301", "Café")],
)
def test_white_space_and_the_sites_typography_are_no_difference(site: str, wanted: str) -> None:
    assert folded(site) == folded(wanted)


def test_words_are_a_difference() -> None:
    assert folded("停水") != folded("停水了")
    assert folded("a b") != folded("ab")


def test_a_text_that_was_cut_is_right_as_far_as_it_goes() -> None:
    long = "字" * 21_000
    found = post("comment:1", long)
    assert found.truncated
    assert same_text(found, long)
    assert not same_text(found, "词" * 21_000)
    assert not same_text(replace(found, text=found.text[:100]), long)


def test_posts_are_named_as_a_crawler_names_them() -> None:
    numbers = {"board:小区生活": 3, "topic:t1": 4, "t1": 5, "t1r1": 6}
    assert named(numbers, {"t1"}, opening="post", reply="comment") == {"t1": "post:5", "t1r1": "comment:6"}
