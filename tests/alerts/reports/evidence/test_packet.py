"""The packet of evidence, verified by its own script; whatever was changed is found."""

import io
import json
import os
import subprocess
import sys
import zipfile
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from alerts.casefile.tables import EventRow
from alerts.desk.register import Register
from alerts.reports.evidence.packet import Packet, RawPage, addresses_of, make_packet, read_pages
from alerts.workflow.cases import Refused
from scripts.evidence.verify import Wrong, examine
from stream.errors import Retryable
from stream.index.port import Reader
from stream.index.sqlite.posts import SqliteIndexWriter
from stream.messages import ScoredPost, wire_time
from stream.state.database import transaction
from tests.alerts.reports.conftest import HOUR, Write

Forge = Callable[[dict[str, bytes]], None]


@pytest.fixture
def made(register: Register, there: Reader, case_id: int, now: datetime) -> Packet:
    return make_packet(register, there, case_id, [], now + HOUR)


def unpacked(content: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(content)) as packet:
        return {name: packet.read(name) for name in packet.namelist()}


def verified(tmp_path: Path, content: bytes, digest: str | None = None) -> list[str]:
    path = tmp_path / "packet.zip"
    path.write_bytes(content)
    return list(examine(path, digest))


def repacked(files: dict[str, bytes]) -> bytes:
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w") as packet:
        for name, raw in files.items():
            packet.writestr(name, raw)
    return written.getvalue()


def test_a_packet_is_verified_and_says_what_was(made: Packet, tmp_path: Path) -> None:
    told = verified(tmp_path, made.content, made.digest)
    assert len(told) == 4
    assert "与所记一致" in told[0]
    assert f"的 {made.events} 条记录首尾相接" in told[2]
    assert f"{made.posts} 条帖文按时间排列" in told[3]
    assert made.posts == 31
    assert made.broken is None


def test_the_script_runs_by_itself_from_the_packet(made: Packet, tmp_path: Path) -> None:
    """Python alone, in a folder of its own, with nothing of ours on the way."""
    (tmp_path / "packet.zip").write_bytes(made.content)
    (tmp_path / "verify.py").write_bytes(unpacked(made.content)["verify.py"])
    clean = {"PATH": os.environ["PATH"], "PYTHONIOENCODING": "utf-8"}

    def run(*more: str) -> subprocess.CompletedProcess[str]:
        words = [sys.executable, "-I", "verify.py", *more]
        return subprocess.run(words, check=False, cwd=tmp_path, env=clean, capture_output=True, text=True)

    done = run("packet.zip", made.digest)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.endswith("结论：证据包完整，未发现改动\n")
    other = run("packet.zip", "0" * 64)
    assert other.returncode == 1
    assert "这不是当时的证据包" in other.stdout
    assert run().returncode == 2


def test_equal_contents_are_equal_bytes(
    made: Packet, register: Register, there: Reader, case_id: int, now: datetime
) -> None:
    assert make_packet(register, there, case_id, [], now + HOUR).content == made.content


def _post(files: dict[str, bytes]) -> None:
    files["posts.jsonl"] = files["posts.jsonl"].replace("停电三天".encode(), "停电两天".encode(), 1)


def _event_gone(files: dict[str, bytes]) -> None:
    lines = files["events.jsonl"].splitlines(keepends=True)
    files["events.jsonl"] = b"".join(lines[:-1])


def _manifest(files: dict[str, bytes]) -> None:
    files["manifest.json"] = files["manifest.json"].replace(b'"posts":31', b'"posts":30')


def _spaced(files: dict[str, bytes]) -> None:
    files["manifest.json"] = files["manifest.json"].replace(b",", b", ", 1)


def _verifier(files: dict[str, bytes]) -> None:
    files["verify.py"] += b"\n"


def _file_gone(files: dict[str, bytes]) -> None:
    del files["case.json"]


def _file_more(files: dict[str, bytes]) -> None:
    files["more.txt"] = b"x"


@pytest.mark.parametrize(
    ("forge", "words"),
    [
        (_post, "文件 posts.jsonl 被改动过"), (_event_gone, "文件 events.jsonl 被改动过"),
        (_manifest, "清单 manifest.json 被改动过"), (_spaced, "清单 manifest.json 被改动过"),
        (_verifier, "文件 verify.py 被改动过"), (_file_gone, "缺少文件 case.json"),
        (_file_more, "清单之外的文件：more.txt"),
    ],
)  # fmt: skip
def test_what_was_changed_is_named(made: Packet, tmp_path: Path, forge: Forge, words: str) -> None:
    files = unpacked(made.content)
    forge(files)
    with pytest.raises(Wrong, match=words):
        verified(tmp_path, repacked(files))


def _turned(files: dict[str, bytes]) -> None:
    files["posts.jsonl"] = b"".join(reversed(files["posts.jsonl"].splitlines(keepends=True)))


@pytest.mark.parametrize(
    ("forge", "words"),
    [
        (_post, "的文字与采集时的散列不符"), (_event_gone, "条记录，包内只有"),
        (lambda files: files.update({"events.jsonl": files["events.jsonl"].replace(b'"negative', b'"Negative', 1)}),
         "条记录被改动过"),
        (_turned,
         "次序或编号不对"),
        (lambda files: files.update({"posts.jsonl": files["posts.jsonl"].replace(b'"site":"bbs"', b'"site":"abs"', 1)}),
         "的编号与来源不符"),
    ],
)  # fmt: skip
def test_who_writes_a_fitting_manifest_is_found_by_what_it_is_of(
    made: Packet, tmp_path: Path, forge: Forge, words: str
) -> None:
    files = unpacked(made.content)
    forge(files)
    refit(files)
    with pytest.raises(Wrong, match=words):
        verified(tmp_path, repacked(files))


def refit(files: dict[str, bytes]) -> str:
    """Writes a manifest that fits the files as they are now, as somebody would who knows how it is made."""
    from hashlib import sha256

    told = json.loads(files["manifest.json"])
    told["files"] = {
        name: {"sha256": sha256(raw).hexdigest(), "bytes": len(raw)}
        for name, raw in files.items()
        if name != "manifest.json"
    }
    del told["digest"]
    raw = json.dumps(told, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()
    told["digest"] = sha256(raw).hexdigest()
    files["manifest.json"] = (
        json.dumps(told, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode() + b"\n"
    )
    return str(told["digest"])


def test_a_packet_made_anew_is_found_by_the_digest_that_was_noted(made: Packet, tmp_path: Path) -> None:
    files = unpacked(made.content)
    files["case.json"] = files["case.json"].replace(b'"yellow"', b'"blue"')
    refit(files)
    assert verified(tmp_path, repacked(files))
    with pytest.raises(Wrong, match="这不是当时的证据包"):
        verified(tmp_path, repacked(files), made.digest)


@pytest.mark.parametrize("at", [0.1, 0.5, 0.9])
def test_a_byte_that_fell_over_is_found(made: Packet, tmp_path: Path, at: float) -> None:
    broken = bytearray(made.content)
    broken[int(at * len(broken))] ^= 0x20
    with pytest.raises(Wrong):
        verified(tmp_path, bytes(broken))


def test_what_is_no_packet_is_refused_in_words(tmp_path: Path) -> None:
    with pytest.raises(Wrong, match="不能读取"):
        verified(tmp_path, b"no zip")
    with pytest.raises(Wrong, match=r"manifest.json 不能读取"):
        verified(tmp_path, repacked({"a": b"b"}))


def test_no_hash_of_a_voice_is_in_it_and_every_post_says_where_and_when(made: Packet, posts: list[ScoredPost]) -> None:
    files = unpacked(made.content)
    assert not [post for post in posts if post.voice and post.voice.encode() in b"".join(files.values())]
    first = json.loads(files["posts.jsonl"].splitlines()[0])
    assert (first["url"], first["title"]) == ("https://bbs.example.com/p/1", "停电三天？")
    assert {"first_seen_at", "observed_at", "edited_at", "deleted_at", "content_hash", "crawl"} <= first.keys()
    assert "voice" not in first


def test_words_gone_at_their_source_for_a_day_are_not_in_it(
    register: Register,
    there: Reader,
    case_id: int,
    index: SqliteIndexWriter,
    told: Write,
    now: datetime,
    tmp_path: Path,
) -> None:
    gone = told(
        50, "后来删掉的一句话", at=now - timedelta(minutes=5), deleted_at=now, observed_at=now + timedelta(minutes=1)
    )
    index.put([gone])
    packet = make_packet(register, there, case_id, [], now + 30 * HOUR)
    assert "后来删掉的一句话".encode() not in unpacked(packet.content)["posts.jsonl"]
    assert verified(tmp_path, packet.content)[-1].startswith("1 条帖文已从源站删除超过 24 小时")


def test_a_history_changed_in_the_database_is_said_and_found(
    register: Register, there: Reader, case_id: int, now: datetime, tmp_path: Path
) -> None:
    with transaction(register.engine) as session:
        session.get_one(EventRow, 1).by = "别人"
    packet = make_packet(register, there, case_id, [], now)
    assert packet.broken == 1
    with pytest.raises(Wrong, match="第 1 条记录被改动过"):
        verified(tmp_path, packet.content)


def test_statements_and_remedies_are_in_it_with_who_stands_for_them(
    register: Register, there: Reader, ended: int, now: datetime, tmp_path: Path
) -> None:
    packet = make_packet(register, there, ended, [], now + 50 * HOUR)
    files = unpacked(packet.content)
    told = json.loads(files["statements.jsonl"])
    assert (told["case_id"], told["revision"], told["by"], told["approved_by"]) == (ended, 1, "张敏", "李强")
    assert told["text"] == "配电箱故障，今晚修复，谨致歉意。"
    plan = json.loads(files["remedies.jsonl"])
    assert (plan["number"], plan["desk"], plan["proof"]) == (1, "dispatch", "更换配电箱，恢复供电")
    assert plan["done_at"] == wire_time(now + 24 * HOUR)
    assert verified(tmp_path, packet.content)


def test_raw_pages_of_the_cases_addresses_come_along(
    register: Register, there: Reader, case_id: int, now: datetime, tmp_path: Path
) -> None:
    folder = tmp_path / "samples" / "bbs"
    folder.mkdir(parents=True)
    for name, url in (("a", "https://bbs.example.com/p/1"), ("b", "https://bbs.example.com/other")):
        (folder / f"{name}.body").write_bytes(b"<html>")
        (folder / f"{name}.json").write_text(json.dumps({"url": url, "reason": "x", "at": "y"}), "utf-8")
    (folder / "c.json").write_text("{", "utf-8")
    wanted = addresses_of(register, there, case_id, now)
    pages = read_pages(tmp_path / "samples", wanted)
    assert [(one.name, one.body) for one in pages] == [("bbs-a", b"<html>")]
    packet = make_packet(register, there, case_id, pages, now)
    assert unpacked(packet.content)["raw/bbs-a.body"] == b"<html>"
    assert verified(tmp_path, packet.content)


def test_evidence_without_posts_is_none(
    register: Register, away: Reader, there: Reader, case_id: int, now: datetime
) -> None:
    with pytest.raises(Retryable):
        make_packet(register, away, case_id, [], now)
    with pytest.raises(Refused, match="没有事件 77"):
        make_packet(register, there, 77, [RawPage("x", b"", b"")], now)
