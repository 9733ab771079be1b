"""Times as a person types them for a search, in Beijing."""

from datetime import datetime, timedelta
from re import fullmatch

from stream.errors import Rejected
from stream.process.clock import SHANGHAI

_DAYS = {"今天": 0, "昨天": 1, "前天": 2}
_UNITS = {"m": "minutes", "分钟": "minutes", "h": "hours", "小时": "hours", "d": "days", "天": "days"}
_FORMS = ("%Y-%m-%d %H:%M", "%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S", "%Y年%m月%d日%H:%M")
_DAY_FORMS = ("%Y-%m-%d", "%Y/%m/%d", "%Y年%m月%d日")


def read_since(typed: str, now: datetime) -> datetime:
    """Reads where a search begins: a day begins at its midnight.

    `2026-09-22`, `2026-09-22 14:00`, `今天`, `昨天`, `前天`, `昨天 14:00`, or so long before `now`: `24h`, `7d`, `30m`,
    `24小时`; a time with a zone of its own too. Raises `Rejected("time")` for anything else.
    """
    return _read(typed.strip(), now)[0]


def read_until(typed: str, now: datetime) -> datetime:
    """Reads where a search ends, not itself included; a day is included whole. Otherwise as `read_since`."""
    moment, whole_day = _read(typed.strip(), now)
    return moment + timedelta(days=1) if whole_day else moment


def _read(typed: str, now: datetime) -> tuple[datetime, bool]:
    """Reads a moment, and whether a whole day was meant."""
    day, _, rest = typed.partition(" ")
    if day in _DAYS:
        today = now.astimezone(SHANGHAI) - timedelta(days=_DAYS[day])
        typed = f"{today:%Y-%m-%d} {rest}".strip()
    if before := fullmatch(rf"([0-9]{{1,4}}) ?({'|'.join(_UNITS)})", typed):
        return now - timedelta(**{_UNITS[before[2]]: int(before[1])}), False
    for forms, whole_day in ((_FORMS, False), (_DAY_FORMS, True)):
        for form in forms:
            try:
                return datetime.strptime(typed, form).replace(tzinfo=SHANGHAI), whole_day
            except ValueError:
                continue
    try:
        moment = datetime.fromisoformat(typed)
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None:
        raise Rejected("time", f"“{typed}”不是时间：请写 2026-09-22、2026-09-22 14:00、昨天，或 24h、7d")
    return moment, False
