"""The suggestion box as its writer sees it."""

import re
from datetime import timedelta

import pytest
from lxml import html  # type: ignore[import-untyped]

from crawlers.push.reception.suggestion import VALID
from tests.crawlers.push.reception.room import Room, token_of


def number_of(page: str) -> str:
    (found,) = re.findall(r'class="number">([^<]+)<', page)
    return str(found)


def test_the_form_says_what_it_keeps_and_how_long_a_text_may_be(room: Room) -> None:
    told = room.client.get("/box/box")
    page = html.fromstring(told.text)
    assert told.status_code == 200
    assert (page.get("lang"), page.findtext(".//h1"), page.findtext(".//title")) == (
        "zh-CN",
        "职工意见箱",
        "职工意见箱",
    )
    assert "不记录姓名、账号和网络地址" in page.text_content()
    for name, words in (("title", "最多 60 字"), ("text", "最多 100 字")):
        (field,) = page.xpath(f"//*[@name='{name}']")
        assert page.xpath(f"//label[@for='{field.get('id')}']")
        assert words in page.get_element_by_id(field.get("aria-describedby")).text_content()
    assert not page.xpath("//script | //img | //link | //@onclick")


def test_the_pages_let_nothing_in_from_elsewhere_and_are_kept_by_no_cache(room: Room) -> None:
    for told in (room.client.get("/box/box"), room.submit(""), room.submit("漏水"), room.client.get("/box/nothing")):
        policy = told.headers["content-security-policy"]
        assert "default-src 'none'; style-src 'sha256-" in policy
        assert "form-action 'self'; frame-ancestors 'none'" in policy
        assert (told.headers["cache-control"], told.headers["x-content-type-options"]) == ("no-store", "nosniff")
        assert "set-cookie" not in told.headers


def test_what_was_written_is_in_the_log_and_its_writer_has_a_number(room: Room) -> None:
    told = room.submit("三号楼<b>漏水</b>\r\n两天了", title="漏水")
    (post,) = room.posts()
    assert told.status_code == 200
    assert post.native_id == f"box:{number_of(told.text)}"
    assert (post.title, post.text) == ("漏水", "三号楼<b>漏水</b>\n两天了")
    assert (post.voice, post.published_at, post.kind, post.url) == (None, None, "suggestion", "")
    assert (post.counted_at, post.board) == (post.first_seen_at, f"编号 {number_of(told.text)}")
    assert "已收到" in told.text


def test_what_is_sent_again_since_the_answer_was_lost_is_the_same_post(room: Room) -> None:
    token = room.page()
    first, again = room.submit("漏水", token), room.submit("漏水", token)
    assert number_of(first.text) == number_of(again.text)
    other = room.submit("另一件事", token)
    assert number_of(other.text) != number_of(first.text)
    assert sorted(post.text for post in room.posts()) == ["另一件事", "漏水"]


def test_two_people_who_write_the_same_are_two_posts(room: Room) -> None:
    assert number_of(room.submit("漏水").text) != number_of(room.submit("漏水").text)
    assert len(room.posts()) == 2


@pytest.mark.parametrize(
    ("title", "text", "words"),
    [
        ("", "", "还没有写内容"),
        ("", "字" * 103, "内容写了 103 字，超出 3 字"),
        ("题" * 61, "漏水", "题目写了 61 字，超出 1 字"),
    ],
)
def test_what_cannot_be_sent_is_told_beside_its_field_and_stays_there(
    room: Room, title: str, text: str, words: str
) -> None:
    token = room.page()
    told = room.submit(text, token, title)
    page = html.fromstring(told.text)
    (wrong,) = page.xpath("//*[@aria-invalid='true']")
    beside = [page.get_element_by_id(name).text_content() for name in wrong.get("aria-describedby").split()]
    assert told.status_code == 422
    assert (words in beside[-1], page.xpath("//*[@role='alert']")[0].text_content().count(words)) == (True, 1)
    assert page.xpath("//*[@name='title']")[0].get("value") == title
    assert page.xpath("//textarea")[0].text.removeprefix("\n") == text
    assert token_of(told.text) == token
    assert page.findtext(".//title").startswith("请修改")


def test_what_looks_like_a_tag_stays_what_was_typed(room: Room) -> None:
    nasty = '</textarea><script>alert("1")</script>' + "字" * 100
    told = room.submit(nasty, title='" autofocus onfocus="x')
    page = html.fromstring(told.text)
    assert not page.xpath("//script | //@onfocus")
    assert page.xpath("//textarea")[0].text.removeprefix("\n") == nasty


def test_a_page_that_lay_open_too_long_is_sent_with_one_more_click(room: Room) -> None:
    token = room.page()
    room.clock.sleep((VALID + timedelta(minutes=1)).total_seconds())
    told = room.submit("漏水", token)
    assert (told.status_code, "打开太久" in told.text, "漏水" in told.text) == (422, True, True)
    assert room.submit("漏水", token_of(told.text)).status_code == 200


def test_a_form_that_another_site_sends_is_refused(room: Room) -> None:
    assert room.submit("漏水", Sec_Fetch_Site="cross-site").status_code == 403
    assert room.submit("漏水", Sec_Fetch_Site="same-site").status_code == 403
    assert room.submit("漏水", Origin="https://evil.example").status_code == 403
    assert room.submit("漏水", "made.up.token").status_code == 422
    assert room.posts() == []
    assert room.submit("漏水", Sec_Fetch_Site="same-origin", Origin="http://box.corp.cn").status_code == 200
    assert room.submit("漏水", Origin="http://box.corp.cn").status_code == 200


def test_more_than_a_box_takes_in_a_minute_are_asked_to_wait_with_their_words_kept(room: Room) -> None:
    token = room.page()
    answers = [room.submit(f"第{n}条", token) for n in range(31)]
    assert [told.status_code for told in answers] == [200] * 30 + [429]
    assert ("提交的人很多" in answers[-1].text, "第30条" in answers[-1].text) == (True, True)
    assert answers[-1].headers["retry-after"] == "60"
    room.clock.sleep(60)
    assert room.submit("第30条", token).status_code == 200
    assert len(room.posts()) == 31


def test_a_form_of_a_book_is_refused_in_a_sentence_and_odd_bytes_are_read_as_they_can_be(room: Room) -> None:
    told = room.submit("字" * 100_000)
    assert (told.status_code, "内容过长" in told.text) == (413, True)
    odd = room.client.post("/box/box", content=f"token={room.page()}&text=%ff%E6%BC%8F&x=1".encode())
    assert odd.status_code == 200
    assert room.posts()[0].text.endswith("漏")
    assert room.client.post("/box/box", content=b"&".join([b"a=1"] * 11)).status_code == 400
    assert "没有这个页面" in room.client.get("/box/other").text


@pytest.mark.parametrize(
    "origin", ["null", "http://[::1", "http://box.corp.cn.evil.example", "http://box.corp.cn:81", ""]
)
def test_an_origin_that_is_not_ours_is_refused_whatever_it_is(room: Room, origin: str) -> None:
    told = room.submit("漏水", Origin=origin)
    assert (told.status_code, "请从意见箱的页面提交" in told.text) == (403, True)
    assert room.posts() == []


def test_what_a_browser_says_of_the_sender_holds_before_the_origin(room: Room) -> None:
    """The former is the browser's own word; behind a proxy the host of the latter may be another one."""
    assert room.submit("漏水", Sec_Fetch_Site="none", Origin="https://outside.corp.cn").status_code == 200
    assert room.submit("漏水", Sec_Fetch_Site="cross-site", Origin="http://box.corp.cn").status_code == 403


def test_a_form_without_its_fields_is_one_of_nothing_and_asks_for_words(room: Room) -> None:
    told = room.client.post("/box/box", content=b"")
    assert (told.status_code, "还没有写内容" in told.text) == (422, True)
    assert token_of(told.text)
