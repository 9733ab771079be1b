"""Times, counts, addresses and names as staff read them, the same in every medium."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from alerts.notify.contents.notice import Notice
from stream.process.clock import local_time

#: What an answer may say: read by alerts/replies.
ANSWERING = "直接回复本信即可办理，第一行写：收到；或 误报 事由；或 转办 岗位或姓名。"
PASSING_ON = "如需转请他人，直接回复本信，第一行写：转办 岗位或姓名。"
STEPS = "▁▂▃▄▅▆▇█"
UNPROVEN = ("传言", "谣言", "谣传")  # at the end of a topic's name: not for letters to say before the verdict


def local(moment: datetime) -> str:
    """Writes a time in Asia/Shanghai: month and day without a leading nought (GB/T 9704), and minute."""
    return local_time(moment, "%-m月%-d日%H:%M")


def deadline(due: datetime, at: datetime) -> str:
    """Writes by when, as it is said at `at`: the minute, with the day where it is another one."""
    day, minute = local_time(due, "%F"), local_time(due, "%H:%M")
    if day == local_time(at, "%F"):
        return minute
    return f"次日{minute}" if day == local_time(at + timedelta(days=1), "%F") else local(due)


def moment(at: datetime, now: datetime) -> str:
    """Writes a time as it is said at `now`: the minute, with the day where it is another one."""
    return local_time(at, "%H:%M") if local_time(at, "%F") == local_time(now, "%F") else local(at)


def usual(expected: float) -> str:
    """Writes an expected count: whole, or that it is less than one."""
    return f"{expected:.0f}" if expected >= 1 else "不足 1"


def neutral(topic: str) -> str:
    """Names a topic without calling it a rumour, as its name in the configuration may."""
    end = next((one for one in UNPROVEN if topic.endswith(one) and topic != one), "")
    return topic[: len(topic) - len(end)]


def matter(topic: str) -> str:
    """Names what a case is about."""
    named = neutral(topic)
    return f"涉{named}" if named.endswith(("信息", "舆情")) else f"涉{named}信息"


def address(url: str) -> str:
    """Writes an address that a person can copy, and no mail program makes a link of: with a blank behind its scheme.

    A mail server that opens every link in a letter would call at the site from our network, again and again; where
    there is a console, letters link to a page of it that leads there.
    """
    plain = url.replace("hxxp", "http", 1).replace("[.]", ".")
    scheme, _, rest = plain.partition("://")
    return f"{scheme}:// {rest}" if rest else plain


def bars(counts: Sequence[int]) -> str:
    """Draws counts as a line of characters, the highest of them eight eighths."""
    most = max(counts, default=0)
    return "".join(STEPS[(one * (len(STEPS) - 1) + most - 1) // most if most else 0] for one in counts)


def answering(notice: Notice) -> str:
    """Says how the letter is answered, with the code that an answer is known by."""
    says = ANSWERING if done_by_mail(notice) or notice.demand.key == "judge" else PASSING_ON
    return f"{says}【回执码 {notice.reply_code}】"


def done_by_mail(notice: Notice) -> bool:
    """Tells whether an answer to the letter does the step that is asked for; "" is a notice of before."""
    return notice.demand.key in ("", "acknowledge", "take")
