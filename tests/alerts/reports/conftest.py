"""A case that went all its way, in real databases: from the first post to the review."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from alerts.casefile.acting.steps import act
from alerts.casefile.context import CaseContext
from alerts.desk.register import Register
from alerts.notify.channels.folder import FolderChannel, FolderConfig
from alerts.watch import Watcher
from alerts.workflow.cases import ActRequest
from alerts.workflow.parts import Verdict
from stream.errors import Retryable
from stream.index.port import Reader
from stream.index.sqlite.posts import SqliteIndexWriter
from stream.messages import Label, ScoredPost, content_hash, post_id

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)

Write = Callable[..., ScoredPost]


class AwayReader:
    """An index that does not answer."""

    def __getattr__(self, name: str) -> object:
        def away(*_arguments: object, **_named: object) -> object:
            raise Retryable("the index is away")

        return away


@pytest.fixture
def away() -> Reader:
    return AwayReader()  # type: ignore[return-value]


@pytest.fixture
def register(context: CaseContext) -> Register:
    return Register(context.engine, context.config, context.topics)


@pytest.fixture
def told(write: Write) -> Write:
    """Makes a post whose hash is of its words, as the crawlers make it."""

    def one(number: int, text: str, **changes: object) -> ScoredPost:
        title = str(changes.get("title", ""))
        return write(number, text, content_hash=content_hash(title, text), **changes)

    return one


@pytest.fixture
def posts(index: SqliteIndexWriter, told: Write, now: datetime, quiet_weeks: None) -> list[ScoredPost]:
    """Thirty-one negative posts within the hour before `now`, on two sites; the first one opens a thread."""
    start = now - 40 * MINUTE
    first = told(1, "听说好几个小区停电三天没人管", at=start, title="停电三天？", board="民生")
    copies = [told(n, "停电了没人修，电话打不通", at=start + n * MINUTE, fingerprint="a" * 16) for n in range(2, 8)]
    others = [told(n, f"停电第{n}次了，太气人", at=start + n * MINUTE) for n in range(8, 30)]
    elsewhere = [
        replace(
            told(n, f"论坛上都在说停电 {n}", at=start + (n - 5) * MINUTE), site="weibo", native_id=f"w:{n}",
            id=post_id("weibo", f"w:{n}"), thread_id=post_id("weibo", f"t:{n}"),
        )
        for n in (30, 31)
    ]  # fmt: skip
    made = [first, *copies, *others, *elsewhere]
    index.put(made)
    return made


@pytest.fixture
def case_id(context: CaseContext, posts: list[ScoredPost], now: datetime, tmp_path: Path) -> int:
    """Opened at `now`, its first letter sent."""
    watcher = Watcher(context, [FolderChannel(FolderConfig(path=tmp_path / "letters"))], "w")
    (seen,) = watcher.look(now)
    watcher.deliver(now)
    assert seen.case_id is not None
    return seen.case_id


@pytest.fixture
def ended(
    context: CaseContext, case_id: int, index: SqliteIndexWriter, told: Write, now: datetime, tmp_path: Path
) -> int:
    """Acknowledged too late by the next desk, found true, answered, put right, closed and reviewed within two days."""
    watcher = Watcher(context, [FolderChannel(FolderConfig(path=tmp_path / "letters"))], "w")
    watcher.escalate(now + 61 * MINUTE)  # yellow: acknowledge within an hour
    steps = [
        (70 * MINUTE, ActRequest("acknowledge", "李强")),
        (80 * MINUTE, ActRequest("judge", "李强", "多人反映停电")),
        (90 * MINUTE, ActRequest("report", "李强", "已报工作组")),
        (3 * HOUR, ActRequest("verify", "陈伟", "配电箱故障，属实", Verdict.TRUE)),
        (3.5 * HOUR, ActRequest("draft", "张敏", "拟稿", statement="配电箱故障，今晚修复，谨致歉意。")),
        (3.7 * HOUR, ActRequest("approve", "李强")),
        (4 * HOUR, ActRequest("respond", "李强", "致歉并公布抢修进度")),
        (5 * HOUR, ActRequest("plan_remedy", "陈伟", "更换配电箱", owner="dispatch", until=now + 30 * HOUR)),
        (24 * HOUR, ActRequest("remedied", "陈伟", "更换配电箱，恢复供电")),
        (25 * HOUR, ActRequest("guide", "张敏", "逐帖答复")),
        (40 * HOUR, ActRequest("close", "张敏", "平静")),
        (44 * HOUR, ActRequest("review", "李强", "教训：备件应常备")),
    ]
    for after, request in steps:
        act(context, case_id, request, now + after)
    thanks = [told(100 + n, f"来电了，谢谢 {n}", at=now + 5 * HOUR, label=Label.POSITIVE) for n in range(3)]
    index.put([*thanks, told(110, "停电的事还没完", at=now + 6 * HOUR)])
    return case_id


@pytest.fixture
def there(context: CaseContext) -> Reader:
    return context.reader
