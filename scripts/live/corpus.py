"""What is written on the sites before they are crawled: boards, threads and replies, by a seed; all made up."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from random import Random
from zoneinfo import ZoneInfo

from scripts.live.shapes import SHAPES, Piece, Text

SEED = 15
BOARDS = ("供水供气", "电费与电价", "小区生活", "意见 & 建议", "闲聊灌水")
BELOW = "灌水分区"  # lies in the last board
MEMBERS = "内部版"  # no guest reads there
WRITERS = ("王阿姨", "电工老李", "momo", "路人甲", "用户_7731", "小区业主A", "李四", "客服小陈", "南门张", "ghost")
LONGEST = 47  # replies of the longest thread: three pages of NodeBB
_BEIJING = ZoneInfo("Asia/Shanghai")
_SUBJECTS = ("停水", "燃气表", "电价", "物业费", "充电桩", "热线", "缴费", "检修通知", "路灯", "噪音")
_TAILS = ("什么时候能修好", "有人管吗", "已经第三次了", "求解释", "终于解决了", "附上经过", "（转）", "——请领导看看")
_REMARKABLE = (  # Beijing: round the year's turn, of ours and of UTC; a leap day
    datetime(2025, 12, 31, 23, 59, 58, tzinfo=_BEIJING),
    datetime(2026, 1, 1, 0, 0, 3, tzinfo=_BEIJING),
    datetime(2026, 1, 1, 7, 59, 59, tzinfo=_BEIJING),
    datetime(2026, 1, 1, 8, 0, 0, tzinfo=_BEIJING),
    datetime(2024, 2, 29, 12, 0, 0, tzinfo=_BEIJING),
)


class Standing(StrEnum):
    """Who may read something."""

    PUBLIC = "public"
    MEMBERS = "members"  # never was for guests
    REMOVED = "removed"  # a moderator took it away before anybody came to read


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One post. `key` is ours; `answers` is the key of the post that it answers, `quoting` whether it repeats it."""

    key: str
    writer: str
    at: datetime
    text: Text
    answers: str | None = None
    quoting: bool = False
    standing: Standing = Standing.PUBLIC


@dataclass(frozen=True, slots=True, kw_only=True)
class Thread:
    """A thread with its replies in the order of their times."""

    opening: Entry
    board: str
    title: str
    replies: tuple[Entry, ...] = ()
    pinned: bool = False

    @property
    def entries(self) -> tuple[Entry, ...]:
        """All of its posts."""
        return (self.opening, *self.replies)

    @property
    def key(self) -> str:
        """Its opening's key."""
        return self.opening.key


def written(now: datetime, threads: int, seed: int = SEED) -> tuple[Thread, ...]:
    """Makes up `threads` threads, whose times all lie before `now`."""
    dice = Random(seed)
    return tuple(_thread(number, began, now, dice) for number, began in enumerate(_beginnings(now, threads, dice)))


def thread_of(number: int, began: datetime, now: datetime, *, board: str, replies: int, seed: int) -> Thread:
    """Makes up one thread more, of a number that no other has."""
    dice = Random(f"{seed}:{number}")
    opening = _entry(f"t{number}", number, began, dice)
    title = f"{dice.choice(_SUBJECTS)}{dice.choice(_TAILS)}？第{number}帖 <{number}> & “{number}”"
    return Thread(opening=opening, board=board, title=title, replies=_replies(opening, replies, now, dice))


def _thread(number: int, began: datetime, now: datetime, dice: Random) -> Thread:
    boards = (*BOARDS, BELOW)
    board = MEMBERS if number % 40 == 13 else boards[min(number % 8, 5)]
    many = LONGEST if number == 4 else dice.choice((0, 0, 1, 2, 3, 4, 5, 6, 8))
    made = thread_of(number, began, now, board=board, replies=many, seed=dice.randrange(10**9))
    standing = Standing.MEMBERS if board == MEMBERS else Standing.PUBLIC
    replies = tuple(replace(one, standing=standing) for one in made.replies)
    if number % 25 == 5 and len(replies) > 1:
        taken = replace(replies[0], standing=Standing.REMOVED)
        replies = (taken, *(replace(one, answers=None, quoting=False) for one in replies[1:]))
    return replace(made, opening=replace(made.opening, standing=standing), replies=replies, pinned=number == 7)


def _beginnings(now: datetime, threads: int, dice: Random) -> Iterator[datetime]:
    """A third within the last day, a third within three weeks, the rest over two years; and the remarkable ones."""
    midnight = now.astimezone(_BEIJING).replace(hour=0, minute=0, second=0, microsecond=0)
    fixed = (*_REMARKABLE, midnight - timedelta(seconds=1), midnight - timedelta(days=1))
    yield from (moment.astimezone(UTC) for moment in fixed[:threads])
    for number in range(threads - len(fixed)):
        most = (timedelta(days=1), timedelta(days=21), timedelta(days=730))[number % 3]
        yield now.replace(microsecond=0) - timedelta(minutes=3) - most * dice.random()


def _replies(opening: Entry, many: int, now: datetime, dice: Random) -> tuple[Entry, ...]:
    left, at, made = now - timedelta(minutes=1) - opening.at, opening.at, [opening]
    step = min(left / (many + 1), timedelta(minutes=dice.choice((1, 7, 40, 700))))
    for number in range(1, many + 1):
        at += step * (0.5 + dice.random() / 2)
        answered = dice.choice(made) if dice.random() < 0.4 else None
        made.append(
            replace(
                _entry(f"{opening.key}r{number}", dice.randrange(10**6), at, dice),
                answers=answered.key if answered else None,
                quoting=answered is not None and dice.random() < 0.5,
            )
        )
    return tuple(made[1:])


def _entry(key: str, number: int, at: datetime, dice: Random) -> Entry:
    shape = SHAPES[number % len(SHAPES)]
    signed: Sequence[Piece] = (*shape, Piece(f"编号{key}")) if dice.random() < 0.8 else shape
    return Entry(key=key, writer=dice.choice(WRITERS), at=_whole(at), text=tuple(signed))


def _whole(moment: datetime) -> datetime:
    return moment.astimezone(UTC).replace(microsecond=0)


def is_opening(key: str) -> bool:
    """Tells whether a key is of a thread's opening post."""
    return key[:1] == "t" and key[1:].isdigit()
