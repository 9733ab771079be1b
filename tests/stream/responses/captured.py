"""Captures as a test needs them."""

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

from stream.responses.capture import Capture

NOON = datetime(2026, 11, 19, 4, 0, 0, 123000, tzinfo=UTC)
HEADERS: Mapping[str, str] = {"Content-Type": "text/html; charset=gbk", "ETag": '"7"'}
PAGE = "<html><p>张三：城南停电了</p></html>".encode("gbk")


def captured(*posts: str, at: datetime = NOON, body: bytes = PAGE, status: int = 200) -> Capture:
    """A page that shows the posts, as it came `at` that time."""
    return Capture(
        source="forum", url="https://bbs.example.com/thread-1.html", status=status, headers=HEADERS, body=body, at=at,
        posts=posts or ("a" * 32,),
    )  # fmt: skip


def names(folder: Path) -> list[str]:
    """What lies in a folder, in order."""
    return sorted(path.name for path in folder.iterdir()) if folder.exists() else []
