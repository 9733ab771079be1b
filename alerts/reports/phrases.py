"""Times, spans and shares as reports write them: GB/T 9704 writes months and days without a leading nought. Pure."""

from datetime import datetime, timedelta

from stream.process.clock import local_time

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


def day(moment: datetime) -> str:
    """Writes the day in Asia/Shanghai: 9月2日."""
    return local_time(moment, "%-m月%-d日")


def day_of_year(moment: datetime) -> str:
    """Writes the day with its year: 2026年9月2日."""
    return local_time(moment, "%Y年%-m月%-d日")


def minute(moment: datetime) -> str:
    """Writes day and minute: 9月2日 15:20."""
    return local_time(moment, "%-m月%-d日 %H:%M")


def period(since: datetime, until: datetime) -> str:
    """Writes from when to when, the year once: 2026年9月1日 08:00 至 9月2日 08:00."""
    year = local_time(since, "%Y年")
    end = local_time(until, "%Y年")
    return f"{year}{minute(since)} 至 {'' if year == end else end}{minute(until)}"


def span(length: timedelta) -> str:
    """Writes a length in the one or two units that people would use: 45 秒, 12 分钟, 3 小时 5 分钟, 2 天 4 小时."""
    seconds = max(0, round(length.total_seconds()))
    if seconds < 60:
        return f"{seconds} 秒"
    minutes = round(seconds / 60)
    if minutes < 60:
        return f"{minutes} 分钟"
    if minutes < 48 * 60:
        return f"{minutes // 60} 小时" + (f" {minutes % 60} 分钟" if minutes % 60 else "")
    hours = round(minutes / 60)
    return f"{hours // 24} 天" + (f" {hours % 24} 小时" if hours % 24 else "")


def part(share: float | None) -> str:
    """Writes a share in whole percent; a dash where there is none."""
    return "—" if share is None else f"{share:.0%}"


def change(before: int, now: int) -> str:
    """Writes how a count moved against the one before it."""
    if before == now:
        return "持平"
    if not before:
        return "新出现"
    return f"{'增' if now > before else '减'} {abs(now - before) / before:.0%}"
