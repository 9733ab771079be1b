"""All that a search finds, in its order."""

from collections.abc import Iterator
from dataclasses import replace

from stream.index.port import Finder, Order, Page, Query
from stream.messages import ScoredPost

CHUNK = 500  # posts read at once


def full_page(finder: Finder, query: Query, limit: int, after: str | None = None, order: Order = Order.NEWEST) -> Page:
    """Finds a page that is short only where no more follows, however many posts must be read for it."""
    page = finder.search(query, limit, after, order)
    while len(page.posts) < limit and page.after is not None:
        more = finder.search(query, limit - len(page.posts), page.after, order)
        page = replace(more, posts=page.posts + more.posts)
    return page


def walk(finder: Finder, query: Query, order: Order = Order.NEWEST) -> Iterator[ScoredPost]:
    """Yields every post of every page; of an order other than NEWEST the posts that it ranks.

    Each is read when it is wanted: who stops early has read a chunk too much at most. What is put meanwhile comes where
    its place is still ahead.
    """
    after = None
    while True:
        page = finder.search(query, CHUNK, after, order)
        yield from page.posts
        if (after := page.after) is None:
            return
