"""A case's packet of evidence: a ZIP of which every file is accounted for, with the script that verifies it.

Equal contents are equal bytes: fixed times, names in order. Of persons it holds what the index does, without the hash
that counts voices. Raw pages hold names as their site shows them: they come only where they are asked for.
"""

import hashlib
import io
import json
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import select

from alerts.casefile.papers import Remedy, Statement
from alerts.casefile.tables import GENESIS, EventRow, broken_link
from alerts.desk.cases import read_details
from alerts.desk.register import Register
from alerts.reports.phrases import day_of_year
from alerts.reports.records import read_papers
from alerts.reports.wave import MOST, read_posts
from alerts.workflow.cases import Refused
from stream.codec import SCORED
from stream.errors import Retryable
from stream.index.port import Reader, withheld
from stream.messages import ScoredPost, wire_time
from stream.responses.capture import Capture
from stream.state.database import reading
from stream.version import VERSION

FORMAT = 1
VERIFIER = Path(__file__).parents[3] / "scripts" / "evidence" / "verify.py"
FIXED = (1980, 1, 1, 0, 0, 0)  # the first time a ZIP can have
README = """证据包：事件 {case}「{topic}」
制作时间：{made}（UTC；北京时间 {day}）

一、内容
  posts.jsonl     帖文，每行一条：文字按索引所存，地址、发布时间、首次采集时间 first_seen_at、
                  最近一次采集时间 observed_at、
                  修改时间 edited_at、源站不再公开时间 deleted_at、采集方式 crawl、文字散列 content_hash
  events.jsonl    事件的全部处置记录，每条含前一条的摘要（散列链）
  case.json       事件概况
  *.jsonl（其余） 口径稿、整改安排，系统中有则附
  raw/            源站原始应答，仅在制作时要求且当时仍有留存（不超过 24 小时）或已为本事件存证的才有；
                  .json 记地址、状态、应答头、采集时间和正文的 SHA-256，.body 为正文
  verify.py       核验程序，只用 Python 标准库
  manifest.json   以上每个文件的 SHA-256

二、核验
  python verify.py 本文件.zip [清单摘要]
  清单摘要应在制作时另行记录（如记入事件、存档或公证）：有它才能发现整包重做。

三、说明
  帖文只保留索引中的最近一次观测；更早的文字改动只留时间，不留原文。
  发帖人不以姓名、账号或任何散列出现。源站删除超过 24 小时的帖文不含文字（words_withheld 为 true）。
  帖文{posts}。本包只供本单位查明事实和法律事务使用，系统不据此投诉、举报或要求删帖。
"""


@dataclass(frozen=True, slots=True)
class RawPage:
    """One answer of a site as it was kept: its bytes, and a note of address, time and why it was kept."""

    name: str
    body: bytes
    about: bytes


@dataclass(frozen=True, slots=True)
class Packet:
    """A finished packet: the ZIP, the digest of its manifest, how many posts and events, the broken event if any."""

    content: bytes
    digest: str
    posts: int
    events: int
    broken: int | None


def make_packet(register: Register, reader: Reader, case_id: int, pages: Sequence[RawPage], now: datetime) -> Packet:
    """Makes the packet of a case; `Refused` if there is none, `Retryable` while the index is away."""
    details = read_details(register, case_id)
    case, snapshot = details.case, details.snapshot
    if snapshot is None:
        raise Refused(f"事件 {case_id} 是系统故障，没有帖文可以存证")
    with reading(register.engine) as session:
        events = list(session.scalars(select(EventRow).where(EventRow.case_id == case_id).order_by(EventRow.number)))
    found = read_posts(reader, case.topic, case.since, min(now, case.ended_at or now))
    if found is None:
        raise Retryable("the index does not answer: evidence without posts is none")
    posts = {post.id: post for post in (*found[:MOST], *reader.get(snapshot.posts))}
    lines = list(_post_lines(sorted(posts.values(), key=lambda one: (wire_time(one.charted_at), one.id)), now))
    about = {
        "case": case_id, "topic": details.topic, "grade": str(case.grade), "stage": case.stage,
        "verdict": str(case.verdict) if case.verdict else None, "opened_at": wire_time(case.opened_at),
        "ended_at": wire_time(case.ended_at) if case.ended_at else None, "since": wire_time(case.since),
        "program": VERSION, "posts_left_out": len(found) > MOST,
    }  # fmt: skip
    cut = f"超过 {MOST} 条，只含其中 {MOST} 条" if len(found) > MOST else f"共 {len(lines)} 条"
    readme = README.format(case=case_id, topic=details.topic, made=wire_time(now), day=day_of_year(now), posts=cut)
    files = {
        "README.txt": readme.encode(), "case.json": _canonical(about) + b"\n", "posts.jsonl": b"".join(lines),
        "events.jsonl": b"".join(map(_event_line, events)), "verify.py": VERIFIER.read_bytes(),
    }  # fmt: skip
    files |= _papers(register, case_id)
    files |= {f"raw/{one.name}.body": one.body for one in pages} | {f"raw/{one.name}.json": one.about for one in pages}
    manifest: dict[str, object] = {
        "format": FORMAT, "case": case_id, "made_at": wire_time(now), "posts": len(lines), "events": len(events),
        "last_digest": events[-1].digest if events else GENESIS,
        "files": {name: {"sha256": hashlib.sha256(raw).hexdigest(), "bytes": len(raw)} for name, raw in files.items()},
    }  # fmt: skip
    digest = hashlib.sha256(_canonical(manifest)).hexdigest()
    files["manifest.json"] = _canonical(manifest | {"digest": digest}) + b"\n"
    return Packet(_zipped(files), digest, len(lines), len(events), broken_link(events))


def read_pages(samples: Path, addresses: frozenset[str]) -> list[RawPage]:
    """Reads the raw answers that the crawlers still keep of these addresses, in order of their names."""
    found = []
    for note in sorted(samples.glob("*/*.json")):
        body = note.with_suffix(".body")
        try:
            about = json.loads(note.read_text("utf-8"))
            if about.get("url") in addresses:
                found.append(RawPage(f"{note.parent.name}-{note.stem}", body.read_bytes(), note.read_bytes()))
        except (OSError, ValueError):  # its day is over, or it is being written
            continue
    return found


def page_of(one: Capture) -> RawPage:
    """Makes of a page that the case secured what a packet has of it."""
    about = {
        "url": one.url, "status": one.status, "headers": dict(one.headers), "at": wire_time(one.at),
        "sha256": one.digest, "source": one.source, "posts": list(one.posts),
    }  # fmt: skip
    return RawPage(one.name, one.body, _canonical(about) + b"\n")


def addresses_of(register: Register, reader: Reader, case_id: int, now: datetime) -> frozenset[str]:
    """Lists the addresses of the case's posts."""
    case = read_details(register, case_id).case
    posts = read_posts(reader, case.topic, case.since, min(now, case.ended_at or now))
    return frozenset(post.url for post in posts or ())


def _post_lines(posts: Sequence[ScoredPost], now: datetime) -> Iterator[bytes]:
    """Writes each post as it may be shown, without the hash that counts voices."""
    for post in posts:
        shown = withheld(post, now)
        told: dict[str, Any] = json.loads(SCORED.encode(shown))
        del told["voice"]
        emptied = not (post.title or post.text)
        told["words_withheld"] = shown is not post or (emptied and post.deleted_at is not None)
        yield _canonical(told) + b"\n"


def _event_line(event: EventRow) -> bytes:
    told = {
        "case_id": event.case_id, "number": event.number, "at": wire_time(event.at), "kind": event.kind,
        "by": event.by, "note": event.note, "detail": event.detail, "previous": event.previous,
        "digest": event.digest,
    }  # fmt: skip
    return _canonical(told) + b"\n"


def _papers(register: Register, case_id: int) -> dict[str, bytes]:
    """Writes statements with their revisions, and remedies, where there are any."""
    papers = read_papers(register.engine, case_id)
    kinds: dict[str, Sequence[Statement | Remedy]] = {
        "statements.jsonl": papers.statements, "remedies.jsonl": papers.remedies,
    }  # fmt: skip
    return {name: b"".join(_paper_line(one, case_id) for one in some) for name, some in kinds.items() if some}


def _paper_line(paper: Statement | Remedy, case_id: int) -> bytes:
    told = {key: _plain(value) for key, value in asdict(paper).items()}
    return _canonical(told | {"case_id": case_id}) + b"\n"


def _plain(value: object) -> object:
    return wire_time(value) if isinstance(value, datetime) else value


def _canonical(value: Mapping[str, object]) -> bytes:
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode("utf-8", "surrogatepass")


def _zipped(files: Mapping[str, bytes]) -> bytes:
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w") as packet:
        for name in sorted(files):
            entry = zipfile.ZipInfo(name, FIXED)
            entry.create_system, entry.external_attr = 3, 0o644 << 16
            entry.compress_type = zipfile.ZIP_DEFLATED
            packet.writestr(entry, files[name], compresslevel=9)
    return written.getvalue()
