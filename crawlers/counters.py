"""Numbers that move by themselves: which are worth another record of a post, or another reading of a thread."""

import re
from dataclasses import replace
from datetime import timedelta

from crawlers.pages.forum import UNTOLD
from stream.messages import Counts, Post

A_DAY = timedelta(days=1)
LEAST = (
    10  # views more, below which they say nothing: our own visits are among them, and all there are of a quiet thread
)
_VOTES = re.compile(r"(?<=（)\d+(?= 票）$)|(?<=共有 )\d+(?= 人[参參][与與]投票)", re.MULTILINE)


def counters_moved(known: Post, post: Post) -> bool:
    """Tells whether a post's counters say something new.

    Answers, likes and reposts do whenever they change. Views and votes come in all the time: they count once they are
    the double of what was sent, or a tenth more when that is a day ago. Some views are by our own visits, so there must
    be `LEAST` more of them; of votes, only in the latter case.
    """
    later = post.observed_at - known.observed_at >= A_DAY
    if _grew(ballots(known.text), ballots(post.text), later):
        return True
    before, now = known.counts, post.counts
    if now == Counts():  # a page that tells none
        return False
    told = replace(before, views=None) != replace(now, views=None) or (before.views is None) != (now.views is None)
    seen, seen_now = before.views or 0, now.views or 0
    return told or (seen_now - seen >= LEAST and _grew(seen, seen_now, later))


def listed_anew(known: str, told: str | None) -> bool:
    """Tells whether a thread moved, by the counters with which it was listed last and is now (None: not told).

    Those of a view that tells the first of them alone are compared as far as they go.
    """
    if told is None or known == told:
        return False
    if not known or not (known.endswith(UNTOLD) or told.endswith(UNTOLD)):
        return True
    before, now = known.removesuffix(UNTOLD).split(), told.removesuffix(UNTOLD).split()
    both = min(len(before), len(now))
    return before[:both] != now[:both]


def fuller(known: str, told: str | None) -> str:
    """Chooses, of counters that agree as far as both go, those to compare the next ones with."""
    return known if told is None or (known and told.endswith(UNTOLD)) else told


def whose(known: str | None, told: str | None, counters: str | None) -> str | None:
    """Tells whose board a thread is, as was `known` and as a list has it with its counters.

    Of a list whose counters are `UNTOLD` in part nobody knows whether it tells its pinned threads from the others,
    which may be another board's.
    """
    return known or told if counters is not None and counters.endswith(UNTOLD) else told or known


def same_words(known: Post, post: Post) -> bool:
    """Tells whether two records of a post have the same words: the votes of a poll are none."""
    if known.content_hash == post.content_hash:
        return True
    return (known.title, _VOTES.sub("", known.text)) == (post.title, _VOTES.sub("", post.text))


def ballots(text: str) -> int:
    """Adds up what a text says of a poll's votes."""
    return sum(int(match[0]) for match in _VOTES.finditer(text))


def _grew(before: int, now: int, later: bool) -> bool:
    doubled = now >= 2 * before and now > before
    return doubled or (later and now - before >= max(LEAST, before / 10))
