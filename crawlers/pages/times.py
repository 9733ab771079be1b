"""Every way a Chinese site writes a time, read relative to the server's own clock."""

# Not dateutil, not dateparser: both guess where a site's form is fixed (dateutil takes "5" for a day of this month and
# knows no Chinese; dateparser is silent on 半小时前 and 昨晚8点), and a guessed time opens a false spike. email.utils
# reads the English forms of mail.

from datetime import UTC, datetime, tzinfo

from crawlers.pages.time_forms import DATED, FORMS
from crawlers.pages.time_words import LONGEST, orders, said
from stream.messages import Precision
from stream.process.clock import SHANGHAI

FIRST_YEAR, LAST_YEAR = 1971, 2100  # outside of these a site's time is a mistake; 1970 is what a clock at zero says

#: What exports and templates write where they have nothing to say.
_ANY_DAY = datetime(2026, 1, 1, tzinfo=UTC)
SAYS_NONE = frozenset(["null", "none", "nil", "nan", "n/a", "na", "无", "無", "未知", "不详", "不詳", "暂无", "暫無"])


def read_time(
    text: str, at: datetime, zone: tzinfo = SHANGHAI, *, dated: bool = False
) -> tuple[datetime | None, Precision]:
    """Reads the moment in UTC, and how exactly the site says it; (None, UNKNOWN) for what is no time. Never raises.

    `at` is the server's clock at the answer (its Date header), `zone` the site's zone for times written without one.
    `dated` is for what was said nobody knows when: only a date is a time then (no `3分钟前`, `昨天`, `15:05`).
    DAY means no better than a day as a rule: also `3小时前`, `几分钟前`. A bare day is its local midnight.
    """
    words = said(text)
    if not words or len(words) > LONGEST:
        return None, Precision.UNKNOWN
    for told in orders(words):
        try:
            moment, precision = _read(told, at.astimezone(zone), zone, dated=dated)
        except (ValueError, OverflowError):  # a form we know with numbers that are no time: 02-30, 25:00, year 0
            continue
        if moment is not None:
            return moment, precision
    return None, Precision.UNKNOWN


def says_a_time(text: str) -> bool:
    """Tells whether words are a time, whichever: that does not depend on the day on which they are read."""
    return read_time(text, _ANY_DAY)[0] is not None


def not_understood(text: str, moment: datetime | None) -> str:
    """Returns the words, up to some length, that mean to say a time and of which no `moment` was read; else "".

    Nothing, a mere label (`发表于`), a dash, and words for having none (`不详`, `N/A`) say no time.
    """
    words = said(text)
    silent = moment is not None or words in SAYS_NONE or not any(map(str.isalnum, words))
    return "" if silent else words[:LONGEST]


def plausible(moment: datetime) -> bool:
    """Tells whether a post can have been published then, as far as the year tells."""
    return FIRST_YEAR <= moment.year <= LAST_YEAR


def _read(words: str, local: datetime, zone: tzinfo, *, dated: bool) -> tuple[datetime | None, Precision]:
    for form, reader in FORMS:
        if match := form.fullmatch(words):
            if dated and reader not in DATED:
                break
            moment, precision = reader(match, local)
            if moment.tzinfo is None:
                moment = moment.replace(tzinfo=zone)
            moment = moment.astimezone(UTC)
            if plausible(moment):
                return moment, precision
            break
    return None, Precision.UNKNOWN
