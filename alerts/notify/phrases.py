"""Times and counts as staff read them, the same in every medium."""

from datetime import datetime

from stream.process.clock import local_time


def local(moment: datetime) -> str:
    """Writes a time in Asia/Shanghai: month, day and minute."""
    return local_time(moment, "%m月%d日 %H:%M")


def usual(expected: float) -> str:
    """Writes an expected count: whole, or that it is less than one."""
    return f"{expected:.0f}" if expected >= 1 else "不足 1"
