"""The judge of a recording's requests: a page twice, and a thread again, have to have a reason."""

from tests.faults.crawling.recorded import Logged, beyond

LIST, ONE, TWO = (
    "/forum.php?mod=forumdisplay&fid=2",
    "/forum.php?mod=viewthread&tid=1",
    "/forum.php?mod=viewthread&tid=2",
)


def log(*crawls: tuple[str, ...], status: int = 200) -> list[Logged]:
    return [Logged(number, path, status) for number, paths in enumerate(crawls, 1) for path in paths]


def test_lists_may_be_asked_for_once_a_crawl_and_no_oftener() -> None:
    assert beyond(log((LIST, ONE), (LIST, TWO)), []) == []
    assert beyond(log((LIST, LIST)), []) == [f"crawl 1 asked for {LIST} 2 times"]


def test_a_thread_may_be_asked_for_again_as_often_as_a_kill_fell_on_it() -> None:
    assert beyond(log((LIST, TWO, ONE), (LIST, ONE)), [1]) == []
    assert beyond(log((LIST, TWO, ONE), (LIST, TWO)), [1]) == [f"{TWO} was asked for 2 times, 0 kills fell on it"]


def test_a_stub_has_what_it_leads_to_looked_at_once_more() -> None:
    stub = Logged(2, "/forum.php?mod=viewthread&tid=9", 302)
    assert beyond([*log((ONE,), (LIST,)), stub, Logged(2, ONE, 200)], []) == []
