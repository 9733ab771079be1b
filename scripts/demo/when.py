"""How the forum's software writes a time: relative while it is fresh, with the exact one in a title."""

from datetime import datetime, timedelta

from stream.process.clock import SHANGHAI

FRESH = timedelta(days=7)
_DAYS = ("昨天", "前天")


def exact(at: datetime, *, seconds: bool = False, date_only: bool = False) -> str:
    """`2026-9-3 08:05`: month and day without leading zeros."""
    local = at.astimezone(SHANGHAI)
    day = f"{local.year}-{local.month}-{local.day}"
    return day if date_only else f"{day} {local:%H:%M:%S}" if seconds else f"{day} {local:%H:%M}"


def titled(at: datetime, *, seconds: bool = False, date_only: bool = False) -> str:
    """The padded form that stands in the `title` of a relative time."""
    form = "%Y-%m-%d" if date_only else "%Y-%m-%d %H:%M:%S" if seconds else "%Y-%m-%d %H:%M"
    return at.astimezone(SHANGHAI).strftime(form)


def relative(at: datetime, now: datetime) -> str | None:
    """`5\u00a0分钟前`, `昨天\u00a008:05`, `4\u00a0天前`; None once a week has passed."""
    local, today = at.astimezone(SHANGHAI), now.astimezone(SHANGHAI)
    days = (today.date() - local.date()).days
    if days >= FRESH.days:
        return None
    if days > len(_DAYS):
        return f"{days}\u00a0天前"
    if days > 0:
        return f"{_DAYS[days - 1]}\u00a0{local:%H:%M}"
    age = int((today - local).total_seconds())
    if age >= 3600:
        return f"{age // 3600}\u00a0小时前"
    if age >= 1800:
        return "半小时前"
    if age >= 60:
        return f"{age // 60}\u00a0分钟前"
    return f"{age}\u00a0秒前" if age else "刚刚"
