"""What a forum says of its lists, and how complete they are after crawls in which this and that went wrong."""

from datetime import UTC, datetime, timedelta

import pytest
from structlog.testing import capture_logs

from crawlers.lists import ListTally
from crawlers.pages.forum import BoardListing, Index, ListedThread, Totals
from crawlers.pull.forums.lists import MetLists, own_totals
from crawlers.pull.forums.walk import ListWalk, Trail
from stream.state.source_lists import SourceList
from tests.crawlers.pull.served import ServedDiscuz
from tests.crawlers.running import Crawler
from tests.crawlers.site import Answer, Site

NOW = datetime(2026, 11, 19, 6, 34, 20, tzinfo=UTC)
DAY, HOUR = timedelta(days=1), timedelta(hours=1)
BELOW = {"9": Totals(3, 7)}


def listing(*pinned: str, **told: object) -> BoardListing:
    threads = tuple(ListedThread(one, "", sticky=True) for one in pinned)
    return BoardListing(page=1, next=None, threads=threads, **told)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("shown", "told", "own"),
    [
        (listing(), Totals(), Totals()),
        (listing(), Totals(48, 198), Totals(48, 198)),
        (listing(below=BELOW), Totals(48, 198), Totals(45, 191)),  # MyBB: its list tells none
        (listing(total=45, below=BELOW), Totals(48, 198), Totals(45, 191)),  # Discuz!, phpBB
        (listing(total=47, below=BELOW), Totals(48, 198), Totals(47, 191)),  # two came between the pages
        (listing(total=30, below=BELOW), Totals(48, 198), Totals(30, None)),  # boards are within that it does not show
        (listing(total=45), Totals(), Totals(45, None)),
        (listing(total=46, posts=193), Totals(), Totals(46, 193)),  # NodeBB tells both itself
        (listing(below={"9": Totals(3, None)}), Totals(48, 198), Totals(45, None)),
        (listing(below={"9": Totals(9, 9)}), Totals(3, 7), Totals(0, 0)),
    ],
)
def test_a_board_holds_what_is_told_of_it_without_the_boards_below(
    shown: BoardListing, told: Totals, own: Totals
) -> None:
    assert own_totals(shown, told) == own


def test_a_list_is_known_by_its_board_and_called_as_its_page_or_the_index_calls_it() -> None:
    tallies: dict[str, ListTally] = {}
    lists = MetLists(tallies, NOW)
    lists.index(Index(boards=("3", "4"), names={"4": "电费"}, totals={"3": Totals(8, 32)}))
    for board, name in (("3", "停电"), ("4", ""), ("5", ""), ("6", "停电")):
        lists.hear(listing(name=name), ListWalk(board, Trail("/"), may_stop=False))
    assert {board: one.name for board, one in tallies.items()} == {"3": "停电", "4": "电费", "5": "5", "6": "停电"}
    assert (tallies["3"].threads, tallies["3"].posts, tallies["3"].began) == (8, 32, NOW)
    assert [lists.whose(told) for told in ("电费", "5", "停电", "没有", None)] == ["4", "5", None, None, None]


def test_pages_behind_the_first_add_what_is_pinned_and_change_no_total() -> None:
    tallies: dict[str, ListTally] = {}
    lists, walk = MetLists(tallies, NOW), ListWalk("3", Trail("/"), may_stop=False)
    lists.hear(listing("1", total=9), walk)
    walk.trail.follow("/2", 9)
    lists.hear(listing("2"), walk)
    assert (tallies["3"].threads, tallies["3"].pinned, tallies["3"].ended) == (9, {"1", "2"}, False)
    lists.end("3", True)
    lists.end("7", True)  # its page was never understood
    assert (tallies["3"].ended, tallies["3"].whole, list(tallies)) == (True, True, ["3"])


@pytest.fixture
def forum(site: Site) -> ServedDiscuz:
    made = ServedDiscuz()
    site.answer = made
    return made


def threads(one: SourceList) -> tuple[int | None, int | None, int | None, int]:
    return one.threads_told, one.threads_held, one.threads_missing, one.waiting


def fill(forum: ServedDiscuz, site: Site, number: int = 5) -> None:
    for thread in range(1, number + 1):
        forum.write(thread, site.now - 40 * DAY - thread * HOUR, f"帖{thread}", f"复{thread}", board=3)
    forum.write(90, site.now - 40 * DAY, "公告", board=3, sticky=True)
    forum.write(80, site.now - HOUR, "电费贵", board=4)


def test_of_a_forum_that_was_read_all_is_held_until_the_crawl_began(
    crawler: Crawler, forum: ServedDiscuz, site: Site
) -> None:
    fill(forum, site)
    crawler.crawl()
    lists = crawler.lists()
    assert {name: threads(one) for name, one in lists.items()} == {"停电": (6, 6, 0, 0), "电费": (1, 1, 0, 0)}
    outage = lists["停电"]
    assert (outage.posts_told, outage.posts_held, outage.posts_missing) == (None, 11, None)
    assert (outage.whole, outage.complete_until, outage.short) == (True, site.now, None)
    crawler.crawl(later=HOUR)
    assert (threads(crawler.lists()["停电"]), crawler.lists()["停电"].complete_until) == ((6, 6, 0, 0), site.now)


def test_a_list_that_is_not_read_to_its_end_lacks_threads_and_is_not_called_short(
    crawler: Crawler, forum: ServedDiscuz, site: Site
) -> None:
    fill(forum, site)
    with capture_logs() as told:
        crawler.crawl(pages=2)
    outage = crawler.lists()["停电"]
    assert (threads(outage), outage.whole, outage.short) == ((6, 5, 1, 0), False, None)
    (lacking,) = [line for line in told if line["event"] == "list incomplete"]
    assert (lacking["list"], lacking["threads_missing"]) == ("停电", 1)


def test_threads_that_back_fill_did_not_come_to_wait_and_the_list_is_complete_until_nothing(
    crawler: Crawler, forum: ServedDiscuz, site: Site
) -> None:
    fill(forum, site, 8)
    crawler.crawl(backfill=2)
    outage = crawler.lists()["停电"]
    assert (threads(outage), outage.short, outage.complete_until) == ((9, 5, 4, 4), None, None)
    began = site.now + HOUR
    crawler.crawl(later=HOUR, backfill=9)
    outage = crawler.lists()["停电"]
    assert (threads(outage), outage.complete_until) == ((9, 9, 0, 0), began)


def test_a_thread_whose_page_does_not_come_keeps_its_list_at_the_time_of_before(
    crawler: Crawler, forum: ServedDiscuz, site: Site
) -> None:
    fill(forum, site)
    crawler.crawl()
    before = site.now
    forum.write(1, site.now + HOUR / 2, "新回复")
    forum.instead[forum.thread_path(1)] = Answer(b"<html><body>?</body></html>")
    crawler.crawl(later=HOUR)
    lists = crawler.lists()
    assert (threads(lists["停电"]), lists["停电"].complete_until) == ((6, 6, 0, 1), before)
    assert lists["电费"].complete_until == before + HOUR
    del forum.instead[forum.thread_path(1)]
    crawler.crawl(later=HOUR)
    assert (threads(crawler.lists()["停电"]), crawler.lists()["停电"].complete_until) == ((6, 6, 0, 0), site.now)


def test_threads_that_the_site_counts_and_does_not_list_are_missing(
    crawler: Crawler, forum: ServedDiscuz, site: Site
) -> None:
    fill(forum, site)
    whole = forum.answer(forum.board_path(4)).body
    forum.instead[forum.board_path(4)] = Answer(whole.replace("主题: 1".encode(), "主题: 40".encode()))
    crawler.crawl()
    bills = crawler.lists()["电费"]
    assert bills.short is not None
    assert (threads(bills), bills.short.missing, bills.short_since) == ((40, 1, 39, 0), 39, site.now)
    forum.instead.clear()
    crawler.crawl(later=HOUR)
    assert (crawler.lists()["电费"].short, crawler.lists()["电费"].short_since) == (None, None)


def test_a_thread_that_is_gone_is_not_held_and_makes_up_for_none_that_is_missing(
    crawler: Crawler, forum: ServedDiscuz, site: Site
) -> None:
    fill(forum, site)
    crawler.crawl()
    del forum.threads[1], forum.threads[2], forum.threads[3]
    crawler.crawl(later=2 * DAY, sweep=100)
    outage = crawler.lists()["停电"]
    assert (threads(outage), outage.posts_held) == ((3, 3, 0, 0), 5)


def test_a_thread_that_left_a_sign_on_another_board_is_held_where_it_is(
    crawler: Crawler, forum: ServedDiscuz, site: Site
) -> None:
    fill(forum, site)
    stub = (
        '<tbody id="normalthread_77"><tr><th><a class="xst" href="forum.php?mod=viewthread&amp;tid=1">移走了</a></th>'
        '<td class="num"><a>-</a></td></tr></tbody></table>'
    )
    whole = forum.answer(forum.board_path(4)).body
    forum.instead[forum.board_path(4)] = Answer(whole.replace(b"</table>", stub.encode(), 1))
    for later in (timedelta(0), HOUR):
        crawler.crawl(later=later)
        held = {name: threads(one) for name, one in crawler.lists().items()}
        assert held == {"停电": (6, 6, 0, 0), "电费": (1, 1, 0, 0)}


def test_a_board_that_is_lost_has_no_list_any_more(crawler: Crawler, forum: ServedDiscuz, site: Site) -> None:
    fill(forum, site)
    crawler.crawl()
    del forum.boards[4]
    crawler.crawl(later=HOUR)
    assert list(crawler.lists()) == ["停电"]
