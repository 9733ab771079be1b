from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from pydantic import ValidationError

from crawlers.pull.forums.forum_source import Boards, DiscuzSource
from crawlers.push.columns import Columns
from crawlers.push.file_source import FileSource
from crawlers.push.folder.source import FolderSource
from crawlers.source import is_loopback, is_private
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


def test_the_next_one_is_due_a_tick_or_a_rhythm_after_a_success() -> None:
    assert crawled(cron="0 * * * *").due_at(NOON) == NOON + timedelta(hours=1)
    assert handed_in(timedelta(days=7)).due_at(NOON) == NOON + timedelta(days=7)
    assert (FORUM.due_at(NOON), handed_in(None).due_at(NOON)) == (None, None)


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


@pytest.mark.parametrize(
    ("url", "private"),
    [
        ("http://localhost/x", True),
        ("http://10.0.0.1/", True),
        ("http://192.168.1.5:8080/feed", True),
        ("http://172.16.0.9/", True),
        ("http://169.254.169.254/", True),
        ("http://100.64.0.1/", True),
        ("http://0.0.0.0/", True),
        ("http://[fe80::1]/", True),
        ("http://[fd00::1]/", True),
        ("http://[::ffff:10.0.0.1]/", True),
        ("http://224.0.0.1/", True),
        ("http://8.8.8.8/", False),
        ("http://[2400:3200::1]/", False),
        ("http://bbs.corp.cn/", False),
        ("http://10.corp.cn/", False),
    ],
)
def test_a_number_that_no_crawl_asks_is_known_before_it_is_tried(url: str, private: bool) -> None:
    assert is_private(url) is private


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
        ({"url": "http://192.168.1.5/feed"}, "say private: true"),
        ({"url": "http:///forum.php"}, "is no web address"),
        ({"encoding": "klingon"}, "is no encoding"),
        ({"site": "two words"}, "site"),
        ({"basis": "a\nb\nc"}, "basis"),
    ],
)
def test_a_source_that_contradicts_itself_is_none(told: dict[str, object], words: str) -> None:
    with pytest.raises(ValidationError, match=words):
        crawled(**told)


def looked_into(**told: object) -> FolderSource:
    return FolderSource(**{"site": "drop", "basis": "our own", "path": Path("var/drop")} | told)  # type: ignore[arg-type]


def test_a_place_of_ours_is_fresh_and_due_by_its_cron_or_by_what_is_usual() -> None:
    by_cron, by_habit = looked_into(cron="*/5 * * * *"), looked_into(every=timedelta(days=1))
    assert by_cron.fresh_until(NOON) == NOON + timedelta(minutes=10)
    assert by_cron.due_at(NOON) == NOON + timedelta(minutes=5)
    assert by_habit.fresh_until(NOON) == NOON + timedelta(days=2)
    assert by_habit.due_at(NOON) == NOON + timedelta(days=1)
    assert (looked_into().fresh_until(NOON), looked_into().due_at(NOON)) == (None, None)


def test_a_day_that_never_comes_again_makes_nothing_stale() -> None:
    """30 February: the reader of cron lines knows it for none, and a source with it is never waited for."""
    with pytest.raises(ValidationError, match="cron"):
        crawled(cron="0 0 30 2 *")
    with pytest.raises(ValidationError, match="cron"):
        looked_into(cron="every hour")


@pytest.mark.parametrize(
    ("told", "words"),
    [
        ({"every": timedelta(0)}, "nothing comes every moment"),
        ({"every": timedelta(days=1), "cron": "0 * * * *"}, "keep one"),
        ({"name": ""}, "name"),
        ({"name": "一" * 41}, "name"),
        ({"name": "两\n行"}, "name"),
        ({"basis": "no"}, "basis"),
        ({"site": ""}, "site"),
        ({"site": "x" * 61}, "site"),
        ({"colour": "red"}, "colour"),
    ],
)
def test_what_cannot_be_meant_of_a_handed_in_source_is_told(told: dict[str, object], words: str) -> None:
    with pytest.raises(ValidationError, match=words):
        looked_into(**told)


def test_names_and_keys_of_any_script_are_read_without_the_blanks_around_them() -> None:
    source = looked_into(name=" 东城区 留言板 ", site="东城区-留言板_1")
    assert (source.name, source.site) == ("东城区 留言板", "东城区-留言板_1")


@pytest.mark.parametrize(
    "url",
    ["ftp://bbs.corp.cn/", "//bbs.corp.cn/", "bbs.corp.cn", "https://u:secret@bbs.corp.cn/", "https://u@bbs.cn/", ""],
)
def test_only_a_web_address_without_a_password_is_crawled(url: str) -> None:
    with pytest.raises(ValidationError, match="is no web address"):
        crawled(url=url)


@pytest.mark.parametrize("url", ["http://localhost:8080/forum.php", "http://[::1]/forum.php", "http://127.1.2.3/"])
def test_a_server_on_this_machine_may_be_asked_without_a_pause_once_it_is_said_to_be_meant(url: str) -> None:
    assert crawled(url=url, private=True, delay=timedelta(0)).delay == timedelta(0)
    with pytest.raises(ValidationError, match="say private: true if it is meant"):
        crawled(url=url)


def test_a_private_network_is_no_machine_of_ours_and_is_asked_politely() -> None:
    assert crawled(url="http://10.0.0.1/forum.php", private=True).delay == timedelta(seconds=1)
    with pytest.raises(ValidationError, match="be polite elsewhere"):
        crawled(url="http://10.0.0.1/forum.php", private=True, delay=timedelta(0))


def test_no_kind_asks_further_hosts_unless_it_declares_them() -> None:
    assert FORUM.hosts == frozenset()
    with pytest.raises(ValidationError, match="hosts"):
        crawled(hosts=["evil.cn"])
