"""What is no mistake and may surprise is told: above all one site under two keys, of which each post counts twice."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from yaml import safe_dump

from crawlers.cli.doubts import doubts
from crawlers.config import CrawlersConfig
from crawlers.pull.forums.forum_source import Boards
from stream.process.configuration import Configuration

Told = Callable[..., list[str]]
FORUM = {"software": "discuz", "url": "https://bbs.corp.cn/forum.php"}


@pytest.fixture
def told(tmp_path: Path) -> Told:
    key = tmp_path / "voice.key"
    key.write_text("0" * 64, "utf-8")
    key.chmod(0o600)

    def doubted(*sources: dict[str, Any], **more: Any) -> list[str]:
        named = {
            f"s{number}": {"site": f"s{number}", "basis": "a test", "cron": "0 * * * *"} | one
            for number, one in enumerate(sources)
        }
        told = {"contact": "ops@corp.cn", "voice_key_file": str(key), "sources": named} | more
        (tmp_path / "crawlers.yml").write_text(safe_dump(told), "utf-8")
        return list(doubts(Configuration(tmp_path).add("crawlers.yml", CrawlersConfig)()))

    return doubted


TWICE = [
    (FORUM, FORUM),
    (FORUM, FORUM | {"url": "http://www.bbs.corp.cn:80/"}),
    (FORUM, FORUM | {"boards": {"allow": ["2"]}}),
    (FORUM | {"boards": {"allow": ["2", "3"]}}, FORUM | {"boards": {"allow": ["3"]}}),
    (FORUM | {"boards": {"deny": ["2"]}}, FORUM | {"boards": {"deny": ["3"]}}),
    ({"software": "feed", "url": "https://a.cn/rss"}, {"software": "feed", "url": "https://a.cn/x", "feeds": ["https://a.cn/rss"]}),
    ({"software": "wordpress", "url": "https://a.cn/"}, {"software": "wordpress", "url": "https://a.cn"}),
    ({"software": "site", "url": "https://a.cn/", "paths": ["/news/"]}, {"software": "site", "url": "https://a.cn/"}),
    (
        {"software": "mastodon", "url": "https://m.cn/", "accounts": ["a"], "hashtags": ["x"]},
        {"software": "mastodon", "url": "https://m.cn/", "hashtags": ["x"]},
    ),
]  # fmt: skip


@pytest.mark.parametrize(("one", "other"), TWICE)
def test_a_site_that_stands_under_two_keys_is_told(told: Told, one: dict[str, Any], other: dict[str, Any]) -> None:
    (words,) = told(one, other)
    assert words.startswith("sources.s1 reads the same of ")
    assert "as sources.s0: every post would count twice" in words
    assert ("boards apart" in words) is (one["software"] == "discuz")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (FORUM | {"boards": {"allow": ["2"]}}, FORUM | {"boards": {"allow": ["3"]}}),
        (FORUM | {"boards": {"allow": ["2"]}}, FORUM | {"boards": {"deny": ["2"]}}),
        (FORUM, FORUM | {"url": "https://bbs.corp.cn/staff/forum.php"}),
        (FORUM, FORUM | {"url": "https://bbs.corp.cn:8443/forum.php"}),
        (FORUM, FORUM | {"url": "https://bbs.other.cn/forum.php"}),
        (FORUM, FORUM | {"software": "phpbb"}),
        (FORUM, FORUM | {"enabled": False}),
        ({"software": "feed", "url": "https://a.cn/?feed=1"}, {"software": "feed", "url": "https://a.cn/?feed=2"}),
        (
            {"software": "site", "url": "https://a.cn/", "paths": ["/news/"]},
            {"software": "site", "url": "https://a.cn/", "paths": ["/blog/"]},
        ),
        (
            {"software": "mastodon", "url": "https://m.cn/", "accounts": ["x"]},
            {"software": "mastodon", "url": "https://m.cn/", "hashtags": ["x"]},
        ),
    ],
)
def test_sources_that_read_apart_are_not(told: Told, one: dict[str, Any], other: dict[str, Any]) -> None:
    assert told(one, other) == []


def test_three_keys_of_one_site_are_three_pairs_and_an_owner_who_opted_out_is_told_alone(told: Told) -> None:
    assert len(told(FORUM, FORUM, FORUM)) == 3
    assert told(FORUM, FORUM, opted_out=["bbs.corp.cn"]) == [
        "sources.s0: bbs.corp.cn is on opted_out: it is not asked",
        "sources.s1: bbs.corp.cn is on opted_out: it is not asked",
    ]


def test_what_nobody_reads_by_itself_is_told(told: Told) -> None:
    folder = {"software": "folder", "path": "var/drop/hotline", "cron": None}
    assert told(FORUM | {"cron": None}, folder) == [
        "sources.s0: no cron: only `python -m crawlers crawl s0` reads it",
        "sources.s1: no cron: only `python -m crawlers take s1` looks into it",
    ]


@pytest.mark.parametrize(
    ("one", "other", "both"),
    [
        (Boards(), Boards(), True),
        (Boards(allow=("2",)), Boards(), True),
        (Boards(deny=("2",)), Boards(allow=("2",)), False),
        (Boards(allow=("2", "3"), deny=("3",)), Boards(allow=("3",)), False),
    ],
)
def test_boards_overlap_where_one_may_be_wanted_by_both(one: Boards, other: Boards, both: bool) -> None:
    assert one.overlaps(other) is other.overlaps(one) is both
