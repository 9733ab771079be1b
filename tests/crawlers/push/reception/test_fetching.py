"""Customer service from its event to the log: page by page, once each, whatever is refused or dies in between."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from threading import Timer
from time import sleep

import pytest
from httpx2 import Response
from sqlalchemy import Engine

from crawlers.push.reception.fetching import EVERY, LONGEST_REST, REFUSED_REST
from crawlers.push.reception.serving import open_fetcher
from crawlers.push.reception.wecom import ServiceEvent, encipher
from stream.codec import POSTS
from stream.process.failpoints import arm
from tests.crawlers.push.reception.room import CORP, KEY, SERVICE_SECRET, Room
from tests.crawlers.push.reception.service_desk import ServiceDesk, said

REFUSED = "the secret of customer service is refused: renew service_secret"


@pytest.fixture
def asking(tmp_path: Path, state: Engine, service: ServiceDesk) -> Iterator[Room]:
    """A reception that may fetch."""
    one = Room(tmp_path, state, app={"service_secret": SERVICE_SECRET, "api": service.api})
    yield one
    one.close()
    arm("")


def tell(room: Room, account: str = "wk1", token: str = "ENC1") -> Response:
    """Sends the event."""
    fields = {"MsgType": "event", "Event": "kf_msg_or_event", "Token": token, "OpenKfId": account}
    inner = f"<xml>{''.join(f'<{key}>{value}</{key}>' for key, value in fields.items())}</xml>"
    return room.callback(encipher(KEY, inner.encode(), CORP, b"r" * 16))


def words(room: Room) -> list[str]:
    return [post.text for post in room.posts()]


def line(room: Room) -> tuple[str, str]:
    row = room.health()["app"]
    return row.state, row.reason


def test_what_customers_wrote_is_fetched_page_by_page_and_nothing_of_them_is_kept(
    asking: Room, service: ServiceDesk
) -> None:
    service.messages = [said(1, "停水了"), said(2, "您好", origin=5), said(3, msgtype="image"), said(4, "几点来水")]
    answer = tell(asking)
    assert (answer.status_code, answer.text, service.calls()) == (200, "success", [])  # nothing is fetched meanwhile
    asking.fetcher.look()
    posts = asking.posts()
    assert [post.text for post in posts] == ["停水了", "几点来水"]
    assert {(post.source, post.crawl.parser, post.voice, post.counted_at is None) for post in posts} == {
        ("app", "wecom", None, False)
    }
    assert not any(b"wmCUSTOMER" in POSTS.encode(post) for post in posts)
    assert [(call, body.get("cursor"), body.get("token")) for call, body in service.asked] == [
        ("gettoken", None, None), ("kf/sync_msg", None, "ENC1"), ("kf/sync_msg", "2", "ENC1"),
    ]  # fmt: skip
    assert line(asking) == ("partial", "1 × without_words_image")


def test_an_event_that_comes_again_fetches_nothing_again_and_the_next_one_what_is_new(
    asking: Room, service: ServiceDesk
) -> None:
    service.messages = [said(1)]
    for _ in range(3):
        assert tell(asking).text == "success"
    asking.fetcher.look()
    assert words(asking) == ["停水了"]
    tell(asking)
    asking.fetcher.look()
    service.messages += [said(1), said(2, "来水了")]  # one that the platform tells twice is the same post
    tell(asking, token="ENC2")
    service.calls()
    asking.fetcher.look()
    assert words(asking) == ["来水了"]
    assert {body["token"] for _, body in service.asked} == {"ENC2"}


def test_a_page_may_be_empty_before_the_last(asking: Room, service: ServiceDesk) -> None:
    service.empty_first, service.messages = True, [said(1), said(2), said(3)]
    tell(asking)
    asking.fetcher.look()
    assert len(words(asking)) == 3


def test_a_cursor_that_does_not_move_ends_the_round_and_is_told(asking: Room, service: ServiceDesk) -> None:
    service.a_page, service.messages = 0, [said(1)]
    tell(asking)
    asking.fetcher.look()
    assert service.calls() == ["gettoken", "kf/sync_msg", "kf/sync_msg"]
    assert "1 × service_cursor_stands (wk1)" in line(asking)[1]


def test_an_access_token_is_kept_until_it_ends_or_is_refused(asking: Room, service: ServiceDesk) -> None:
    tell(asking)
    asking.fetcher.look()
    service.calls()
    for code in (42001, 40014):
        service.refusals = {"kf/sync_msg": [code]}
        service.messages.append(said(code))
        tell(asking)
        asking.fetcher.look()
        assert service.calls() == ["kf/sync_msg", "gettoken", "kf/sync_msg"]
    assert len(words(asking)) == 2
    asking.clock.sleep(7200)
    tell(asking)
    asking.fetcher.look()
    assert service.calls() == ["gettoken", "kf/sync_msg"]
    service.refusals = {"kf/sync_msg": [42001, 42001]}  # and again at once: it is no use now
    tell(asking)
    asking.fetcher.look()
    assert service.calls() == ["kf/sync_msg", "gettoken", "kf/sync_msg"]
    asking.fetcher.look()
    assert service.calls() == []


def test_an_events_token_that_has_ended_is_left_out(asking: Room, service: ServiceDesk) -> None:
    service.messages, service.refusals = [said(1)], {"kf/sync_msg": [95007]}
    tell(asking)
    asking.fetcher.look()
    assert [body.get("token") for _, body in service.asked] == [None, "ENC1", None]
    assert words(asking) == ["停水了"]
    tell(asking)
    asking.fetcher.announce("app", ServiceEvent("wk1", "ENC2"))
    asking.clock.sleep(601)
    service.calls()
    asking.fetcher.look()
    assert {body.get("token") for _, body in service.asked} == {None}


def test_a_secret_that_is_refused_stands_in_health_until_it_is_renewed_and_the_callback_goes_on(
    asking: Room, service: ServiceDesk
) -> None:
    service.messages, service.secret = [said(1)], "another"
    tell(asking)
    asking.fetcher.look()
    asking.fetcher.look()
    assert service.calls() == ["gettoken"]  # it is left alone
    assert asking.say("电梯坏了").text == "success"
    assert line(asking) == ("blocked", REFUSED)
    asking.fetcher.look()  # after a restart it is asked anew
    assert service.calls() == ["gettoken"]
    asking.clock.sleep(REFUSED_REST)
    service.secret = SERVICE_SECRET
    asking.fetcher.look()
    assert sorted(words(asking)) == ["停水了", "电梯坏了"]
    assert line(asking) == ("ok", "")


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        (60020, "customer service refuses this machine's address: enter it as a trusted one"),
        (48002, "the secret may not read customer service: give that of its own page"),
    ],
)
def test_other_refusals_that_a_person_ends_are_told_as_what_they_are(
    asking: Room, service: ServiceDesk, code: int, reason: str
) -> None:
    service.refusals = {"kf/sync_msg": [code]}
    tell(asking)
    asking.fetcher.look()
    assert line(asking) == ("blocked", reason)


def test_whoever_asks_too_often_waits_longer_each_time_and_tells_it_from_the_third_on(
    asking: Room, service: ServiceDesk
) -> None:
    service.messages, service.refusals = [said(1)], {"kf/sync_msg": [45009] * 9}
    tell(asking)
    for wait in (60, 120, 240, 480, 960, LONGEST_REST, LONGEST_REST):
        asking.fetcher.look()
        assert "kf/sync_msg" in service.calls()
        asking.clock.sleep(wait - 1)
        asking.fetcher.look()
        assert service.calls() == []
        asking.clock.sleep(1)
    state, reason = line(asking)
    assert (state, reason.partition(" × ")[2]) == ("failed", "service_45009")
    service.refusals = {}
    asking.fetcher.look()
    assert words(asking) == ["停水了"]
    assert line(asking) == ("ok", "")


def test_an_account_that_is_gone_costs_itself_alone(asking: Room, service: ServiceDesk) -> None:
    service.messages, service.refusals = [said(1)], {"kf/sync_msg": [95000]}
    tell(asking, "wkGONE")
    tell(asking, "wk1")
    asking.fetcher.look()
    assert words(asking) == ["停水了"]
    assert line(asking) == ("partial", "1 × service_95000 (wkGONE)")


def test_without_a_secret_the_event_is_answered_and_counted_with_what_to_do(room: Room) -> None:
    assert tell(room).text == "success"
    room.fetcher.look()
    assert line(room) == ("partial", "1 not understood: customer service, which needs service_secret, as wk1")


def test_every_ten_minutes_all_accounts_are_asked_though_nothing_told(asking: Room, service: ServiceDesk) -> None:
    tell(asking)
    asking.fetcher.look()
    service.messages = [said(1)]
    asking.fetcher.look()
    assert words(asking) == []
    asking.clock.sleep(EVERY)
    asking.fetcher.look()
    assert words(asking) == ["停水了"]


@pytest.mark.parametrize("place", ["service.synced", "service.kept", "crawl.met", "crawl.sent"])
def test_what_broke_off_is_fetched_after_a_restart_without_an_event_and_is_one_post_each(
    asking: Room, service: ServiceDesk, place: str
) -> None:
    service.messages = [said(number, f"停水 {number}") for number in range(5)]
    tell(asking)
    arm(f"{place}=raise@2")
    asking.fetcher.look()
    asking.end()
    asking.start()
    asking.fetcher.look()
    posts = asking.posts()
    assert {post.text for post in posts} == {f"停水 {number}" for number in range(5)}
    assert len({post.id for post in posts}) == 5


def test_a_log_that_is_away_leaves_the_cursor_where_it_was(asking: Room, service: ServiceDesk) -> None:
    service.messages, asking.log.away = [said(1)], True
    tell(asking)
    asking.fetcher.look()
    asking.log.away = False
    asking.clock.sleep(60)
    asking.fetcher.look()
    assert words(asking) == ["停水了"]


def test_an_event_that_cannot_be_written_down_is_asked_for_again(asking: Room, service: ServiceDesk) -> None:
    service.messages = [said(1)]
    asking.end()
    asking.start(patience=0.1)
    with closing(sqlite3.connect(str(asking.engine.url.database), check_same_thread=False)) as other:
        other.execute("begin immediate")
        Timer(0.5, other.rollback).start()
        answer = tell(asking)
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "60")
    assert tell(asking).status_code == 200
    asking.fetcher.look()
    assert words(asking) == ["停水了"]


def test_the_thread_fetches_what_is_announced_and_ends_when_told(asking: Room, service: ServiceDesk) -> None:
    service.messages = [said(1)]
    fetcher = open_fetcher(asking.sources, asking.desk, engine=asking.engine, clock=asking.clock)
    fetcher.announce("app", ServiceEvent("wk1", "ENC1"))
    found: list[str] = []
    for _ in range(400):
        found += words(asking)
        if found:
            break
        sleep(0.05)
    fetcher.close()
    assert found == ["停水了"]
