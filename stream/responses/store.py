"""The captures of the last hours: files under `var`, bounded in age and in size, and none of them needed by anything.

Nothing waits for a disk here: what a loss of power takes is a page of a day.
"""

import errno
import os
from collections.abc import Collection, Iterator
from datetime import datetime, timedelta
from pathlib import Path

from stream.config import StreamConfig
from stream.responses.capture import Capture, DamagedCapture, decode, encode
from stream.responses.files import entries, remove_before, remove_showing, showing, write_whole

FOLDER = "responses"
RESERVE = 256 * 2**20  # bytes of the disk that are left to the log and the state
_BLOCK = 4096  # bytes in which disks count
_SHARES = 64  # the store is measured anew when its writer has used one of so many parts of it


class ResponseStore:
    """The captures in one folder; several processes may write to it.

    None is kept longer than `keep`. All together take at most `most` bytes of the disk, the oldest going first; each
    further process that writes may add a sixty-fourth of that for a while.
    """

    def __init__(self, folder: Path, *, keep: timedelta, most: int, reserve: int = RESERVE) -> None:
        self._folder = folder
        self._keep = keep
        self._most = most
        self._reserve = reserve
        self._room = 0

    def write(self, one: Capture) -> None:
        """Keeps a capture, unless it is larger than the whole store. Raises OSError where the disk is full."""
        raw = encode(one)
        takes = _on_disk(len(raw))
        if takes > self._most:
            return
        if takes > self._room:
            share = max(takes, self._most // _SHARES)
            self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            self._trim(one.at, self._most - share)
            self._room = share
        disk = os.statvfs(self._folder)
        if disk.f_bavail * disk.f_frsize < self._reserve + takes:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(self._folder))
        write_whole(self._folder / one.name, raw)
        self._room -= takes

    def expire(self, now: datetime, *, dry: bool = False) -> int:
        """Removes what was captured longer ago than `keep`; returns how many. `dry`: removes none."""
        return remove_before(self._folder, now - self._keep, dry=dry)

    def erase(self, posts: Collection[str]) -> int:
        """Removes whatever shows any of the posts; returns how many."""
        return remove_showing(self._folder, posts)

    def showing(self, posts: Collection[str]) -> Iterator[Capture]:
        """Yields the captures that show any of the posts, in order of time; what is damaged is left out."""
        for path in showing(self._folder, posts):
            try:
                yield decode(path.read_bytes())
            except (FileNotFoundError, DamagedCapture):
                continue

    def _trim(self, now: datetime, most: int) -> None:
        """Removes what is too old, then the oldest until no more than `most` bytes are left."""
        self.expire(now)
        there: list[tuple[datetime, str, int]] = []
        for at, entry in entries(self._folder):
            try:
                there.append((at, entry.path, _on_disk(entry.stat().st_size)))
            except FileNotFoundError:
                continue
        over = sum(size for *_, size in there) - most
        for _, path, size in sorted(there):
            if over <= 0:
                return
            Path(path).unlink(missing_ok=True)
            over -= size


def open_responses(config: StreamConfig) -> ResponseStore:
    """Opens the store that stream.yml describes, also where nothing more is to come into it."""
    told = config.responses
    return ResponseStore(config.var / FOLDER, keep=told.keep, most=told.most_mib * 2**20)


def _on_disk(size: int) -> int:
    return -(-size // _BLOCK) * _BLOCK
