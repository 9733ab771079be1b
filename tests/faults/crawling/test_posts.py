"""The judge of the log: a sound one passes, and each thing that may be wrong with one shows under its name."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from scripts.demo.world import Board, Entry, Member, Thread, World
from stream.messages import Counts, Crawl, Kind, Post, Precision, content_hash, post_id
from tests.faults.crawling.posts import Account, account
from tests.faults.crawling.posts import Crawl as Process

NOW = datetime(2026, 9, 3, 8, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
END = NOW + 60 * MINUTE
EDITED, DELETED = NOW + 10 * MINUTE, NOW + 20 * MINUTE
CRAWL = Crawl(robots="allowed", rate=None, parser="discuz", version=2)
CRAWLS = [Process(1, NOW, killed=True), Process(2, NOW + 5 * MINUTE, killed=False), Process(3, END, killed=False)]
WORLD = World(
    (Board(fid=2, name="版"),),
    {1: Thread(tid=1, fid=2, title="停电", at=NOW)},
    {
        1: Entry(pid=1, tid=1, author=Member(1, "甲"), at=NOW, text="停电了"),
        2: Entry(pid=2, tid=1, author=Member(2, "乙"), at=NOW, text="真的", edited_at=EDITED, edited_text="真的吗"),
        3: Entry(pid=3, tid=1, author=Member(3, "丙"), at=NOW, text="是的", deleted_at=DELETED, quotes=2),
    },
)


def record(pid: int, minutes: float, text: str | None = None, **changes: object) -> Post:
    """What an honest crawler says of a post so many minutes on."""
    words, seen = text or WORLD.entries[pid].text, NOW + minutes * MINUTE
    post = Post(
        id=post_id("bbs", f"pid:{pid}"), site="bbs", native_id=f"pid:{pid}", source="bbs",
        kind=Kind.THREAD if pid == 1 else Kind.REPLY, thread_id=post_id("bbs", "pid:1"),
        parent_id=post_id("bbs", "pid:2") if pid == 3 else None, board="版", url="", title="停电", text=words,
        published_at=NOW, published_precision=Precision.SECOND, first_seen_at=NOW, observed_at=seen, counted_at=NOW,
        charted_at=NOW, counts=Counts(), content_hash=content_hash("停电", words), crawl=CRAWL,
    )  # fmt: skip
    return replace(post, **changes)  # type: ignore[arg-type]


SOUND = [
    record(1, 1), record(2, 1), record(3, 1), record(2, 15, "真的吗", edited_at=EDITED),
    record(3, 25, deleted_at=NOW + 25 * MINUTE),
]  # fmt: skip


def judged(records: Sequence[Post]) -> Account:
    return account(WORLD, "bbs", records, CRAWLS, END)


def test_a_sound_log_is_counted_and_nothing_is_said_against_it() -> None:
    found = judged(SOUND)
    assert found.complaints == {}
    assert dict(found.figures) == {
        "posts of the site": 3, "records in the log": 5, "posts that stand in the end": 2, "posts gone in the end": 1,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("records", "about"),
    [
        (SOUND[1:], {"lost"}),
        ([*SOUND, record(1, 30, deleted_at=NOW + 30 * MINUTE)], {"lost", "deletions"}),
        (SOUND[:3] + SOUND[4:], {"texts"}),
        ([*SOUND[:3], record(2, 8, "真的吗"), *SOUND[3:]], {"texts"}),
        ([record(1, 1, title="来电"), *SOUND[1:]], {"texts"}),
        ([record(1, 1, published_at=NOW + MINUTE), *SOUND[1:]], {"times"}),
        ([record(1, 1, first_seen_at=NOW - MINUTE), record(1, 6, board="别处"), *SOUND[1:]], {"times"}),
        ([record(1, 1), record(2, 1), record(3, 1, parent_id=None), *SOUND[3:]], {"places"}),
        (SOUND[:-1], {"deletions"}),
        ([*SOUND[:3], record(3, 4, deleted_at=NOW + 4 * MINUTE), *SOUND[3:4]], {"deletions"}),
        ([*SOUND, record(3, 30)], {"deletions", "doubled"}),
        ([*SOUND, replace(SOUND[0], id="f" * 32)], {"foreign"}),
        ([*SOUND[:4], record(2, 30), record(2, 31, "真的吗", edited_at=EDITED), SOUND[4]], {"doubled"}),
    ],
    ids=[
        "a-post-is-not-there", "one-that-stands-is-told-as-deleted", "an-edit-is-not-told", "an-edit-too-soon",
        "another-title", "another-time", "seen-first-twice", "another-place", "a-deletion-is-not-told",
        "a-deletion-before-it-was", "what-was-deleted-came-back", "a-post-of-nowhere", "old-words-came-back",
    ],
)  # fmt: skip
def test_what_is_wrong_with_a_log_is_named(records: Sequence[Post], about: set[str]) -> None:
    assert set(judged(records).complaints) == about


def test_a_copy_is_a_kills_or_a_fault() -> None:
    by_a_kill = [*SOUND, *(replace(post, observed_at=NOW + 6 * MINUTE) for post in SOUND[:3])]
    in_order = sorted(by_a_kill, key=lambda post: post.observed_at)
    found = judged(in_order)
    assert found.complaints == {}
    assert found.figures["copies that ids fold"] == 3
    without = judged([*SOUND, replace(SOUND[3], observed_at=NOW + 30 * MINUTE)])
    assert set(without.complaints) == {"doubled"}


def test_one_kill_doubles_the_posts_of_one_page_and_no_more() -> None:
    two_pages = [record(1, 1), record(2, 2), *(record(pid, 6) for pid in (1, 2, 3)), *SOUND[3:]]
    assert judged(two_pages).complaints == {"doubled": ["the kill of crawl 1 doubled 2 pages"]}
