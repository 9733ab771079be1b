"""Posts in numbers, for past weeks to replay."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import update

from alerts.casefile.context import CaseContext
from alerts.replay.policy import Policy
from stream.index.sqlite.posts import SqliteIndexWriter
from stream.messages import Label, ScoredPost
from stream.process.clock import SHANGHAI
from stream.state.database import transaction
from stream.state.source_health import SourceHealth

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
MONDAY = datetime(2026, 9, 21, 7, 0, tzinfo=SHANGHAI).astimezone(UTC)

Say = Callable[..., None]


@pytest.fixture
def say(index: SqliteIndexWriter, write: Callable[..., ScoredPost]) -> Say:
    """Writes `number` posts, evenly over `length`; each another author and text, every `negative`-th one negative."""
    numbers = iter(range(1, 10**9))

    def put(start: datetime, length: timedelta, number: int, *, negative: int = 1, **changes: object) -> None:
        posts = []
        for n in range(number):
            label = Label.NEGATIVE if n % negative == 0 else Label.NEUTRAL
            posts.append(write(next(numbers), at=start + n * length / number, label=label, **changes))
        for first in range(0, len(posts), 500):
            index.put(posts[first : first + 500])

    return put


@pytest.fixture
def quiet(context: CaseContext, say: Say) -> None:
    """Three weeks, to five days after the Monday, of a post every other hour, every fourth negative; a source answers.

    Twice a day somebody speaks of the weather.
    """
    say(MONDAY - 16 * DAY, 21 * DAY, 252, negative=4)
    say(MONDAY - 16 * DAY, 21 * DAY, 42, negative=99, text="今天天气好", topics=())
    with transaction(context.engine) as session:
        session.execute(update(SourceHealth).values(fresh_until=MONDAY + 90 * DAY))


@pytest.fixture
def policy(context: CaseContext) -> Policy:
    return Policy(context.topics, context.config.detector, context.config.grades)
