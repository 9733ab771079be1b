from sqlalchemy import Engine

from crawlers.validators import Validators

URL = "https://news.corp.cn/feed/"
DATE = "Thu, 19 Nov 2026 06:00:00 GMT"


def test_nothing_known_is_an_unconditional_request(engine: Engine) -> None:
    assert Validators(engine, "news").headers(URL) == {}


def test_what_the_server_gave_is_sent_back_letter_for_letter(engine: Engine) -> None:
    known = Validators(engine, "news")
    known.keep(URL, etag='W/"a,b"', modified=DATE)
    assert Validators(engine, "news").headers(URL) == {"If-None-Match": 'W/"a,b"', "If-Modified-Since": DATE}


def test_only_what_was_given_is_sent(engine: Engine) -> None:
    known = Validators(engine, "news")
    known.keep(URL, etag=None, modified=DATE)
    assert known.headers(URL) == {"If-Modified-Since": DATE}
    known.keep(URL, etag='"2"', modified=None)
    assert known.headers(URL) == {"If-None-Match": '"2"'}


def test_sites_and_addresses_do_not_share_what_they_know(engine: Engine) -> None:
    Validators(engine, "news").keep(URL, etag='"1"', modified=None)
    assert Validators(engine, "other").headers(URL) == {}
    assert Validators(engine, "news").headers(URL + "?paged=2") == {}
