"""A forum that is written on while the stages die: quiet days behind it, then one topic after another boils over."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

from aiosmtpd.smtp import SMTP, Envelope, Session
from yaml import safe_dump, safe_load

from scripts.demo.forum import AccessLog
from scripts.demo.mailbox import Mailbox
from scripts.demo.world import Board, Entry, Member, Thread, World
from stream.messages import post_id
from stream.process.clock import SystemClock
from tests.faults.evidence import Mail

EXAMPLE = Path("configs", "example")
SITE = "faults-bbs"
SOURCE = "faults"
TOPICS = 30
FORGOTTEN = "5m"  # after it a judged wave opens a new case: letters never run out while somebody owes a death
BOARDS = (Board(fid=2, name="停电抢修"), Board(fid=3, name="生活闲聊"))
QUIET = timedelta(hours=40)  # of chat before now
USUAL = (
    timedelta(days=9),
    timedelta(days=3),
)  # before now each topic is spoken of: what is older than two days teaches
USUAL_EVERY = timedelta(hours=8)
BURST = 24  # posts of a topic that boils over, each by another voice
BURSTS_EVERY = timedelta(seconds=20)
CHAT_EVERY = timedelta(seconds=3)
LETTERS = 6  # to one person at once: what is more is told in digests
UPKEEP = {"withhold": "* * * * *", "expire": "20 4 * * *"}
STEMS, BRANCHES = "甲乙丙丁戊己庚辛壬癸", "子丑寅卯辰巳午未申酉戌亥"
ORDINARY = "{}的路灯修好了，第{}盏"
CALM = ("今天天气不错", "食堂今天的鱼不错", "充电桩挺好用", "办理电费发票很方便，点赞")
ANGRY = "{}又停电了，气死人了，第{}次了，太差劲了，垃圾公司！"


class StoppableClock(SystemClock):
    """The machine's clock until it is stopped: then nothing more appears on the forum."""

    def __init__(self) -> None:
        self._stopped: datetime | None = None

    def now(self) -> datetime:
        return self._stopped or super().now()

    def stop(self) -> None:
        self._stopped = super().now()


class ServedWords(AccessLog):
    """What left the forum: of every post the words last shown, by its id with us."""

    def __init__(self) -> None:
        super().__init__()
        self.words: dict[str, str] = {}

    def serve(self, posts: list[Entry], now: datetime) -> None:
        super().serve(posts, now)
        for post in posts:
            words = post.edited_text if post.is_edited(now) else post.text
            self.words[post_id(SITE, f"pid:{post.pid}")] = words


@dataclass(slots=True)
class LethalMailbox(Mailbox):
    """A mail server that can kill its client between keeping a letter and saying so."""

    took: list[Mail] = field(default_factory=list)
    kill: Any = None

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        answer = await Mailbox.handle_DATA(self, server, session, envelope)
        content = envelope.content if isinstance(envelope.content, bytes) else b""
        self.took.append(Mail(str(self.letters[-1]["Message-ID"]), envelope.rcpt_tos[0], content))
        if self.kill is not None:
            kill, self.kill = self.kill, None
            kill()
        return answer


def keyword(topic: int) -> str:
    """The place that a topic is about."""
    return f"{STEMS[topic % 10]}{BRANCHES[topic % 12]}里"


def write_world(chance: Random, now: datetime, lasting: timedelta) -> World:
    """Everything that will be on the forum until `now + lasting`."""
    entries: dict[int, Entry] = {}
    threads: dict[int, Thread] = {}
    crowd = [Member(100 + number, f"网友{number}") for number in range(300)]

    def open_thread(fid: int, title: str, at: datetime) -> int:
        tid = 11 + len(threads)
        threads[tid] = Thread(tid=tid, fid=fid, title=title, at=at)
        return tid

    drafts: list[tuple[datetime, int, Member, str, datetime | None]] = []
    for number in range(int(QUIET / timedelta(hours=1))):
        at = now - QUIET + timedelta(hours=number)
        if number % 8 == 0:
            tid = open_thread(3, f"闲聊{number}", at)
        drafts.append((at, tid, chance.choice(crowd), f"{CALM[number % 4]} {number}", None))
    for topic in range(TOPICS):
        tid = open_thread(3, f"{keyword(topic)}的日常", now - USUAL[0])
        for number in range((USUAL[0] - USUAL[1]) // USUAL_EVERY):
            at = now - USUAL[0] + number * USUAL_EVERY + timedelta(minutes=7 * topic)
            drafts.append((at, tid, chance.choice(crowd), ORDINARY.format(keyword(topic), number), None))
    for number in range(int(lasting / CHAT_EVERY)):
        at = now + number * CHAT_EVERY
        if number % 8 == 0:
            tid = open_thread(3, f"今日闲聊{number}", at)
        edited = at + timedelta(seconds=4) if number % 9 == 4 else None
        drafts.append((at, tid, chance.choice(crowd), f"{CALM[number % 4]}，第{number}楼", edited))
    for number in range(int(lasting / BURSTS_EVERY)):
        at = now + number * BURSTS_EVERY
        tid = open_thread(2, f"{keyword(number % TOPICS)}的事", at)
        for post, voice in enumerate(chance.sample(crowd, BURST)):
            words = ANGRY.format(keyword(number % TOPICS), f"{number}{post:02d}")
            drafts.append((at + timedelta(milliseconds=700 * post), tid, voice, words, None))
    drafts.sort(key=lambda draft: draft[:2])
    for pid, (at, tid, author, text, edited) in enumerate(drafts, 1001):
        entries[pid] = Entry(
            pid=pid, tid=tid, author=author, at=at, text=text, edited_at=edited, edited_text=f"{text}（更正）"
        )  # fmt: skip
    return World(BOARDS, threads, entries)


def write_configs(
    folder: Path, *, var: Path, forum: str, smtp_port: int, imap_port: int, engines: dict[str, str]
) -> None:
    """The shipped configuration with short limits, small batches, this forum and these engines."""
    folder.mkdir(parents=True)
    key = folder / "voice.key"
    key.touch(mode=0o600)
    key.write_text("of no use to anybody", "utf-8")
    alerts = safe_load((EXAMPLE / "alerts.yml").read_text("utf-8"))
    for limits in alerts["ladder"]["limits"].values():
        for limit in limits.values():
            limit["within"] = "20s"
    alerts["ladder"] |= {"least": "10s", "warn_at": 0.5}
    del alerts["folder"]
    mailbox = {"host": "127.0.0.1", "port": smtp_port, "tls": "none", "made_up": True}
    smtp = mailbox | {"timeout": "2s", "accept_timeout": "5s"}
    inbox = {
        "address": alerts["sender"], "host": "127.0.0.1", "port": imap_port, "tls": "none", "username": "wenfeng",
        "password_file": str(key), "poll_every": "1s", "timeout": "2s",
    }  # fmt: skip
    topics = {
        f"t{number:02d}": {"name": keyword(number), "owner": "dispatch", "rules": [{"any_of": [keyword(number)]}]}
        for number in range(TOPICS)
    }
    source = {
        "site": SITE, "software": "discuz", "url": forum, "basis": "our own forum on loopback", "delay": "0ms",
        "private": True, "cron": "*/5 * * * *",
    }  # fmt: skip
    kept = {name: {"partitions": 3} for name in ("posts.raw", "posts.scored")}
    files: dict[str, Any] = {
        "stream": {"var": str(var), "batch": 24, "stop_after_rejects": 1000, "topics": kept, "upkeep": UPKEEP}
        | engines,
        "nlp": {"model": str(Path("nlp", "model").resolve()), "threads": 1},
        "topics": {"topics": topics},
        "alerts": alerts
        | {"smtp": smtp, "inbox": inbox, "look_every": "4s", "forget_after": FORGOTTEN, "letters_per_10m": LETTERS},
        "crawlers": {"contact": "nobody@example.invalid", "voice_key_file": str(key), "sources": {SOURCE: source}},
    }
    for name, content in files.items():
        (folder / f"{name}.yml").write_text(safe_dump(content, allow_unicode=True), "utf-8")
