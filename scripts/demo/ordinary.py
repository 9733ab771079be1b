"""Ordinary life on the forum: an office's week, and the Monday mornings on which the bills come."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from random import Random
from typing import Any

from alerts.detection.series.days import OfficeCalendar
from scripts.demo.drafts import Cast, Draft, fid
from scripts.demo.sentences import MOODS, Sentences, wording

TALK = {"outage": 22, "bills": 13, "chargers": 14, "works": 11, "canteen": 13, "pay": 11, "life": 14}
WORKDAY = (2, 1, 0, 0, 0, 1, 4, 10, 14, 12, 10, 9, 11, 9, 8, 8, 9, 10, 12, 11, 10, 9, 7, 4)  # of 24 local hours
WEEKEND = (3, 2, 0, 0, 0, 0, 1, 3, 5, 8, 9, 9, 8, 7, 8, 8, 8, 8, 9, 12, 13, 12, 9, 5)
TEMPERS = {  # per cent of negative, neutral and positive replies to an opening of that mood
    "negative": (42, 46, 12),
    "neutral": (14, 60, 26),
    "positive": (6, 38, 56),
}
THREADS = {True: (6, 8), False: (3, 4)}  # a working day, a free one
REPLIES, PAUSE = 5.6, 95.0  # per thread, and minutes between two, on average
BILLS, BILL_PAUSE = (9, 11), 14.0  # threads of a Monday morning, and minutes between two replies
BILLS_AT = timedelta(hours=8, minutes=20)
BILLS_SPREAD = 75  # minutes in which they are opened
MONDAY, SATURDAY = 0, 5
NIGHT = range(1, 6)


def ordinary_life(start: datetime, days: int, chance: Random, cast: Cast) -> Iterator[Draft]:
    """Threads of every day, opened and answered at the hours at which people are awake and, weekdays, at work."""
    sentences, calendar = Sentences(chance), OfficeCalendar()
    talks = [wording(name) for name in TALK]
    for day in range(days):
        midnight = start + timedelta(days=day)
        works = calendar.slot(midnight).like // 24 < SATURDAY
        for _ in range(chance.randint(*THREADS[works])):
            hours, seconds = chance.choices(range(24), WORKDAY if works else WEEKEND)[0], chance.randrange(3600)
            at = midnight + timedelta(hours=hours, seconds=seconds)
            talk = chance.choices(talks, list(TALK.values()))[0]
            yield _chat(talk, at, PAUSE, chance, cast, sentences)
        if works and midnight.weekday() == MONDAY:
            yield from _bills(midnight, chance, cast, sentences)


def _bills(midnight: datetime, chance: Random, cast: Cast, sentences: Sentences) -> Iterator[Draft]:
    """The week's bills are sent on Monday mornings, and those who are cross with theirs say so at once."""
    bills = wording("bills")
    bills["openings"] = bills["monday"]
    for _ in range(chance.randint(*BILLS)):
        at = midnight + BILLS_AT + timedelta(minutes=chance.random() * BILLS_SPREAD)
        yield _chat(bills, at, BILL_PAUSE, chance, cast, sentences)


def _chat(talk: dict[str, Any], at: datetime, pause: float, chance: Random, cast: Cast, sentences: Sentences) -> Draft:
    title, text, mood = sentences.opening(talk["openings"])
    kind, _, bare = title.rpartition("] ")
    posts = [{"who": cast.anybody(chance), "at": at, "text": text}]
    for _ in range(min(34, int(chance.expovariate(1 / REPLIES)))):
        at = awake(at + timedelta(minutes=chance.expovariate(1 / pause) + 1), chance)
        words = sentences.reply(talk, chance.choices(MOODS, TEMPERS[mood])[0])
        quotes = chance.randrange(len(posts)) if chance.random() < 0.12 else None
        posts.append({"who": cast.anybody(chance), "at": at, "text": words, "quotes": quotes})
    sub = talk["board"] == "停电抢修" and chance.random() < 0.15
    return Draft(fid("抢修现场" if sub else talk["board"]), bare, posts, kind.removeprefix("[") or None)


def awake(at: datetime, chance: Random) -> datetime:
    """The same moment, or the next morning if it falls into the night."""
    if at.hour not in NIGHT:
        return at
    return at.replace(hour=6) + timedelta(minutes=chance.randrange(150))
