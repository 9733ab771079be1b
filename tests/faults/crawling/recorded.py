"""The same siege laid to a recorded forum: state a from nothing, state b on top of it, scored by its truth."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from random import Random
from urllib.parse import parse_qs, urlsplit

from scripts.captures.forums import as_written, score
from scripts.captures.serving import Run, ask, captured_at, served
from stream.codec import POSTS
from stream.messages import Post
from tests.faults.crawling.killing import Requests, Siege, in_the_log, moments, write_configs
from tests.faults.crawling.site import SOURCE
from tests.faults.processes import AheadClock, Stage

RECORDED = "discuz-utf8"
PASSES = (0.5, 1.5)  # seconds between a death and the next start: a recording stands still
REDIRECT = 302


@dataclass(frozen=True, slots=True)
class Logged:
    """One request by the replay server's log."""

    crawl: int
    path: str
    status: int


class Replayed(Requests):
    """The log that the replay server keeps; `starts` is how long it was when each crawl began."""

    def __init__(self, port: int) -> None:
        super().__init__()
        self._port = port
        self.starts: list[int] = []

    def next_crawl(self) -> int:
        self.starts.append(self.total)
        return super().next_crawl()

    @property
    def total(self) -> int:
        """All requests so far."""
        return int(ask(self._port, "stats")["requests"])

    @property
    def of_crawl(self) -> int:
        return self.total - self.starts[-1]

    def logged(self) -> Iterator[Logged]:
        """Every request, with the crawl that made it."""
        for place, one in enumerate(ask(self._port, "stats")["log"]):
            status = one["answer"] if isinstance(one["answer"], int) else 0
            yield Logged(sum(start <= place for start in self.starts), one["path"], status)


@dataclass(slots=True)
class Outcome:
    """How it went: figures for people, and what was not right."""

    figures: dict[str, object] = field(default_factory=dict)
    broken: list[str] = field(default_factory=list)


def besiege(folder: Path, home: Path, kills: int, chance: Random) -> Outcome:
    """Crawls both states of the recording, killed at most so often in each, and once more with nothing left to do."""
    outcome, states = Outcome(), captured_at(folder, RECORDED)
    home.mkdir(parents=True)
    complaints = home / "server.log"
    with complaints.open("w") as told, served(folder, Run(RECORDED, "killed", 0), told) as port:
        write_configs(home / "configs", var=home / "var", source={"url": f"http://127.0.0.1:{port}/forum.php"})
        words = ("crawlers", "crawl", SOURCE, "--configs", str(home / "configs"))
        clock, requests = AheadClock(), Replayed(port)
        siege = Siege(Stage("crawl", words, home / "crawl.log"), clock, requests, chance, passes=PASSES)
        bounds: dict[str, int] = {}
        turns: dict[str, datetime] = {}
        for state in "ab":
            clock.ahead += states[state] - clock.now()
            ask(port, f"state?{state}")
            bounds[state], turns[state] = requests.crawl, clock.now()
            siege.kill_until_through(moments(chance, kills, hit=3, request=30))
            siege.in_peace()
        siege.in_peace()
        log = list(requests.logged())
    records, refused = in_the_log(home / "configs")
    for state in "ab":
        until = turns["b"] if state == "a" else clock.now()
        since = [post for post in records if turns[state] <= post.observed_at < until]
        _score(outcome, folder, home, state, since)
    killed = {one.number for one in siege.crawls if one.killed}
    for first, last in ((0, bounds["b"]), (bounds["b"], requests.crawl)):
        outcome.broken += beyond([one for one in log if first < one.crawl <= last], killed)
    if any("viewthread" in one.path for one in log if one.crawl == requests.crawl):
        outcome.broken.append("a crawl with nothing to do read threads")
    outcome.broken += siege.surprises + ([f"{refused} records in quarantine"] if refused else [])
    outcome.figures |= {"kills": siege.deaths.total(), "requests": len(log), "records in the log": len(records)}
    return outcome


def beyond(log: Sequence[Logged], killed: Iterable[int]) -> list[str]:
    """What one state was asked without a reason: a page twice in a crawl, or a thread again that no kill cut off."""
    crawls: dict[int, list[Logged]] = {}
    for one in log:
        crawls.setdefault(one.crawl, []).append(one)
    in_hand = Counter(_thread(crawls[number][-1].path) for number in killed if number in crawls)
    told = []
    for number, asked in crawls.items():
        twice = Counter(one.path for one in asked)
        told += [f"crawl {number} asked for {path} {times} times" for path, times in twice.items() if times > 1]
    stubs = sum(one.status == REDIRECT for one in log)  # a stub has what it leads to looked at once more
    often = Counter(one.path for one in log if _thread(one.path) is not None)
    for path, times in often.items():
        thread = _thread(path)
        if times > 1 + in_hand[thread] and stubs:
            stubs -= 1
        elif times > 1 + in_hand[thread]:
            told.append(f"{path} was asked for {times} times, {in_hand[thread]} kills fell on it")
    return told


def _score(outcome: Outcome, folder: Path, home: Path, state: str, records: Sequence[Post]) -> None:
    newest = {post.id: post for post in records}
    rows = home / f"{state}.jsonl"
    rows.write_bytes(b"".join(as_written(POSTS.encode(post)) for post in newest.values()))
    told = score(folder, RECORDED, state, rows)
    figures = [told["recall"], told["precision"], told["time"]["exact"], told["text"]["exact"]]
    deleted = told.get("deleted", {"wanted": 0, "found": 0, "wrong": 0})
    outcome.figures[f"state {state}: recall, precision, times, texts"] = ", ".join(map(str, figures))
    outcome.figures[f"state {state}: deletions told of those there are, wrong"] = (
        f"{deleted['found']} of {deleted['wanted']}, {deleted['wrong']}"
    )
    sound = all(one == 1 for one in figures) and not told.get("unneeded", 0)
    if not sound or (deleted["found"], deleted["wrong"]) != (deleted["wanted"], 0):
        outcome.broken.append(f"state {state}: {told}")


def _thread(path: str) -> str | None:
    query = parse_qs(urlsplit(path).query)
    return query["tid"][0] if query.get("mod") == ["viewthread"] else None
