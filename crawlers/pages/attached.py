"""What a post brings along, as words: the names of its files. Their sizes and downloads are no words, and move."""

import re
from collections.abc import Iterable

FILE = re.compile(r"[^/\\<>]{1,150}\.\w{1,8}")
_IN_A_TITLE = re.compile(r"(?:^|[:：]\s*)([^/\\<>:：()\r\n]{1,150}?\.\w{1,8})(?=\s*(?:[(\r\n]|$))")


def file_in(title: str) -> str:
    """Finds the file that an image's title names, as in `单子.jpg (12 KB)` or `Filename: 单子.jpg`; else ""."""
    match = _IN_A_TITLE.search(title.strip())
    return match[1].strip() if match else ""


def attached(files: Iterable[tuple[str, str]]) -> str:
    """Writes names of files in a line, each once, with what their writer says of them; "" where there are none."""
    named = dict.fromkeys(f"{name}（{comment}）" if comment else name for name, comment in files if name)
    return f"附件：{'、'.join(named)}" if named else ""
