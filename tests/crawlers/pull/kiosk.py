"""A forum software made up to share no habit with Discuz!: JSON, ids of letters, newest first, pages unnumbered."""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urljoin, urlsplit

from crawlers.pages.forum import Answer, BoardListing, Forum, Index, ListedThread, PageRefused, Refusal, ThreadPage
from crawlers.pages.observation import Observation
from stream.errors import Rejected
from stream.messages import Counts, Kind, Precision

_DIGITS = "zyxwvutsrq"  # so that the order of the letters is not the order of the ids


def letters(told: int) -> str:
    """An id as Kiosk writes it."""
    return "".join(_DIGITS[int(digit)] for digit in str(told))


def number(told: str) -> int:
    """What an id stands for."""
    return int("".join(str(_DIGITS.index(letter)) for letter in told))


@dataclass(frozen=True)
class KioskForum(Forum):
    """The adapter. A thread's every page names its first note, and shows the newest one on top."""

    home: str
    encoding: str | None = None

    def index_url(self) -> str:
        return urljoin(self.home, "/kiosk/rooms")

    def board_url(self, board: str) -> str:
        return urljoin(self.home, f"/kiosk/rooms/{board}")

    def thread_url(self, thread: str) -> str:
        return urljoin(self.home, f"/kiosk/talks/{thread}")

    def thread_id(self, url: str) -> str | None:
        path = urlsplit(url).path
        return path.rpartition("/")[2] if path.startswith("/kiosk/talks/") else None

    def read_boards(self, answer: Answer) -> Index:
        return Index(boards=tuple(self._read(answer).get("rooms", ())))

    def read_board(self, answer: Answer, board: str) -> BoardListing:
        told = self._read(answer)
        if "talks" not in told:
            raise Rejected("layout", f"no talks in room {board}")
        rows = tuple(ListedThread(row["talk"], row["moved"], row["pinned"]) for row in told["talks"])
        return BoardListing(page=None, next=self._address(told), threads=rows, boards=tuple(told["rooms"]))

    def read_thread(self, answer: Answer, thread: str, opening: str | None) -> ThreadPage:
        told = self._read(answer)
        if "notes" not in told:
            raise Rejected("layout", f"no notes in talk {thread}")
        return ThreadPage(
            page=None,
            next=self._address(told),
            opening=f"note:{told['first']}",
            observations=tuple(self._observation(note, told) for note in told["notes"] if "text" in note),
            unreadable=tuple(f"note:{note['note']}" for note in told["notes"] if "text" not in note),
        )

    def rank(self, native_id: str) -> int | None:
        return -number(native_id.removeprefix("note:"))

    def _observation(self, note: dict[str, str], told: dict[str, Any]) -> Observation:
        first = note["note"] == told["first"]
        return Observation(
            native_id=f"note:{note['note']}",
            kind=Kind.THREAD if first else Kind.REPLY,
            thread=f"note:{told['first']}",
            board=told["room"],
            title=told["title"],
            text=note["text"],
            published_at=datetime.fromisoformat(note["at"]),
            published_precision=Precision.SECOND,
            counts=Counts(replies=told["replies"]) if first else Counts(),
        )

    def _read(self, answer: Answer) -> dict[str, Any]:
        try:
            told = json.loads(answer.body)
        except ValueError as error:
            raise Rejected("layout", str(error)) from error
        if "refused" in told:
            raise PageRefused(Refusal(told["refused"]), told["why"])
        return dict(told)

    def _address(self, told: dict[str, Any]) -> str | None:
        return urljoin(self.home, told["older"]) if told["older"] else None
