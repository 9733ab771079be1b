"""The story: three weeks of ordinary life around a made-up power company, then a rumour and its end."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

from scripts.demo.oddities import ODD_THREADS, monster
from scripts.demo.sentences import MOODS, Sentences, wording
from scripts.demo.world import Board, Entry, Member, Stuck, Thread, World
from stream.process.clock import SHANGHAI

SEED = 20260901
START = datetime(2026, 9, 1, tzinfo=SHANGHAI)
DAYS = 23  # the rumour is on day 22; the morning after belongs to the story
OFFICIAL = "临江供电官方"

BOARDS = (
    Board(fid=2, name="停电抢修"),
    Board(fid=3, name="抢修现场", parent=2),
    Board(fid=4, name="电费账单"),
    Board(fid=5, name="充电桩"),
    Board(fid=6, name="施工占道"),
    Board(fid=7, name="食堂班车", noisy=True),
    Board(fid=8, name="薪酬招聘"),
    Board(fid=9, name="生活闲聊"),
    Board(fid=10, name="站务内部", closed=True),
)
TALK = {"outage": 22, "bills": 15, "chargers": 14, "works": 11, "canteen": 13, "pay": 11, "life": 14}
RHYTHM = (2, 1, 0, 0, 0, 1, 4, 9, 10, 9, 8, 8, 11, 9, 7, 7, 7, 8, 11, 13, 14, 13, 10, 5)  # of 24 local hours
TEMPERS = {  # per cent of negative, neutral and positive replies to an opening of that mood
    "negative": (42, 46, 12),
    "neutral": (14, 60, 26),
    "positive": (6, 38, 56),
}
THREADS_A_DAY = (6, 8)
REPLIES = 5.6  # per thread, on average
NIGHT = range(1, 6)


@dataclass(slots=True)
class Draft:
    """A thread while it is written; numbers are given in order of time when everything is."""

    fid: int
    title: str
    posts: list[dict[str, Any]]
    kind: str | None = None
    extra: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Story:
    """The forum and the two moments that the demo's people act on."""

    world: World
    rumour_at: datetime
    clarified_at: datetime


def tell() -> Story:
    """The same story every time."""
    chance = Random(SEED)
    rumour = wording("rumour")
    begun = datetime.fromisoformat(rumour["start"])
    cast = Cast(rumour["crowd"])
    drafts = [*ordinary_life(chance, cast), *oddities(cast), *ferment(rumour, begun, chance, cast)]
    clarified = begun + timedelta(minutes=rumour["clarification"]["at"])
    drafts.append(clarification(rumour, begun, chance, cast))
    return Story(numbered(drafts), begun.astimezone(UTC), clarified.astimezone(UTC))


class Cast:
    """Everybody who writes: names become members in order of first appearance."""

    def __init__(self, crowd: list[str]) -> None:
        self.crowd = crowd
        self.regulars = [first + second for first in wording("names")["first"] for second in wording("names")["second"]]
        self._members: dict[str, Member] = {}

    def member(self, name: str) -> Member:
        return self._members.setdefault(name, Member(101 + len(self._members), name))

    def anybody(self, chance: Random) -> Member:
        """One of the regulars."""
        return self.member(chance.choice(self.regulars))


def ordinary_life(chance: Random, cast: Cast) -> Iterator[Draft]:
    """Threads of every day, opened and answered at the hours at which people are awake."""
    sentences = Sentences(chance)
    talks = [wording(name) for name in TALK]
    for day in range(DAYS):
        for _ in range(chance.randint(*THREADS_A_DAY)):
            hours, seconds = chance.choices(range(24), RHYTHM)[0], chance.randrange(3600)
            at = START + timedelta(days=day, hours=hours, seconds=seconds)
            yield _chat(chance.choices(talks, list(TALK.values()))[0], at, chance, cast, sentences)


def _chat(talk: dict[str, Any], at: datetime, chance: Random, cast: Cast, sentences: Sentences) -> Draft:
    title, text, mood = sentences.opening(talk["openings"])
    kind, _, bare = title.rpartition("] ")
    posts = [{"who": cast.anybody(chance), "at": at, "text": text}]
    for _ in range(min(34, int(chance.expovariate(1 / REPLIES)))):
        at = awake(at + timedelta(minutes=chance.expovariate(1 / 95) + 1), chance)
        words = sentences.reply(talk, chance.choices(MOODS, TEMPERS[mood])[0])
        quotes = chance.randrange(len(posts)) if chance.random() < 0.12 else None
        posts.append({"who": cast.anybody(chance), "at": at, "text": words, "quotes": quotes})
    sub = talk["board"] == "停电抢修" and chance.random() < 0.15
    return Draft(_fid("抢修现场" if sub else talk["board"]), bare, posts, kind.removeprefix("[") or None)


def awake(at: datetime, chance: Random) -> datetime:
    """The same moment, or the next morning if it falls into the night."""
    if at.hour not in NIGHT:
        return at
    return at.replace(hour=6) + timedelta(minutes=chance.randrange(150))


def oddities(cast: Cast) -> Iterator[Draft]:
    """The threads that are there because real forums have them."""
    for odd in ODD_THREADS:
        posts = [
            {**post, "who": cast.member(post["who"]) if post["who"] else Member(0, ""), "at": moment(post["at"])}
            for post in odd["posts"]
        ]
        extra = {key: moment(value) if key.endswith("_at") else value for key, value in odd.get("extra", {}).items()}
        yield Draft(odd["fid"], odd["title"], posts, odd.get("kind"), extra)


def ferment(rumour: dict[str, Any], begun: datetime, chance: Random, cast: Cast) -> Iterator[Draft]:
    """The rumour: its threads, the crowd's replies, the chain message pasted over and over, edits and deletions."""
    drafts: dict[str, Draft] = {}
    for key, told in rumour["threads"].items():
        post = {"who": cast.member(told["who"]), "at": _after(begun, told["at"], chance), "text": told["text"]}
        if told["text"] == "MONSTER":
            post |= {"text": "", "markup": monster()}
        if edited := told.get("edited"):
            post |= {"edited_at": _after(begun, edited["at"], chance), "edited_text": edited["text"]}
        extra = {"deleted_at": _after(begun, told["gone"], chance)} if "gone" in told else {}
        drafts[key] = Draft(_fid(told["board"]), told["title"], [post], None, extra)
    crowd = _endless(cast.crowd, chance)
    replies = [
        (key, minute, text, rumour["replies_gone"].get(number))
        for number, (key, minute, text) in enumerate(rumour["replies"], 1)
    ]
    replies += [(key, minute, text, None) for key, minute, text in rumour["clarification"]["elsewhere"]]
    replies += _copies(rumour, chance)
    for key, minute, text, gone in replies:
        post = {"who": cast.member(next(crowd)), "at": _after(begun, minute, chance), "text": text}
        if gone is not None:
            post["deleted_at"] = _after(begun, gone, chance)
        drafts[key].posts.append(post)
    yield from drafts.values()


def clarification(rumour: dict[str, Any], begun: datetime, chance: Random, cast: Cast) -> Draft:
    """The company's own words, pinned to the top of every board, and what people answer."""
    told = rumour["clarification"]
    crowd = _endless(cast.crowd, chance)
    at = begun + timedelta(minutes=told["at"])
    posts = [{"who": cast.member(OFFICIAL), "at": at, "text": told["text"]}]
    posts += [
        {"who": cast.member(next(crowd)), "at": _after(begun, minute, chance), "text": text}
        for minute, text in told["replies"]
    ]
    return Draft(_fid(told["board"]), told["title"], posts, None, {"stuck": Stuck.EVERYWHERE})


def numbered(drafts: list[Draft]) -> World:
    """Threads and posts with the numbers that a forum would have given them: in order of time."""
    for draft in drafts:
        draft.posts.sort(key=lambda post: post["at"])
    ordered = sorted(drafts, key=lambda draft: draft.posts[0]["at"])
    threads, tids = {}, {}
    for tid, draft in enumerate(ordered, 11):
        tids[id(draft)] = tid
        extra = dict(draft.extra)
        if "moved_to" in extra:
            extra["moved_to"] = next(tids[id(other)] for other in ordered if other.title == extra["moved_to"])
        threads[tid] = Thread(
            tid=tid, fid=draft.fid, title=draft.title, at=_utc(draft.posts[0]["at"]), kind=draft.kind, **extra
        )
    return World(BOARDS, threads, _entries(ordered, tids))


def _entries(ordered: list[Draft], tids: dict[int, int]) -> dict[int, Entry]:
    told = [(post["at"], tids[id(draft)], floor, post) for draft in ordered for floor, post in enumerate(draft.posts)]
    told = [one for one in told if one[3].get("text") is not None]
    pids = {(tid, floor): pid for pid, (_, tid, floor, _) in enumerate(sorted(told, key=lambda t: t[:3]), 1001)}
    entries = {}
    for at, tid, floor, post in told:
        quotes = post.get("quotes")
        entry = Entry(
            pid=pids[tid, floor], tid=tid, author=post["who"], at=_utc(at), text=post["text"],
            quotes=None if quotes is None else pids[tid, quotes],
        )  # fmt: skip
        given = {key: value for key, value in post.items() if key not in {"who", "at", "text", "quotes"}}
        times = {key: _utc(value) for key, value in given.items() if key.endswith("_at")}
        entries[entry.pid] = replace(entry, **given | times)
    return entries


def _copies(rumour: dict[str, Any], chance: Random) -> list[tuple[str, int, str, int | None]]:
    texts = [rumour["chain"]] * rumour["copies"]["verbatim"] + rumour["copies"]["near"]
    chance.shuffle(texts)
    places = ["three_days", "candles", "dead", "hospital", "blame"]
    return [(places[number % 5], 41 + number // 2, text, None) for number, text in enumerate(texts)]


def _endless(crowd: list[str], chance: Random) -> Iterator[str]:
    while True:
        yield from chance.sample(crowd, len(crowd))


def _after(begun: datetime, minute: int, chance: Random) -> datetime:
    return begun + timedelta(minutes=minute, seconds=chance.randrange(55))


def _fid(name: str) -> int:
    return next(board.fid for board in BOARDS if board.name == name)


def moment(told: str | datetime) -> datetime:
    """A local time as written in the wording, `2026-09-05 12:10`."""
    return told if isinstance(told, datetime) else datetime.fromisoformat(told).replace(tzinfo=SHANGHAI)


def _utc(at: datetime) -> datetime:
    return at.astimezone(UTC)
