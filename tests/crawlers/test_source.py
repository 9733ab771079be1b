from datetime import UTC, datetime, timedelta

import pytest
from pydantic import ValidationError

from crawlers.pull.forum_source import Boards, DiscuzSource
from crawlers.push.columns import Columns
from crawlers.push.file_source import FileSource
from crawlers.source import is_loopback
from stream.process.clock import SHANGHAI

NOON = datetime(2026, 11, 19, 12, 0, tzinfo=SHANGHAI)
FORUM = DiscuzSource(site="bbs", basis="our own", url="https://bbs.corp.cn:8443/forum.php")


def crawled(**told: object) -> DiscuzSource:
    return DiscuzSource(**{"site": "bbs", "basis": "our own", "url": "https://bbs.corp.cn/forum.php"} | told)  # type: ignore[arg-type]


def handed_in(every: timedelta | None) -> FileSource:
    return FileSource(site="weibo", basis="our own export", columns=Columns(text="正文"), every=every)


def test_a_crawl_is_fresh_for_two_ticks_so_that_one_may_fail() -> None:
    assert crawled(cron="0 * * * *").fresh_until(NOON) == NOON + timedelta(hours=2)
    assert crawled(cron="0 9 * * mon").fresh_until(NOON) == datetime(2026, 11, 30, 9, 0, tzinfo=SHANGHAI)


def test_what_was_handed_in_is_fresh_for_twice_its_rhythm() -> None:
    assert handed_in(timedelta(days=7)).fresh_until(NOON) == NOON + timedelta(days=14)


def test_without_a_rhythm_nothing_grows_stale() -> None:
    assert FORUM.fresh_until(NOON) is None
    assert handed_in(None).fresh_until(NOON) is None


def test_freshness_is_counted_in_utc_and_in_any_zone_the_same() -> None:
    assert crawled(cron="0 * * * *").fresh_until(NOON.astimezone(UTC)) == NOON + timedelta(hours=2)


@pytest.mark.parametrize(
    ("url", "loopback"),
    [
        ("http://localhost/x", True),
        ("http://127.9.9.9:8000/", True),
        ("http://[::1]/", True),
        ("http://10.0.0.1/", False),
        ("https://localhost.corp.cn/", False),
        ("", False),
    ],
)
def test_an_address_of_this_machine_is_known(url: str, loopback: bool) -> None:
    assert is_loopback(url) is loopback


def test_a_sources_host_is_without_port() -> None:
    assert FORUM.host == "bbs.corp.cn"


def test_boards_are_all_or_those_allowed_without_those_denied() -> None:
    assert Boards().wants("3")
    assert not Boards(deny=("3",)).wants("3")
    assert [Boards(allow=("3", "4"), deny=("4",)).wants(board) for board in "345"] == [True, False, False]


@pytest.mark.parametrize(
    ("told", "words"),
    [
        ({"delay": "0s"}, "delay: 0 is for servers on this machine"),
        ({"url": "http://127.0.0.1/forum.php"}, "say private: true"),
        ({"url": "http:///forum.php"}, "is no web address"),
        ({"encoding": "klingon"}, "is no encoding"),
        ({"site": "two words"}, "site"),
        ({"basis": "a\nb\nc"}, "basis"),
    ],
)
def test_a_source_that_contradicts_itself_is_none(told: dict[str, object], words: str) -> None:
    with pytest.raises(ValidationError, match=words):
        crawled(**told)
