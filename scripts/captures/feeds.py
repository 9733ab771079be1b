"""Feeds: every entry once, whichever feeds show it; then nothing while nothing changed, then what is new."""

import re
import shutil
import time
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import urlopen

from crawlers.pull.crawl import CrawlEnvironment, crawl
from crawlers.pull.feed_source import FeedSource
from scripts.captures.serving import OUT, Result, Run, ask, captured_at, published, served, surrounded

PAGES = 20  # WordPress keeps older entries behind ?paged=
_ITEM = re.compile(r"<item>.*?</item>", re.DOTALL)
_GUID = re.compile(r"<guid[^>]*>([^<]+)</guid>")
_WORDS = re.compile(r"<description>(.*?)</description>", re.DOTALL)


def crawl_feeds(folder: Path, name: str, run: Run) -> Iterator[Result]:
    """State a from nothing, state a again, state b."""
    captured = captured_at(folder, run.site)
    home = OUT / name
    shutil.rmtree(home, ignore_errors=True)
    home.mkdir(parents=True)
    with served(folder, run) as port, surrounded(home, captured["a"]) as (around, clock):
        first, *others = (f"http://127.0.0.1:{port}{path}" for path in run.feeds)
        source = FeedSource(
            site=run.site,
            url=first,
            feeds=tuple(others),
            pages=PAGES if run.site == "wordpress" else 1,
            basis="a recording on this machine",
            delay=timedelta(seconds=run.delay),
            private=True,
        )
        known: set[tuple[str, str]] = set()
        for state, at in (("a", captured["a"]), ("a", captured["a"]), ("b", captured["b"])):
            clock.turn_to(max(at, clock.now() + timedelta(minutes=5)))
            ask(port, f"state?{state}")
            entries = _entries([first, *others])
            ids = {guid for guid, _ in entries} - {guid for guid, _ in known}
            yield _crawl(name, port, source, around, state, (len(ids), len(entries - known)))
            known |= entries


def _crawl(
    name: str, port: int, source: FeedSource, around: CrawlEnvironment, state: str, wanted: tuple[int, int]
) -> Result:
    """Crawls once. `wanted` are the new ids, and the new words: NodeBB shows each last reply under its topic's id."""
    ask(port, "reset")
    began, since = time.monotonic(), around.clock.now()
    tally = crawl(name, source, around)
    stats = ask(port, "stats")
    sent = [post for post in published(OUT / name, around) if post.observed_at >= since]
    times = Counter(post.id for post in sent)
    repeated = len(sent) - len(times)
    ids, most = wanted
    good = ids <= tally.new <= most and not repeated and not stats["fetched_twice"] and not stats["robots_disallowed"]
    return Result(
        run=name,
        state=state,
        recall=min(1.0, tally.new / ids) if ids else None,
        precision=None,
        times=None,
        texts=None,
        unneeded=repeated,
        deleted=f"{tally.deleted} wrong",
        requests=stats["requests"],
        seconds=round(time.monotonic() - began, 1),
        min_gap=stats["min_gap_s"],
        twice=len(stats["fetched_twice"]),
        disallowed=len(stats["robots_disallowed"]),
        ended=f"{tally.state()} {tally.new} new ({ids} ids, {most} texts), {tally.changed} changed {tally.reason()}",
        good=good,
    )


def _entries(feeds: list[str]) -> set[tuple[str, str]]:
    """What the feeds hold by id and words, found without our parser."""
    found: set[tuple[str, str]] = set()
    for feed in feeds:
        for page in range(1, PAGES):
            items = _ITEM.findall(_get(feed if page == 1 else f"{feed}?paged={page}"))
            entries = {(_first(_GUID, item), _first(_WORDS, item)) for item in items}
            new, found = entries - found, found | entries
            if not new:
                break
    return found


def _first(form: re.Pattern[str], item: str) -> str:
    found = form.search(item)
    return found[1] if found else ""


def _get(url: str) -> str:
    try:
        with urlopen(url) as answer:
            return str(answer.read().decode("utf-8"))
    except HTTPError:
        return ""
