"""What a crawl has still to ask for comes by urgency, then by age, and once unless it may come again."""

import pytest
from scrapy import Request
from scrapy.utils.misc import load_object
from scrapy.utils.test import get_crawler

from crawlers.pull.agenda import Agenda
from crawlers.pull.forums.forum_source import DiscuzSource
from crawlers.pull.settings import settings_for

HOME = "https://bbs.example.com/"


@pytest.fixture
def agenda() -> Agenda:
    return Agenda.from_crawler(get_crawler())


def wanted(path: str, priority: int = 0, *, again: bool = False) -> Request:
    return Request(f"{HOME}{path}", priority=priority, dont_filter=again)


def left(agenda: Agenda) -> list[str]:
    found = []
    while (request := agenda.next_request()) is not None:
        found.append(request.url.removeprefix(HOME))
    return found


def test_the_most_urgent_comes_first_and_of_one_urgency_the_oldest(agenda: Agenda) -> None:
    for path, priority in (("old", -4), ("thread-1", 2), ("list-1", 20), ("thread-2", 2), ("list-2", 20)):
        assert agenda.enqueue_request(wanted(path, priority))
    assert left(agenda) == ["list-1", "list-2", "thread-1", "thread-2", "old"]


def test_what_is_asked_for_meanwhile_goes_before_what_is_less_urgent(agenda: Agenda) -> None:
    for path in ("thread-1", "thread-2"):
        agenda.enqueue_request(wanted(path, 2))
    first = agenda.next_request()
    assert first is not None
    agenda.enqueue_request(wanted("thread-1-page-2", 3))
    assert left(agenda) == ["thread-1-page-2", "thread-2"]


def test_an_address_is_asked_for_once_unless_it_may_come_again(agenda: Agenda) -> None:
    assert agenda.enqueue_request(wanted("list?a=1&b=2"))
    assert not agenda.enqueue_request(wanted("list?b=2&a=1"))
    assert left(agenda) == ["list?a=1&b=2"]
    assert not agenda.enqueue_request(wanted("list?a=1&b=2"))
    assert agenda.enqueue_request(wanted("list?a=1&b=2", again=True))
    assert left(agenda) == ["list?a=1&b=2"]


def test_it_tells_how_much_is_left(agenda: Agenda) -> None:
    assert (len(agenda), agenda.has_pending_requests(), agenda.next_request()) == (0, False, None)
    agenda.enqueue_request(wanted("1"))
    agenda.enqueue_request(wanted("2"))
    assert (len(agenda), agenda.has_pending_requests()) == (2, True)
    left(agenda)
    assert (len(agenda), agenda.has_pending_requests()) == (0, False)


def test_every_crawl_has_one_of_its_own() -> None:
    source = DiscuzSource(site="bbs", basis="our own", url=HOME)
    assert load_object(settings_for(source, "ops@example.com")["SCHEDULER"]) is Agenda
    one, other = Agenda.from_crawler(get_crawler()), Agenda.from_crawler(get_crawler())
    assert one.enqueue_request(wanted("1"))
    assert other.enqueue_request(wanted("1"))
