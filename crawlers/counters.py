"""Numbers that move by themselves: which of them are worth another record of a post whose words are the same."""

import re
from dataclasses import replace
from datetime import timedelta

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
