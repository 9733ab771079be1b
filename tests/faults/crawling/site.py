"""The made-up forum that is crawled and killed on: its weeks before, and what is written on it meanwhile.

Everything is a value that the seed decides. Changes that no counter of a list tells come to young threads alone, which
are read again within the hour; those of older ones are followed by a reply, so that all of them can be told in the end.
"""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random

from scripts.demo.world import Board, Entry, Member, Stuck, Thread, World

SITE = SOURCE = "killed-bbs"
BOARDS = (
    Board(fid=2, name="停电抢修"),
    Board(fid=3, name="电费账单"),
    Board(fid=4, name="充电桩"),
    Board(fid=5, name="小区公告", parent=2),
    Board(fid=6, name="生活闲聊"),
    Board(fid=7, name="随手拍", noisy=True),
)
THREADS = 130  # there at the start
LONG = 0.3  # of them have several pages
DAY, HOUR, MINUTE = timedelta(days=1), timedelta(hours=1), timedelta(minutes=1)
AGES = ((0.35, HOUR, 18 * HOUR), (0.35, DAY, 5 * DAY), (0.2, 7 * DAY, 29 * DAY), (0.1, 31 * DAY, 60 * DAY))
YOUNG = 18 * HOUR  # read again hourly until well after the end
REMEMBERED = 5 * DAY  # a thread of this age is read again within a day: an absence can be noticed twice
EVERY = 25.0  # seconds between two changes, on average
OPENED, EDITED, DELETED, THREAD_DELETED = 0.12, 0.2, 0.14, 0.03  # shares of what happens; the rest are replies
FOLLOWED = 2 * MINUTE  # after a change of an older thread somebody answers there: lists tell minutes
WORDS = ("今天又停电了", "电费单怎么看", "充电桩坏了两台", "物业说明天修", "谢谢师傅", "路灯修好了", "排队排了半小时")


@dataclass(slots=True, eq=False)
class _Draft:
    at: datetime
    tid: int
    author: Member
    text: str
    quotes: "_Draft | None" = None
    edited_at: datetime | None = None
    deleted_at: datetime | None = None


@dataclass(slots=True)
class _Writing:
    chance: Random
    threads: dict[int, Thread] = field(default_factory=dict)
    drafts: list[_Draft] = field(default_factory=list)
    gone: dict[int, datetime] = field(default_factory=dict)
    _of: dict[int, list[_Draft]] = field(default_factory=lambda: defaultdict(list))

    def open_thread(self, at: datetime, stuck: Stuck = Stuck.NOWHERE) -> int:
        tid = 11 + len(self.threads)
        board = self.chance.choice(BOARDS)
        self.threads[tid] = Thread(tid=tid, fid=board.fid, title=f"{board.name}的事 {tid}", at=at, stuck=stuck)
        self.write(tid, at)
        return tid

    def write(self, tid: int, at: datetime, quotes: _Draft | None = None) -> None:
        author = Member(self.chance.randint(100, 180), "网友")
        text = f"{self.chance.choice(WORDS)}\n第{len(self.drafts)}条"
        draft = _Draft(at, tid, Member(author.uid, f"网友{author.uid}"), text, quotes)
        self.drafts.append(draft)
        self._of[tid].append(draft)

    def change(self, at: datetime) -> None:
        """Lets one thing happen."""
        dice = self.chance.random()
        if dice < OPENED:
            tid = self.open_thread(at)
            for number in range(self.chance.randrange(3)):
                self.write(tid, at + (1 + number) * MINUTE)
        elif dice < OPENED + EDITED:
            self._edit(at)
        elif dice < OPENED + EDITED + DELETED:
            self._delete(at)
        elif dice < OPENED + EDITED + DELETED + THREAD_DELETED:
            young = [tid for tid in self._living(at) if self._age(tid, at) < YOUNG]
            self.gone[self.chance.choice(young)] = at
        else:
            tid = self.chance.choice(self._living(at))
            quotes = self.chance.choice(self._there(tid, at)) if self.chance.random() < 0.2 else None
            self.write(tid, at, quotes)

    def _edit(self, at: datetime) -> None:
        tid = self.chance.choice(self._living(at))
        draft = self.chance.choice(self._there(tid, at))
        if draft.edited_at is None:
            draft.edited_at = at
            self._follow(tid, at)

    def _delete(self, at: datetime) -> None:
        tid = self.chance.choice([tid for tid in self._living(at) if self._age(tid, at) < REMEMBERED])
        replies = [draft for draft in self._there(tid, at) if draft is not self._of[tid][0]]
        if replies:
            self.chance.choice(replies).deleted_at = at
            self._follow(tid, at)

    def _follow(self, tid: int, at: datetime) -> None:
        if self._age(tid, at) >= YOUNG:
            self.write(tid, at + FOLLOWED)

    def _living(self, at: datetime) -> list[int]:
        return [tid for tid, thread in self.threads.items() if thread.at <= at and tid not in self.gone]

    def _there(self, tid: int, at: datetime) -> list[_Draft]:
        return [draft for draft in self._of[tid] if draft.at <= at and draft.deleted_at is None]

    def _age(self, tid: int, at: datetime) -> timedelta:
        return at - self.threads[tid].at


def write_site(chance: Random, now: datetime, lasting: timedelta) -> World:
    """Writes all that is on the forum until `now + lasting`, after which nobody writes any more."""
    writing = _Writing(chance)
    for number in range(THREADS):
        ((_, least, most),) = chance.choices(AGES, [share for share, *_ in AGES])
        age = chance.uniform(least / MINUTE, most / MINUTE) * MINUTE
        tid = writing.open_thread(now - age, Stuck.EVERYWHERE if number == THREADS - 1 else Stuck.NOWHERE)
        replies = chance.randint(10, 45) if chance.random() < LONG else chance.randint(0, 8)
        for at in sorted(chance.uniform(0, min(age, DAY) / MINUTE) for _ in range(replies)):
            writing.write(tid, now - age + at * MINUTE)
    for number in range(int((lasting - 2 * FOLLOWED).total_seconds() / EVERY)):
        writing.change(now + timedelta(seconds=(number + chance.random()) * EVERY))
    return _published(writing, now + lasting)


def _published(writing: _Writing, end: datetime) -> World:
    drafts = sorted((draft for draft in writing.drafts if draft.at < end), key=lambda draft: draft.at)
    numbers = {id(draft): pid for pid, draft in enumerate(drafts, 1001)}
    entries = {
        numbers[id(draft)]: Entry(
            pid=numbers[id(draft)], tid=draft.tid, author=draft.author, at=draft.at, text=draft.text,
            edited_at=draft.edited_at, edited_text=f"{draft.text}（更正）", deleted_at=draft.deleted_at,
            quotes=numbers.get(id(draft.quotes)),
        )
        for draft in drafts
    }  # fmt: skip
    threads = {
        tid: Thread(
            tid=tid, fid=one.fid, title=one.title, at=one.at, stuck=one.stuck, deleted_at=writing.gone.get(tid)
        )
        for tid, one in writing.threads.items()
    }  # fmt: skip
    return World(BOARDS, threads, entries)
