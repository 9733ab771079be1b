"""The open platform's API, played by a server on loopback."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from pydantic import SecretStr
from structlog.testing import capture_logs

from crawlers.health import Tally
from stream.messages import Kind
from stream.state.source_health import SourceState
from tests.crawlers.running import Crawler
from tests.crawlers.site import Answer, Site

TOKEN = "2.00secret"


class Platform:
    """Statuses and their comments, newest first; `refused` answers in their place, by call."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self.url = f"{site.root}/2/"
        self.statuses: dict[str, str] = {}
        self.comments: dict[str, list[str]] = {}
        self.refused: dict[str, int] = {}
        self.more: dict[str, dict[str, Any]] = {}  # of a status's JSON
        self.whole: dict[str, str] = {}  # of long texts, which lists show cut
        self.broken = False  # single statuses do not come
        self.expire_in: int | None = 30 * 86400
        site.answer = self
        site.robots = lambda: Answer(status=404)

    def __call__(self, path: str) -> Answer:
        call, asked = urlsplit(path).path, {name: told[0] for name, told in parse_qs(urlsplit(path).query).items()}
        code = self.refused.get(call.rpartition("/")[2])
        if self.broken and call.endswith("show.json"):
            return Answer(b"", 410)
        if code is not None:
            return Answer(json.dumps({"error": "no", "error_code": code, "request": call}).encode(), 400)
        found = self._found(call, asked)
        status = 400 if "error_code" in found else 200
        return Answer(json.dumps(found).encode(), status, {"Content-Type": "application/json"})

    def _found(self, call: str, asked: dict[str, str]) -> dict[str, Any]:
        if call == "/oauth2/get_token_info":
            return {"uid": 1} | ({} if self.expire_in is None else {"expire_in": self.expire_in})
        page = slice((int(asked.get("page", 1)) - 1) * 2, int(asked.get("page", 1)) * 2)
        if call == "/2/statuses/user_timeline.json":
            assert asked["uid"] == "1234567890"
            return {"statuses": [self._status(name) for name in list(self.statuses)[::-1][page]]}
        if asked["id"] not in self.statuses:
            return {"error": "target weibo does not exist!", "error_code": 20101}
        if call == "/2/statuses/show.json":
            assert asked["isGetLongText"] == "1"
            whole = self.whole.get(asked["id"])
            return self._status(asked["id"]) | ({} if whole is None else {"longText": {"longTextContent": whole}})
        comments = self.comments.get(asked["id"], [])
        return {"comments": [self._comment(asked["id"], at, comments[at]) for at in range(len(comments))[::-1]]}

    def _status(self, name: str) -> dict[str, Any]:
        return self._said(name, self.statuses[name]) | {
            "comments_count": len(self.comments.get(name, [])), **self.more.get(name, {}),
        }  # fmt: skip

    def _comment(self, status: str, number: int, text: str) -> dict[str, Any]:
        return self._said(f"{status}{number}", text)

    def _said(self, name: str, text: str) -> dict[str, Any]:
        user = {"idstr": "1234567890", "screen_name": "临江供电"}
        return {"idstr": name, "created_at": "Thu Nov 19 12:30:00 +0800 2026", "text": text, "user": user}

    def asked(self) -> list[str]:
        calls = [urlsplit(path).path.rpartition("/")[2] for path in self._site.asked]
        self._site.log.clear()
        return calls


@pytest.fixture
def platform(site: Site) -> Platform:
    return Platform(site)


class Account:
    def __init__(self, crawler: Crawler, platform: Platform) -> None:
        self._crawler, self.clock, self.posts = crawler, crawler.clock, crawler.posts
        self._settings: dict[str, Any] = {"site": "weibo", "software": "weibo", "url": platform.url}
        self._settings |= {"account": "1234567890", "token": SecretStr(TOKEN)}

    def crawl(self, later: timedelta = timedelta(minutes=10), **changes: Any) -> Tally:
        return self._crawler.crawl(later, **(self._settings | changes))


@pytest.fixture
def account(crawler: Crawler, platform: Platform) -> Account:
    return Account(crawler, platform)


def test_statuses_and_comments_are_read_to_the_end_once_and_then_what_is_new(
    account: Account, platform: Platform, capfd: pytest.CaptureFixture[str]
) -> None:
    platform.statuses = {"1": "旧", "2": "停电通知", "3": "已恢复供电"}
    platform.comments = {"2": ["还是没电", "来电了"]}
    tally = account.crawl()
    assert (tally.state(), tally.new) == (SourceState.OK, 5)
    assert tally.expires_at == datetime(2026, 11, 19, 6, 44, 20, tzinfo=UTC) + timedelta(days=30)
    posts = {post.text: post for post in account.posts()}
    assert {text for text, post in posts.items() if post.kind is Kind.COMMENT} == {"还是没电", "来电了"}
    assert posts["来电了"].thread_id == posts["停电通知"].id
    assert posts["停电通知"].board == "临江供电"
    platform.asked()

    platform.statuses["4"] = "明日检修"
    platform.comments["3"] = ["谢谢"]
    assert account.crawl().new == 2
    assert {post.text for post in account.posts()} == {"明日检修", "谢谢"}
    assert platform.asked() == ["get_token_info", "user_timeline.json", "user_timeline.json", "show.json"]
    captured = capfd.readouterr()
    assert TOKEN not in captured.out + captured.err


def test_a_status_that_the_platform_does_not_know_any_more_is_deleted_with_its_comments(
    account: Account, platform: Platform
) -> None:
    platform.statuses, platform.comments = {"1": "停电通知"}, {"1": ["还是没电"]}
    account.crawl()
    account.posts()
    platform.statuses = {}
    tally = account.crawl(timedelta(hours=13))
    assert (tally.state(), tally.deleted) == (SourceState.OK, 2)
    assert {post.text for post in account.posts() if post.deleted_at is not None} == {"停电通知", "还是没电"}


def test_what_the_list_shows_as_private_or_as_a_notice_was_public_and_is_withdrawn_at_once(
    account: Account, platform: Platform
) -> None:
    platform.statuses, platform.comments = {"1": "旧", "2": "停电通知", "3": "检修", "4": "私"}, {"2": ["还是没电"]}
    platform.more = {"4": {"visible": {"type": 1}}}
    assert account.crawl().new == 4
    account.posts()
    platform.more = {"2": {"visible": {"type": 1}}, "3": {"text": "抱歉，作者已设置仅展示半年内微博，此微博已不可见。"}}
    tally = account.crawl()
    gone = {post.text for post in account.posts() if post.deleted_at is not None}
    assert (tally.deleted, gone) == (3, {"停电通知", "还是没电", "检修"})
    assert (account.crawl().deleted, account.posts()) == (0, [])

    platform.more = {}
    account.crawl()
    assert {post.text for post in account.posts() if post.deleted_at is None} >= {"停电通知", "检修"}


def test_a_status_that_became_private_is_gone_when_it_is_looked_at_again_too(
    account: Account, platform: Platform
) -> None:
    platform.statuses = {"1": "停电通知"}
    account.crawl()
    account.posts()
    platform.more = {"1": {"visible": {"type": 1}, "text": "改成私密"}}
    platform.refused = {"user_timeline.json": 99999}
    account.crawl(timedelta(hours=13))
    assert [(post.text, post.deleted_at is not None) for post in account.posts()] == [("停电通知", True)]


REFUSALS = {
    21327: (SourceState.BLOCKED, "token_expired"),
    21332: (SourceState.BLOCKED, "token_refused"),
    10023: (SourceState.FAILED, "parked until 2026-11-19T"),
    10014: (SourceState.FAILED, "weibo_10014: no"),
    20003: (SourceState.FAILED, "weibo_20003: no"),
}


def test_a_refusal_of_the_platform_is_told_by_what_it_asks_for(account: Account, platform: Platform) -> None:
    for code, (state, reason) in REFUSALS.items():
        platform.refused = {"user_timeline.json": code}
        tally = account.crawl()
        assert tally.state() is state
        assert tally.reason().startswith(reason)
        assert platform.asked() == ["get_token_info", "user_timeline.json"]
        assert (tally.expires_at == account.clock.now()) == (code == 21327)
        if tally.parked_until is not None:  # the platform counts by the hour
            assert tally.parked_until - account.clock.now() <= timedelta(hours=1)
            assert (tally.parked_until.minute, tally.parked_until.second) == (0, 0)


def test_rights_that_the_app_lacks_for_comments_cost_the_comments_alone(account: Account, platform: Platform) -> None:
    platform.statuses, platform.comments = {"1": "停电通知"}, {"1": ["还是没电"]}
    platform.refused = {"show.json": 10014, "get_token_info": 10014}
    tally = account.crawl()
    assert (tally.state(), tally.reason()) == (SourceState.PARTIAL, "2 × weibo_10014")
    assert [post.text for post in account.posts()] == ["停电通知"]


def test_the_end_of_a_token_is_told_a_week_before(account: Account, platform: Platform) -> None:
    platform.expire_in = 6 * 86400
    with capture_logs() as told:
        tally = account.crawl()
    assert tally.expires_at == account.clock.now() + timedelta(days=6)
    assert "the token ends: authorise again" in [line["event"] for line in told]
    platform.expire_in = None
    assert account.crawl(comments=0).expires_at is None


CUT, WHOLE = "今晚检修…全文： http://m.weibo.cn/1/2", "今晚检修，请备好照明"


def test_a_long_text_is_asked_for_once_and_no_list_takes_it_back(account: Account, platform: Platform) -> None:
    platform.statuses = {"1": "旧", "2": CUT}
    platform.comments = {"2": ["知道了"]}
    platform.more, platform.whole = {"2": {"isLongText": True}}, {"2": WHOLE}
    tally = account.crawl()
    assert (tally.state(), tally.new, tally.changed) == (SourceState.OK, 3, 1)
    assert platform.asked().count("show.json") == 2  # the status and its comments
    told = [post for post in account.posts() if post.native_id == "status:2"]
    assert [(post.text, post.truncated, post.edited_at) for post in told] == [
        ("今晚检修…", True, None),
        (WHOLE, False, None),
    ]
    assert len({post.id for post in told}) == 1

    tally = account.crawl()
    assert (tally.state(), tally.new, tally.changed) == (SourceState.OK, 0, 0)
    assert platform.asked() == ["get_token_info", "user_timeline.json"]
    account.crawl(timedelta(hours=13))  # and looked at again by itself, it is asked for whole
    assert account.posts() == []


def test_a_whole_that_does_not_come_is_told_and_asked_for_by_the_next_crawl(
    account: Account, platform: Platform
) -> None:
    platform.statuses, platform.more, platform.broken = {"1": CUT}, {"1": {"isLongText": True}}, True
    tally = account.crawl()
    assert tally.state() is SourceState.PARTIAL
    assert tally.unknown == {"long text shown cut": 1}
    assert "1 not understood: long text shown cut, as https://weibo.com/1234567890/1" in tally.reason()
    platform.broken, platform.whole = False, {"1": WHOLE}
    assert account.crawl().state() is SourceState.OK
    assert [post.text for post in account.posts()] == ["今晚检修…", WHOLE]


@pytest.mark.parametrize("left", [1, 0])
def test_what_is_beyond_the_crawls_budget_is_the_next_ones(account: Account, platform: Platform, left: int) -> None:
    platform.statuses = {"1": CUT, "2": CUT}
    platform.whole = {"1": WHOLE, "2": WHOLE}
    tally = account.crawl(long_texts=left)
    assert tally.unknown == {"long text shown cut": 2 - left}
    assert platform.asked().count("show.json") == left
    tally = account.crawl(long_texts=left)
    assert platform.asked().count("show.json") == left
    assert tally.unknown == ({} if left else {"long text shown cut": 2})  # 0: nobody asks, and it stays told


def test_an_hour_that_is_spent_is_waited_for(account: Account, platform: Platform) -> None:
    platform.statuses, platform.whole, platform.refused = {"1": CUT}, {"1": WHOLE}, {"show.json": 10023}
    tally = account.crawl()
    assert (tally.state(), tally.unknown) == (SourceState.FAILED, {"long text shown cut": 1})
    assert tally.parked_until is not None
    platform.refused = {}
    assert account.crawl(timedelta(hours=1)).unknown == {}
    assert [post.text for post in account.posts()] == ["今晚检修…", WHOLE]


def test_an_app_that_may_not_ask_for_single_statuses_asks_once_a_crawl_and_reads_the_rest(
    account: Account, platform: Platform
) -> None:
    platform.statuses, platform.refused = {"1": CUT, "2": CUT}, {"show.json": 10014}
    tally = account.crawl()
    assert tally.unknown == {"long text shown cut": 2}
    assert (tally.state(), tally.failures) == (SourceState.PARTIAL, {"weibo_10014": 1})
    assert platform.asked().count("show.json") == 1
    assert account.crawl().unknown == {"long text shown cut": 2}  # nobody asks again before it is due
    assert platform.asked() == ["get_token_info", "user_timeline.json"]
    assert [(post.text, post.truncated) for post in account.posts()] == [("今晚检修…", True)] * 2


def test_a_pinned_old_status_comes_first_and_hides_no_news(account: Account, platform: Platform) -> None:
    platform.statuses = {"3": "新", "2": "旧", "1": "置顶的旧文"}  # the last one stands first
    account.crawl()
    account.posts()
    platform.statuses = {"3": "新", "2": "旧", "4": "更新", "1": "置顶的旧文"}
    assert account.crawl().new == 1
    assert [post.text for post in account.posts()] == ["更新"]


def test_a_repost_is_read_whole_and_one_of_a_writer_who_is_gone_is_the_own_words(
    account: Account, platform: Platform
) -> None:
    platform.statuses = {"1": "转//@老王:快看", "2": "转发微博"}
    original = {"idstr": "9", "text": CUT, "isLongText": True, "user": {"id": 7}}
    platform.more = {
        "1": {"retweeted_status": original | {"longText": WHOLE}},
        "2": {"retweeted_status": original | {"user": None}},
    }
    assert account.crawl().state() is SourceState.OK
    assert {post.text for post in account.posts()} == {f"转//@…:快看//@…:{WHOLE}", "转发微博"}
    assert "show.json" not in platform.asked()
