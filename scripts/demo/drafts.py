"""Threads as they are written, before they have numbers; who writes them and on which boards."""

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from random import Random
from typing import Any

from scripts.demo.sentences import wording
from scripts.demo.world import Board, Entry, Member, Thread, World
from stream.process.clock import SHANGHAI

OFFICIAL = "临江供电官方"

BOARDS = (
    Board(fid=2, name="停电抢修"),
    Board(fid=3, name="抢修现场", parent=2),
    Board(fid=4, name="电费账单"),
    Board(fid=5, name="充电桩"),
    Board(fid=6, name="施工占道"),
    Board(fid=7, name="食堂班车", noisy=True),
    Board(fid=8, name="薪酬招聘"),
    Board(fid=9, name="生活闲聊"),
    Board(fid=10, name="站务内部", closed=True),
)


@dataclass(slots=True)
class Draft:
    """A thread while it is written; numbers are given in order of time when everything is."""

    fid: int
    title: str
    posts: list[dict[str, Any]]
    kind: str | None = None
    extra: dict[str, Any] = field(default_factory=dict)


class Cast:
    """Everybody who writes: names become members in order of first appearance."""

    def __init__(self, crowd: list[str]) -> None:
        self.crowd = crowd
        self.regulars = [first + second for first in wording("names")["first"] for second in wording("names")["second"]]
        self._members: dict[str, Member] = {}

    def member(self, name: str) -> Member:
        return self._members.setdefault(name, Member(101 + len(self._members), name))

    def anybody(self, chance: Random) -> Member:
        """One of the regulars."""
        return self.member(chance.choice(self.regulars))


def numbered(drafts: list[Draft]) -> World:
    """Threads and posts with the numbers that a forum would have given them: in order of time."""
    for draft in drafts:
        draft.posts.sort(key=lambda post: post["at"])
    ordered = sorted(drafts, key=lambda draft: draft.posts[0]["at"])
    threads, tids = {}, {}
    for tid, draft in enumerate(ordered, 11):
        tids[id(draft)] = tid
        extra = dict(draft.extra)
        if "moved_to" in extra:
            extra["moved_to"] = next(tids[id(other)] for other in ordered if other.title == extra["moved_to"])
        threads[tid] = Thread(
            tid=tid, fid=draft.fid, title=draft.title, at=_utc(draft.posts[0]["at"]), kind=draft.kind, **extra
        )
    return World(BOARDS, threads, _entries(ordered, tids))


def _entries(ordered: list[Draft], tids: dict[int, int]) -> dict[int, Entry]:
    told = [(post["at"], tids[id(draft)], floor, post) for draft in ordered for floor, post in enumerate(draft.posts)]
    told = [one for one in told if one[3].get("text") is not None]
    pids = {(tid, floor): pid for pid, (_, tid, floor, _) in enumerate(sorted(told, key=lambda t: t[:3]), 1001)}
    entries = {}
    for at, tid, floor, post in told:
        quotes = post.get("quotes")
        entry = Entry(
            pid=pids[tid, floor], tid=tid, author=post["who"], at=_utc(at), text=post["text"],
            quotes=None if quotes is None else pids[tid, quotes],
        )  # fmt: skip
        given = {key: value for key, value in post.items() if key not in {"who", "at", "text", "quotes"}}
        times = {key: _utc(value) for key, value in given.items() if key.endswith("_at")}
        entries[entry.pid] = replace(entry, **given | times)
    return entries


def fid(name: str) -> int:
    """Finds a board by its name."""
    return next(board.fid for board in BOARDS if board.name == name)


def moment(told: str | datetime) -> datetime:
    """A local time as written in the wording, `2026-09-05 12:10`."""
    return told if isinstance(told, datetime) else datetime.fromisoformat(told).replace(tzinfo=SHANGHAI)


def _utc(at: datetime) -> datetime:
    return at.astimezone(UTC)
