"""The oracle finds nothing in a sound installation, and names the invariant for everything that was broken in it."""

import json
from collections.abc import Callable, Iterator
from copy import copy
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner
from yaml import safe_dump, safe_load

from alerts.casefile.tables import EventKind
from alerts.cli.commands import main as alerts
from alerts.notify.contents.bulletin import Bulletin, Section
from alerts.notify.render.mail import Letterhead, mail
from alerts.notify.tables import OutboxRow
from alerts.replies.tables import ReplyRow
from crawlers.cli.commands import main as crawlers
from nlp.cli.commands import main as nlp
from scripts.demo.mailbox import open_mailbox
from stream.cli.commands import main as stream
from stream.config import StreamConfig
from stream.engines import open_producer
from stream.index.port import Bucket
from stream.log.broker import RAW, Message, Partition
from stream.messages import post_id
from stream.process.clock import SystemClock
from stream.process.configuration import Configuration
from tests.faults.evidence import Evidence, Mail, Size, gather
from tests.faults.oracle import ALL, check, check_running, in_words

EXAMPLE = Path(__file__).parents[2] / "configs" / "example"
ANGRY = "又停电了，气死人了，第{}次了，太差劲了，垃圾公司！"
CALM = ("办理电费发票很方便，点赞", "今天天气不错", "充电桩挺好用")

Breaking = Callable[[Evidence], dict[str, Any]]


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Evidence]:
    """What an installation holds after a burst of complaints, one unreadable record, a letter and a person's act."""
    home = tmp_path_factory.mktemp("sound")
    with open_mailbox(home / "letters") as mailbox:
        configs = _configs(home, mailbox.port)
        words = _posts(home / "export.jsonl")
        config = Configuration(configs, {}).add("stream.yml", StreamConfig)()
        for group, *command in (
            (crawlers, "import", str(home / "export.jsonl"), "--source", "export"),
            (nlp, "score", "--once"),
            (stream, "index", "--once"),
            (alerts, "watch", "--once"),
            (alerts, "case", "act", "1", "judge", "--by", "zhang_min", "--note", "多人投诉"),
            (alerts, "watch", "--once"),
        ):
            if "score" in command:
                open_producer(config, SystemClock()).publish([Message(RAW, "nobody", b"{")])
            assert (
                not CliRunner().invoke(group, [*command, "--configs", str(configs)], catch_exceptions=False).exit_code
            )
        mails = [
            Mail(str(letter["Message-ID"]), letter["To"].addresses[0].addr_spec, path.read_bytes())
            for letter, path in zip(mailbox.letters, sorted((home / "letters").iterdir()), strict=True)
        ]
        yield gather(configs, served=words, mails=mails)


def test_a_sound_installation_breaks_nothing(sound: Evidence) -> None:
    assert check(sound) == {}, in_words(check(sound))
    assert check_running(sound) == {}
    assert len(sound.indexed) == 74
    assert len(sound.quarantine) == 1
    assert len(sound.cases) == 1
    assert len(sound.mails) >= 2


def _without_last(field: str) -> Breaking:
    return lambda sound: {field: getattr(sound, field)[:-1]}


def _changed(field: str, **values: object) -> Breaking:
    """The last row of a table changed as by somebody else's hand."""

    def breaking(sound: Evidence) -> dict[str, Any]:
        *others, last = getattr(sound, field)
        changed = copy(last)
        for name, value in values.items():
            setattr(changed, name, value)
        return {field: [*others, changed]}

    return breaking


def _later(sound: Evidence) -> dict[str, Any]:
    part, offset = next((part, offset) for part, offset in sound.committed.items() if part[0] == "wenfeng.index")
    return {"committed": {part: offset}, "indexed": []}


def _twice_counted(sound: Evidence) -> dict[str, Any]:
    whole = sound.counted[0]
    at = next(at for at, bucket in enumerate(whole.buckets) if bucket.total)
    doubled = [replace(one, total=one.total + (slot == at)) for slot, one in enumerate(whole.buckets)]
    return {"counted": [replace(whole, buckets=doubled)]}


def _calm(sound: Evidence) -> dict[str, Any]:
    """The same posts scored a day later: when the case was opened there was nothing to see."""
    late = [record for record in sound.scored if b'"label":"negative"' not in (record.value or b"")]
    return {"scored": late, "indexed": [post for post in sound.indexed if post.label != "negative"]}


def _again(sound: Evidence) -> dict[str, Any]:
    """The case was judged and the same wave opened one more at once, as a watcher would that had forgotten it."""
    first, second = copy(sound.cases[0]), copy(sound.cases[0])
    first.ended_at = second.opened_at = first.opened_at + timedelta(seconds=1)
    second.id = 2
    opened = copy(sound.events[0])
    opened.case_id = 2
    return {"cases": [first, second], "events": [*sound.events, opened]}


def _of_memory(**values: object) -> Breaking:
    """Every topic's memory changed."""

    def breaking(sound: Evidence) -> dict[str, Any]:
        changed = [copy(row) for row in sound.memory]
        for row in changed:
            for name, value in values.items():
                setattr(row, name, value)
        return {"memory": changed}

    return breaking


BREAKINGS: dict[str, tuple[str, Breaking]] = {
    "a served post never came": ("I1", lambda sound: {"served": {**sound.served, "0" * 32: "没有人读过"}}),
    "a served post came with other words": (
        "I1", lambda sound: {"served": {**sound.served, next(iter(sound.served)): "另外的话"}},
    ),
    "a served post is not noted": ("I1", lambda sound: {"acknowledged": {}}),
    "an acknowledged post is not in the log": (
        "I2", lambda sound: {"acknowledged": {**sound.acknowledged, "0" * 32: b"{}"}},
    ),
    "a record was never scored": ("I3", _without_last("scored")),
    "a scored post is not indexed": ("I3", _without_last("indexed")),
    "the index has an older observation": (
        "I3",
        lambda sound: {
            "indexed": [replace(sound.indexed[0], observed_at=sound.indexed[0].observed_at - timedelta(hours=1)),
                        *sound.indexed[1:]]
        },
    ),
    "the index has what nobody sent": ("I3", lambda sound: {"scored": [], "committed": {}, "indexed": sound.indexed}),
    "an unreadable record vanished": ("I3", lambda sound: {"quarantine": []}),
    "a post is in the quarantine and in the index": (
        "I3",
        lambda sound: {
            "quarantine": [
                *sound.quarantine,
                replace(sound.quarantine[0], topic=sound.scored[0].partition.topic,
                        partition=sound.scored[0].partition.number, offset=sound.scored[0].offset),
            ]
        },
    ),
    "an erased post came back": ("I3", lambda sound: {"erased": {sound.indexed[0].id}}),
    "a post is there twice": ("I4", lambda sound: {"indexed": [*sound.indexed, sound.indexed[0]]}),
    "the index counts one too many": ("I4", lambda sound: {"count": sound.count + 1}),
    "a window counts a post twice": ("I5", _twice_counted),
    "a window lost its posts": (
        "I5", lambda sound: {"counted": [replace(one, buckets=[Bucket(b.start) for b in one.buckets])
                                         for one in sound.counted[:1]]},
    ),
    "a spike has no case": ("I6", lambda sound: {"cases": [], "tasks": [], "events": [], "told": []}),
    "a case was opened twice": ("I6", lambda sound: {"cases": [*sound.cases, sound.cases[0]]}),
    "a case was opened without a spike": ("I6", _calm),
    "a wave has two cases": ("I6", _again),
    "a wave is told as two": ("I6", _changed("events", kind=EventKind.REKINDLED)),
    "a wave that was told is forgotten": ("I11", _of_memory(told="[]")),
    "a wave is remembered that nobody saw": ("I11", lambda sound: {"scored": _calm(sound)["scored"]}),
    "a topic began anew": ("I11", _of_memory(began_at=datetime(2100, 1, 1, tzinfo=UTC))),
    "a topic is not remembered": ("I11", lambda sound: {"memory": []}),
    "the last step judged went back": ("I11", lambda sound: {"judged_until": sound.judged_until - timedelta(hours=1)}),
    "no step was judged": ("I11", lambda sound: {"judged_until": None}),
    "what a topic taught is something else": ("I11", _of_memory(numbers=np.ones(1).tobytes())),
    "a letter was lost": ("I7", _without_last("mails")),
    "a letter is still claimed": ("I7", _changed("letters", state="claimed")),
    "a letter was never queued": ("I7", _without_last("letters")),
    "a letter came twice and nobody was killed": ("I7", lambda sound: {"mails": [*sound.mails, sound.mails[0]]}),
    "a letter came with other words": (
        "I7", lambda sound: {"mails": [replace(sound.mails[0], content=b"Subject: x\n\nx"), *sound.mails[1:]]},
    ),
    "a letter was written after its task had ended": (
        "I7", _changed("letters", queued_at=datetime(2100, 1, 1, tzinfo=UTC), task_id=1),
    ),
    "a letter was taken back and nothing stands for it": ("I7", _changed("letters", state="withdrawn", instead=None)),
    "a letter was taken back for one that is not there": (
        "I7", _changed("letters", state="withdrawn", instead="<2.rose-2.ab.0@h>"),
    ),
    "two letters stand for each other": ("I7", _changed("letters", state="withdrawn", instead="<itself@h>",
                                                        message_id="<itself@h>")),
    "a letter was taken back though its task runs": ("I7", _changed("letters", state="withdrawn", instead="over")),
    "a letter could not be written": ("I7", _changed("letters", state="failed")),
    "a letter was sent after its task had ended": (
        "I7", _changed("letters", tried_at=datetime(2100, 1, 1, tzinfo=UTC), task_id=1, state="sent"),
    ),
    "an answer was never read": ("I7", lambda _: {"answers": ["<1@people.example>"]}),
    "an answer was dealt with and its writer not told": (
        "I7", lambda _: {"replies": [ReplyRow(message_id="<1@people.example>", outcome="acted", case_id=1)]},
    ),
    "a commit ran ahead of the work": ("I8", _later),
    "a line of a history was changed": ("I9", _changed("events", note="另有说法")),
    "a line of a history was taken out": ("I9", lambda sound: {"events": sound.events[1:]}),
    "a case stands where its history does not end": ("I9", _changed("cases", stage="tracking")),
    "an order led where none leads": ("I9", _changed("events", kind="merge", detail='{"stage": "archived"}')),
    "a case burnt again in a stage that it does not go back to": (
        "I9", _changed("events", kind=EventKind.REKINDLED, detail='{"stage": "archived"}'),
    ),
    "the log was not told": ("I9", _without_last("told")),
    "an event is still in line": ("I9", lambda _: {"waiting": 1}),
    "a file grew": ("I10", lambda _: {"sizes": [Size("log.db-wal", 3e8, 1e8)]}),
}  # fmt: skip


@pytest.mark.parametrize("name", BREAKINGS)
def test_whatever_is_broken_is_named(sound: Evidence, name: str) -> None:
    invariant, breaking = BREAKINGS[name]
    assert list(ALL[invariant](replace(sound, **breaking(sound))))


@pytest.mark.parametrize(
    ("line", "recipient", "held"),
    [
        ("事件 1「停电抢修」：收到确认", "", True),
        ("事件 11「停电抢修」：收到确认", "", False),
        ("事件 1「停电抢修」", "who@else.cn", False),
    ],
)
def test_a_digest_stands_for_the_letters_of_its_reader_that_it_names(
    sound: Evidence, line: str, recipient: str, *, held: bool
) -> None:
    (*others, last) = sound.letters
    told = copy(last)
    told.state, told.instead, told.attempts = "withdrawn", "<digest.ab@h>", 0
    to = recipient or told.recipient
    bulletin = Bulletin(
        id="digest.ab@h", at=last.queued_at, organisation="宣传部", person="张敏", subject="汇总", headline="有一封",
        sections=(Section("请您办理（由重到轻）", (line,)),),
    )  # fmt: skip
    content = mail(bulletin, Letterhead(sender="wenfeng@example.com", host="h"), to)
    digest = OutboxRow(
        id=10**6, case_id=None, task_id=None, step="digest", message_id="<digest.ab@h>", recipient=to, state="sent",
        message=content, plain=content, queued_at=last.queued_at, attempts=1,
    )  # fmt: skip
    mails = [one for one in sound.mails if one.message_id != told.message_id]
    letters = replace(
        sound, letters=[*others, told, digest], mails=[*mails, Mail(digest.message_id, to, content)]
    )  # fmt: skip
    assert (check(letters) == {}) is held


def test_copies_are_forgiven_for_each_killed_sender_and_no_more(sound: Evidence) -> None:
    twice = replace(sound, mails=[*sound.mails, sound.mails[0]])
    assert check(replace(twice, mail_kills=1)) == {}
    thrice = replace(sound, mails=[*sound.mails, sound.mails[0], sound.mails[0]])
    assert "I7" in check(replace(thrice, mail_kills=1))


def test_a_commit_ahead_of_the_work_shows_at_any_moment(sound: Evidence) -> None:
    assert check_running(replace(sound, **_later(sound))).keys() == {"I8"}
    part = Partition("posts.scored", 0)
    assert check_running(replace(sound, indexed=[], committed={("wenfeng.index", part): 0})) == {}


def _posts(path: Path) -> dict[str, str]:
    now = datetime.now(UTC)
    rows = [
        {"id": f"u{n}", "text": f"停电通知看到了，第{n}回", "at": now - timedelta(hours=240 - 8 * n), "author": 50 + n}
        for n in range(20)
    ]
    rows += [
        {"id": f"c{n}", "text": f"{CALM[n % 3]} {n}", "at": now - timedelta(hours=36 - n), "author": n}
        for n in range(34)
    ]
    rows += [
        {"id": f"a{n}", "text": ANGRY.format(n), "at": now - timedelta(minutes=29 - n), "author": 100 + n}
        for n in range(20)
    ]
    path.write_text("".join(json.dumps(row, ensure_ascii=False, default=datetime.isoformat) + "\n" for row in rows))
    return {post_id("bbs", f"status:{row['id']}"): row["text"] for row in rows}


def _configs(home: Path, smtp_port: int) -> Path:
    folder, key = home / "configs", home / "voice.key"
    folder.mkdir()
    key.touch(mode=0o600)
    key.write_text("a key", "utf-8")
    mailbox = {"host": "127.0.0.1", "port": smtp_port, "tls": "none", "made_up": True}
    smtp = mailbox | {"timeout": "5s", "accept_timeout": "5s"}
    shipped = {name: safe_load((EXAMPLE / f"{name}.yml").read_text("utf-8")) for name in ("topics", "alerts")}
    source = {
        "site": "bbs", "software": "file", "basis": "our own export",
        "columns": {"text": "text", "id": "id", "published_at": "at", "author": "author"},
    }  # fmt: skip
    files = {
        "stream": {"var": str(home / "var")},
        "nlp": {"model": str(EXAMPLE.parents[1] / "nlp" / "model")},
        "topics": shipped["topics"],
        "alerts": shipped["alerts"] | {"folder": str(home / "second"), "smtp": smtp},
        "crawlers": {"contact": "nobody@example.org", "voice_key_file": str(key), "sources": {"export": source}},
    }
    for name, content in files.items():
        (folder / f"{name}.yml").write_text(safe_dump(content, allow_unicode=True), "utf-8")
    return folder
