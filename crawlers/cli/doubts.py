"""What of crawlers.yml is no mistake and may still surprise. Pure."""

from collections import defaultdict
from collections.abc import Iterator
from itertools import combinations
from urllib.parse import urljoin, urlsplit

from crawlers.config import CrawlersConfig
from crawlers.pull.feed_source import FeedSource
from crawlers.pull.forums.forum_source import ForumSource
from crawlers.pull.sites.mastodon_source import MastodonSource
from crawlers.pull.sites.site_source import SiteSource
from crawlers.pull.sites.weibo_source import WeiboSource
from crawlers.source import PulledSource


def doubts(config: CrawlersConfig) -> Iterator[str]:
    """Yields one sentence for each: who is not asked, what nobody reads by itself, what is read twice."""
    for name, one in config.sources.items():
        if one.enabled and (entry := config.opt_out(one)) is not None:
            yield f"sources.{name}: {entry} is on opted_out: it is not asked"
    for name, source in config.pulled.items():
        if source.cron is None:
            yield f"sources.{name}: no cron: only `python -m crawlers crawl {name}` reads it"
    for name, looked_into in config.polled.items():
        if looked_into.cron is None:
            yield f"sources.{name}: no cron: only `python -m crawlers take {name}` looks into it"
    for one_name, other_name, host in _read_twice(config.pulled):
        apart = ", or boards apart" if isinstance(config.pulled[one_name], ForumSource) else ""
        yield (
            f"sources.{other_name} reads the same of {host} as sources.{one_name}: every post would count twice, "
            f"as if two sites told it: keep one of them{apart}"
        )


def _read_twice(sources: dict[str, PulledSource]) -> Iterator[tuple[str, str, str]]:
    """Finds the pairs of which one reads what the other does, and where."""
    readers: dict[tuple[str, str], list[str]] = defaultdict(list)
    for name, source in sources.items():
        for part in _parts(source):
            readers[source.software, part].append(name)
    pairs = {pair for names in readers.values() for pair in combinations(names, 2)}
    order = {name: place for place, name in enumerate(sources)}
    for one, other in sorted(pairs, key=lambda pair: (order[pair[0]], order[pair[1]])):
        if _overlap(sources[one], sources[other]):
            yield one, other, sources[one].host


def _parts(source: PulledSource) -> set[str]:
    """Names what a source reads, so that two of one software with a name in common read the same."""
    if isinstance(source, FeedSource):
        return {_place(feed) for feed in (source.url, *source.feeds)}
    folder = _place(urljoin(source.url, "."))  # a forum is entered at / and at /forum.php
    if isinstance(source, MastodonSource):
        return {f"{folder} {one}" for one in (*source.accounts, *(f"#{tag}" for tag in source.hashtags))}
    return {f"{folder} {source.account}"} if isinstance(source, WeiboSource) else {folder}


def _place(url: str) -> str:
    """Writes an address so that the ways to one server are alike."""
    parts = urlsplit(url)
    standing = parts.port if parts.port not in (None, 80, 443) else ""
    return f"{(parts.hostname or '').removeprefix('www.')}:{standing}{parts.path or '/'}?{parts.query}"


def _overlap(one: PulledSource, other: PulledSource) -> bool:
    if isinstance(one, ForumSource) and isinstance(other, ForumSource):
        return one.boards.overlaps(other.boards)
    if isinstance(one, SiteSource) and isinstance(other, SiteSource):
        return any(
            mine.startswith(its) or its.startswith(mine)
            for mine in one.paths or ("/",)
            for its in other.paths or ("/",)
        )  # fmt: skip
    return True
