"""What spiders of public accounts and sites share: answers as values, posts of a page, and those that are gone."""

from collections.abc import Sequence
from datetime import datetime
from functools import partial

from scrapy.http import Response

from crawlers.pages.forum import Answer
from crawlers.pages.observation import Observation
from crawlers.pull.capturing import FetchedPage
from crawlers.pull.sites.again import SOON, look_again
from crawlers.pull.spider import PoliteSpider


class AccountSpider(PoliteSpider):
    """A spider whose posts are known one by one: each is read again by itself, and may be gone by itself."""

    name = "account"

    def answered(self, response: Response) -> Answer:
        """Takes an answer out of Scrapy's hands."""
        told = response.headers.get("Content-Type") or b""
        return Answer(body=response.body, url=response.url, content_type=told.decode("latin-1"), at=self.at(response))

    async def keep(self, key: str, observations: Sequence[Observation], page: FetchedPage | None = None) -> bool:
        """Publishes what belongs to `key`, by which it is found again; tells whether any of it was news.

        `page` is where it stands.
        """
        told = [one.published_at for one in observations if one.published_at is not None]
        self.tally.newest = max([*told, *filter(None, [self.tally.newest])], default=None)
        return (await self.context.intake.take(key, observations, page)).sent > 0

    async def seen(self, key: str, published_at: datetime | None) -> None:
        """Notes that what `key` names was read, and plans when it is read again."""
        await self.plan(key, look_again(published_at, self.clock.now()), published_at)

    async def plan(self, key: str, due_at: datetime | None, published_at: datetime | None = None) -> None:
        """Notes when `key` is due, None for never unless a list shows that it changed."""
        cursors = self.context.cursors
        noted = partial(cursors.visited, key, due_at, published_at=published_at, now=self.clock.now())
        await self.context.intake.patiently(noted)

    async def due(self, most: int) -> list[str]:
        """Finds what is due by its age or was left over, at most `most` of it."""
        found = await self.context.intake.patiently(lambda: self.context.cursors.due(self.clock.now()))
        return found[:most]

    async def gone(self, key: str, *, certain: bool) -> None:
        """Withdraws the posts of `key`; where it is not `certain` that they are gone, only the second time."""
        cursors, intake = self.context.cursors, self.context.intake
        living = await intake.patiently(partial(cursors.living, key))
        if not certain:
            again = await intake.patiently(partial(cursors.miss, list(living)))
            if living.keys() - again:
                await self.plan(key, self.clock.now() + SOON)
                return
        await intake.withdraw(list(living.values()))
        await self.plan(key, None)
