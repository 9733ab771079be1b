"""A refusal is seen before any spider reads the page, and is not asked again."""

from typing import Any

import pytest
from scrapy import Request
from scrapy.http import HtmlResponse, Response
from twisted.python.failure import Failure

from crawlers.pages.traits.refusals import Refused
from crawlers.pull.politeness.addresses import AddressRefused
from crawlers.pull.politeness.refusing import Redirections, Refusals, SiteRefuses
from crawlers.pull.spider import reason_of
from stream.state.source_health import SourceState
from tests.crawlers.site import Answer

URL = "http://bbs.example.cn/forum.php"
CHALLENGE = Answer(b"<title>Just a moment...</title>", 503)
CAPTCHA = Answer("<title>安全验证</title>请输入验证码<img src=/captcha.jpg>".encode())
LOGIN = Answer(b'<title>Log in</title><form><input type="password"></form>')


def redirected(target: str, status: int = 302, url: str = URL, **changes: Any) -> Response:
    request = Request(url, meta=changes.pop("meta", {}))
    answer = Response(url, status, headers={"Location": target} | changes)
    return Redirections().process_response(request, answer)


def looked_at(answer: Answer, **meta: Any) -> Response:
    response = HtmlResponse(URL, answer.status, body=answer.body)
    return Refusals().process_response(Request(URL, meta=meta), response)


@pytest.mark.parametrize(
    ("target", "where"),
    [
        ("/member.php?mod=logging&action=login", ""),
        ("https://passport.example.com/signin?u=http%3A%2F%2Fbbs.example.cn", "passport.example.com"),
    ],
)
def test_a_redirect_to_a_log_in_is_a_refusal_and_names_the_other_host(target: str, where: str) -> None:
    with pytest.raises(SiteRefuses) as refused:
        redirected(target)
    assert (refused.value.how, refused.value.where) == (Refused.LOGIN, where)


def test_a_redirect_to_the_same_page_with_a_cookie_is_a_gate_and_without_one_none() -> None:
    with pytest.raises(SiteRefuses) as refused:
        redirected(URL, **{"Set-Cookie": "seen=1"})
    assert refused.value.how is Refused.COOKIE_GATE
    assert redirected(URL).status == 302


@pytest.mark.parametrize(
    "changes",
    [
        {"target": "/thread-2-1-1.html"},
        {"target": "/login", "meta": {"handle_httpstatus_list": [302]}},  # the spider follows it itself
        {"target": "/login", "meta": {"dont_obey_robotstxt": True}},  # robots.txt: by its own rules
        {"target": "/login", "status": 200},
        {"target": "/login/step2", "url": "http://bbs.example.cn/login"},
    ],
)
def test_other_redirects_are_no_refusal(changes: dict[str, Any]) -> None:
    assert redirected(changes.pop("target"), **changes).headers["Location"]


def test_a_page_is_handed_on_and_a_refusal_is_not() -> None:
    assert looked_at(Answer(b"<p>x</p>")).body == b"<p>x</p>"
    for answer, how in ((CHALLENGE, Refused.CHALLENGE), (CAPTCHA, Refused.CAPTCHA), (LOGIN, Refused.LOGIN)):
        with pytest.raises(SiteRefuses) as refused:
            looked_at(answer)
        assert refused.value.how is how


def test_a_robots_file_behind_a_log_in_is_none_and_behind_a_challenge_tells_of_the_site() -> None:
    assert looked_at(LOGIN, dont_obey_robotstxt=True).status == 200
    with pytest.raises(SiteRefuses):
        looked_at(CHALLENGE, dont_obey_robotstxt=True)


def test_a_refused_forum_is_left_after_one_request(crawler: Any, site: Any) -> None:
    site.answer = lambda _path: CHALLENGE
    tally = crawler.crawl()
    assert (tally.state(), tally.reason(), site.asked) == (SourceState.BLOCKED, "challenge", ["/forum.php"])


def test_feeds_that_all_want_a_log_in_are_a_blocked_source(crawler: Any, site: Any) -> None:
    site.answer = lambda _path: Answer(status=302, headers={"Location": "/login"})
    tally = crawler.crawl(software="feed", feeds=(f"{site.root}/more.xml",))
    assert (tally.state(), tally.reason()) == (SourceState.BLOCKED, "2 × login")
    assert "/login" not in site.asked


def test_a_page_of_another_software_is_named(crawler: Any, site: Any) -> None:
    site.answer = lambda _path: Answer(b'<body id="phpbb"><a href="./viewforum.php?f=2">x</a></body>')
    tally = crawler.crawl()
    assert (tally.state(), tally.not_understood) == (SourceState.FAILED, 1)
    assert "this is phpBB" in tally.reason()


@pytest.mark.parametrize("target", ["http://[::1/", "http://bbs.example.cn:99999/", "http://bbs.example.cn:x/login"])
def test_a_redirect_to_what_is_no_address_is_refused_and_no_fault_of_ours(target: str) -> None:
    with pytest.raises(AddressRefused) as caught:
        redirected(target)
    assert reason_of(Failure(caught.value)) == ("address_refused", False)  # type: ignore[no-untyped-call]
    assert str(caught.value) == f"{URL} leads to {target!r}, which is no address"


def test_a_redirect_to_another_part_of_the_same_page_is_a_gate_too() -> None:
    with pytest.raises(SiteRefuses) as refused:
        redirected(f"{URL}#top", **{"Set-Cookie": "seen=1"})
    assert refused.value.how is Refused.COOKIE_GATE
    assert redirected("/forum.php?seen", **{"Set-Cookie": "seen=1"}).status == 302  # elsewhere: it may let us in there


def test_a_redirect_without_an_address_is_left_to_whoever_follows_it() -> None:
    assert redirected("").status == 302


def test_a_permanent_redirect_to_a_log_in_refuses_as_a_passing_one_does() -> None:
    for status in (301, 302, 303, 307, 308):
        with pytest.raises(SiteRefuses):
            redirected("/login", status=status)
    assert redirected("/login", status=304).status == 304
