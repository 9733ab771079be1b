"""What each sender is answered, and what is in the log by then."""

import asyncio
import json
import logging
from pathlib import Path
from time import monotonic

import pytest
from httpx2 import ASGITransport, AsyncClient
from sqlalchemy import Engine

from crawlers.push.reception.wecom import encipher
from stream.process.failpoints import arm
from tests.crawlers.push.reception.room import CORP, KEY, Room, token_of

ONE = '{"id": "42", "text": "停水了"}'.encode()


def test_the_address_is_proven_by_the_words_that_were_enciphered(room: Room) -> None:
    asked = encipher(KEY, b"5927782489442352469", CORP, b"r" * 16)
    told = room.client.get("/wecom/app", params=room.signed(asked) | {"echostr": asked})
    assert (told.status_code, told.text) == (200, "5927782489442352469")
    wrong = room.client.get("/wecom/app", params=room.signed(asked) | {"echostr": asked, "nonce": "m"})
    assert (wrong.status_code, wrong.text) == (403, "")


def test_a_message_is_in_the_log_when_it_is_answered_and_nothing_of_its_writer(room: Room) -> None:
    told = room.say("三号楼停水了", CreateTime="1795878000")
    assert (told.status_code, told.text) == (200, "success")
    (post,) = room.posts()
    assert (post.text, post.native_id, post.kind, post.source, post.voice) == (
        "三号楼停水了", "msg:7", "suggestion", "app", None,
    )  # fmt: skip
    assert (post.crawl.parser, post.published_at is not None) == ("wecom", True)
    assert "zhangsan" not in repr(post)


def test_a_retry_of_a_message_is_one_post(room: Room) -> None:
    assert [room.say().text for _ in range(3)] == ["success"] * 3
    assert len(room.posts()) == 1
    assert room.say(number="8").text == "success"
    assert [post.native_id for post in room.posts()] == ["msg:8"]


def test_forged_stale_and_foreign_messages_are_refused_and_told_in_the_sources_line(room: Room) -> None:
    sealed = encipher(KEY, b"<xml/>", CORP, b"r" * 16)
    assert room.callback(sealed, nonce="other").status_code == 403
    old = room.signed(sealed)
    room.clock.sleep(600)
    assert room.callback(sealed, **old).status_code == 403
    assert room.say(corp="ww-other").status_code == 403
    assert room.callback(encipher(KEY, b"no xml", CORP, b"r" * 16)).status_code == 400
    assert room.posts() == []
    row = room.health()["app"]
    assert row.state == "failed"
    assert row.reason == "1 × forged_signature, 1 × stale_signature, 1 × another_corp, 1 × no_message"


def test_who_scans_the_network_is_refused_and_changes_nothing_in_the_sources_line(room: Room) -> None:
    assert room.client.post("/wecom/app", content=b"<xml/>").status_code == 403
    assert room.client.get("/wecom/app").status_code == 403
    assert room.client.head("/wecom/app", params={"echostr": "x"}).status_code == 403
    assert room.client.post("/hooks/hook", content=ONE).status_code == 401
    assert room.client.get("/wp-login.php").status_code == 404
    assert room.client.post("/box/box", content=b"x").status_code == 422
    assert room.health() == {}


def test_an_entity_bomb_is_refused_whether_it_is_outside_or_inside(room: Room) -> None:
    bomb = b'<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;">]><xml><Encrypt>&b;</Encrypt></xml>'
    outside = room.client.post("/wecom/app", params=room.signed(""), content=bomb)
    inside = room.callback(encipher(KEY, bomb, CORP, b"r" * 16))
    assert (outside.status_code, inside.status_code, room.posts()) == (400, 400, [])


def test_pictures_are_answered_since_they_would_come_again_and_counted_since_nobody_reads_them(room: Room) -> None:
    assert room.say("", MsgType="image").text == "success"
    assert room.say("", MsgType="event", Event="enter_agent").text == "success"
    assert room.say().text == "success"
    row = room.health()["app"]
    assert (row.state, row.reason, row.new) == ("partial", "1 × without_words_image", 1)


def test_fifty_at_once_are_answered_within_five_seconds_and_in_the_log(room: Room) -> None:
    async def all_at_once() -> list[tuple[int, str]]:
        async with AsyncClient(transport=ASGITransport(app=room.app), base_url="http://box.corp.cn") as client:
            asked = [one(client, f"{n}") for n in range(50)]
            return [(told.status_code, told.text) for told in await asyncio.gather(*asked)]

    async def one(client: AsyncClient, number: str):  # type: ignore[no-untyped-def]
        inner = f"<xml><MsgType>text</MsgType><Content>停水 {number}</Content><MsgId>{number}</MsgId></xml>"
        sealed = encipher(KEY, inner.encode(), CORP, b"r" * 16)
        body = f"<xml><Encrypt>{sealed}</Encrypt></xml>"
        return await client.post("/wecom/app", params=room.signed(sealed), content=body)

    began = monotonic()
    assert asyncio.run(all_at_once()) == [(200, "success")] * 50
    assert monotonic() - began < 5
    assert {post.text for post in room.posts()} == {f"停水 {n}" for n in range(50)}
    assert len(room.log.batches) < 25  # taken together, not one by one


@pytest.mark.parametrize("place", ["crawl.met", "crawl.sent", "crawl.noted", "reception.kept"])
def test_a_death_between_log_and_answer_makes_one_post_of_the_retry(room: Room, place: str) -> None:
    arm(f"{place}=raise@1")
    assert room.say().status_code == 503
    assert room.say().text == "success"
    assert len({(post.id, post.first_seen_at, post.content_hash) for post in room.posts()}) == 1


def test_a_log_that_is_away_is_told_to_every_sender_and_nothing_is_lost(room: Room) -> None:
    token = room.page()
    room.log.away = True
    said, sent, written = room.say(), room.deliver(ONE), room.submit("漏水", token)
    assert [told.status_code for told in (said, sent, written)] == [503] * 3
    assert [told.headers["retry-after"] for told in (said, sent, written)] == ["60"] * 3
    assert ("漏水" in written.text, token_of(written.text), "请过一分钟再按" in written.text) == (True, token, True)
    room.log.away = False
    assert [told.status_code for told in (room.say(), room.deliver(ONE), room.submit("漏水", token))] == [200] * 3
    assert sorted(post.text for post in room.posts()) == sorted(["停水了", "停水了", "漏水"])


def test_a_log_that_hangs_is_not_waited_for_beyond_what_a_sender_waits(room: Room) -> None:
    room.end()
    room.start(patience=0.3)
    arm("reception.kept=sleep:1@1")
    assert room.say().status_code == 503
    room.end()  # which lets the desk come to its end
    room.start()
    assert room.say().text == "success"
    assert len(room.posts()) == 1


def test_a_delivery_is_in_the_log_when_it_is_answered_and_taken_once(room: Room) -> None:
    assert room.deliver(ONE).json() == {"taken": True, "posts": 1}
    assert room.deliver(ONE).json() == {"taken": True, "again": True}
    assert [(post.native_id, post.text, post.voice) for post in room.posts()] == [("id:42", "停水了", None)]


def test_another_delivery_of_a_posts_id_is_its_edit_and_an_old_one_cannot_be_played_again(room: Room) -> None:
    assert room.deliver(ONE).status_code == 200
    room.clock.sleep(60)
    assert room.deliver('{"id": "42", "text": "来水了"}'.encode(), "d-2").status_code == 200
    assert room.deliver(ONE).json() == {"taken": True, "again": True}
    assert [post.text for post in room.posts()] == ["停水了", "来水了"]
    assert room.deliver(b'{"text": "x"}').status_code == 409


def test_what_is_played_again_after_a_restart_is_not_taken(room: Room) -> None:
    at = str(int(room.clock.now().timestamp()))
    first = room.deliver(ONE)
    headers = {key: first.request.headers[key] for key in ("x-wenfeng-timestamp", "x-wenfeng-signature")}
    assert headers["x-wenfeng-timestamp"] == at
    room.end()
    room.clock.sleep(30)
    room.start()
    told = room.client.post("/hooks/hook", content=ONE, headers=headers | {"x-wenfeng-delivery": "d-1"})
    assert (told.status_code, told.json()["reason"]) == (503, "signed_too_early")
    assert room.deliver(ONE).json() == {"taken": True, "posts": 1}  # signed anew
    assert len(room.posts()) == 1


def test_a_list_is_taken_together_or_not_at_all(room: Room) -> None:
    good = json.dumps([{"text": f"第{n}条"} for n in range(3)]).encode()
    bad = json.dumps([{"text": "好"}, {"words": "坏"}]).encode()
    told = room.deliver(bad, "d-2")
    assert (told.status_code, told.json()["reason"]) == (422, "not_understood")
    assert "1.text: " in told.json()["words"]
    assert room.deliver(good, "d-3").json() == {"taken": True, "posts": 3}
    assert [post.text for post in room.posts()] == ["第0条", "第1条", "第2条"]


def test_a_delivery_that_is_forged_stale_or_too_long_is_refused_in_a_sentence(room: Room) -> None:
    forged = room.deliver(ONE, **{"X-Wenfeng-Signature": "sha256=00"})
    stale = room.deliver(ONE, **{"X-Wenfeng-Timestamp": "1700000000"})
    assert (forged.status_code, stale.status_code) == (401, 401)
    assert "TIMESTAMP.DELIVERY.BODY" in forged.json()["words"]
    assert room.deliver(b'"' + b"x" * (1 << 20) + b'"').status_code == 413
    assert room.deliver(ONE, "d" * 201).status_code == 401
    assert room.posts() == []


def test_a_source_that_is_not_internal_keeps_the_voice_and_not_the_name(tmp_path: Path, state: Engine) -> None:
    room = Room(tmp_path, state, internal=False)
    assert room.deliver('{"text": "停水了", "author": "u7"}'.encode()).status_code == 200
    (post,) = room.posts()
    room.close()
    assert (post.voice is not None, "u7" in repr(post)) == (True, False)


def test_nothing_of_who_called_is_logged_or_kept(room: Room, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    room.submit("漏水", X_Forwarded_For="10.9.8.7", User_Agent="Odd-Browser/1")
    room.say()
    room.callback("forged", nonce="x")
    room.end()
    kept = b"".join(path.read_bytes() for path in tmp_path.iterdir() if path.is_file())
    room.start()
    for told in ("10.9.8.7", "Odd-Browser", "testclient", "zhangsan"):
        assert told not in caplog.text
        assert told.encode() not in kept


def test_a_delivery_without_one_of_its_headers_is_told_which_three_there_are(room: Room) -> None:
    told = room.client.post("/hooks/hook", content=ONE)
    assert (told.status_code, told.json()["reason"]) == (401, "unsigned")
    assert told.json()["words"] == "give X-Wenfeng-Delivery, X-Wenfeng-Timestamp and X-Wenfeng-Signature"
    assert room.deliver(ONE, **{"X-Wenfeng-Timestamp": ""}).status_code == 401
    assert "hook" not in room.health()  # whoever scans the network is no trouble of the source's


def test_what_was_refused_may_be_sent_again_under_its_id_once_it_is_mended(room: Room) -> None:
    assert room.deliver(b'{"words": "x"}').status_code == 422
    assert room.deliver(ONE).json() == {"taken": True, "posts": 1}
    assert len(room.posts()) == 1


@pytest.mark.parametrize("path", ["/", "/hooks/other", "/wecom", "/box/../hooks/other", "/docs", "/openapi.json"])
def test_where_nothing_is_a_program_is_told_nothing(room: Room, path: str) -> None:
    told = room.client.get(path)
    assert (told.status_code, told.text) == (404, "")


def test_each_path_answers_its_own_methods_alone(room: Room) -> None:
    asked = [room.client.get("/hooks/hook"), room.client.put("/box/box"), room.client.delete("/wecom/app")]
    assert [told.status_code for told in asked] == [405, 405, 405]


def test_an_event_of_the_application_is_answered_and_is_no_post(room: Room) -> None:
    assert room.say(MsgType="event", number="").text == "success"
    assert (room.posts(), room.health()) == ([], {})
