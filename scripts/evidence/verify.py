"""Verifies a packet of evidence of Wenfeng by itself: Python's standard library, no installation, no network.

    python verify.py CASE.zip [DIGEST]

DIGEST is the manifest's, as it was noted when the packet was made: with it, a packet that somebody made anew is found
as well. Exit code 0: everything holds, 1: something does not, 2: not called like this.
"""

import hashlib
import json
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

MANIFEST, EVENTS, POSTS = "manifest.json", "events.jsonl", "posts.jsonl"
GENESIS = "0" * 64


class Wrong(Exception):
    """Something does not hold; the text says what."""


def examine(path: Path, digest: str | None = None) -> Iterator[str]:
    """Yields what was verified, step by step; raises `Wrong` at the first thing that does not hold."""
    files = _read(path)
    manifest = _manifest(files, digest)
    yield f"清单完整，摘要 {manifest['digest']}" + ("，与所记一致" if digest else "（未与另记的摘要核对）")
    _files(files, manifest)
    yield f"{len(manifest['files'])} 个文件的 SHA-256 与清单一致，没有多余或缺少的文件"
    events = _lines(files, EVENTS)
    _chain(events, manifest)
    yield f"事件 {manifest['case']} 的 {len(events)} 条记录首尾相接，未被改动、删除或插入；末条摘要与清单一致"
    posts = _lines(files, POSTS)
    withheld = _posts(posts, manifest)
    yield f"{len(posts)} 条帖文按时间排列、编号不重复；其中 {len(posts) - withheld} 条的文字与采集时的散列一致"
    if withheld:
        yield f"{withheld} 条帖文已从源站删除超过 24 小时，按规定不保留文字，只核对了编号"


def _read(path: Path) -> dict[str, bytes]:
    try:
        with zipfile.ZipFile(path) as packet:
            names = packet.namelist()
            if len(set(names)) != len(names):
                raise Wrong("同名文件出现两次")
            return {name: packet.read(name) for name in names}
    except (OSError, zipfile.BadZipFile, NotImplementedError, RuntimeError, ValueError, EOFError) as error:
        raise Wrong(f"不能读取：{error}") from error
    except Exception as error:  # zlib has an error of its own
        if isinstance(error, Wrong):
            raise
        raise Wrong(f"不能读取：{error}") from error


def _manifest(files: dict[str, bytes], digest: str | None) -> dict[str, Any]:
    manifest = _parsed(files.get(MANIFEST), MANIFEST)
    told = manifest.get("digest")
    rest = {key: value for key, value in manifest.items() if key != "digest"}
    if told != hashlib.sha256(_canonical(rest)).hexdigest() or files[MANIFEST] != _canonical(manifest) + b"\n":
        raise Wrong("清单 manifest.json 被改动过")
    if digest is not None and digest.strip().lower() != told:
        raise Wrong(f"清单摘要是 {told}，与所记的 {digest} 不符：这不是当时的证据包")
    return manifest


def _files(files: dict[str, bytes], manifest: dict[str, Any]) -> None:
    told = manifest["files"]
    if extra := sorted(files.keys() - told.keys() - {MANIFEST}):
        raise Wrong(f"清单之外的文件：{'、'.join(extra)}")
    for name, about in sorted(told.items()):
        if name not in files:
            raise Wrong(f"缺少文件 {name}")
        if about != {"sha256": hashlib.sha256(files[name]).hexdigest(), "bytes": len(files[name])}:
            raise Wrong(f"文件 {name} 被改动过")


def _chain(events: list[dict[str, Any]], manifest: dict[str, Any]) -> None:
    previous = GENESIS
    for number, event in enumerate(events, start=1):
        covered = [event[key] for key in ("case_id", "number", "at", "kind", "by", "note", "detail")]
        line = json.dumps([*covered, previous], ensure_ascii=False, separators=(",", ":"))
        digest = hashlib.sha256(line.encode("utf-8", "surrogatepass")).hexdigest()
        if event["case_id"] != manifest["case"] or event["number"] != number:
            raise Wrong(f"第 {number} 条记录缺失或不属于本事件")
        if event["previous"] != previous or event["digest"] != digest:
            raise Wrong(f"第 {number} 条记录被改动过")
        previous = digest
    if len(events) != manifest["events"] or previous != manifest["last_digest"]:
        raise Wrong(f"清单有 {manifest['events']} 条记录，包内只有 {len(events)} 条与之相符")


def _posts(posts: list[dict[str, Any]], manifest: dict[str, Any]) -> int:
    if len(posts) != manifest["posts"]:
        raise Wrong(f"清单有 {manifest['posts']} 条帖文，包内有 {len(posts)} 条")
    order = [(post["charted_at"], post["id"]) for post in posts]
    if order != sorted(set(order)) or len({post["id"] for post in posts}) != len(posts):
        raise Wrong("帖文的次序或编号不对")
    withheld = 0
    for post in posts:
        if post["id"] != _short([post["site"], post["native_id"]]):
            raise Wrong(f"帖文 {post['id']} 的编号与来源不符")
        if post["words_withheld"]:
            withheld += 1
        elif post["content_hash"] != _short([post["title"], post["text"]]):
            raise Wrong(f"帖文 {post['id']} 的文字与采集时的散列不符")
    return withheld


def _lines(files: dict[str, bytes], name: str) -> list[dict[str, Any]]:
    return [_parsed(line, name) for line in files.get(name, b"").split(b"\n") if line]


def _parsed(raw: bytes | None, name: str) -> dict[str, Any]:
    try:
        read = json.loads((raw or b"").decode("utf-8", "surrogatepass"))
    except ValueError as error:
        raise Wrong(f"{name} 不能读取：{error}") from error
    if not isinstance(read, dict):
        raise Wrong(f"{name} 的格式不对")
    return read


def _canonical(value: dict[str, Any]) -> bytes:
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode("utf-8", "surrogatepass")


def _short(told: list[str]) -> str:
    line = json.dumps(told, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(line.encode("utf-8", "surrogatepass")).hexdigest()[:32]


def main(arguments: list[str]) -> int:
    """Says what was verified, or what does not hold; returns the exit code."""
    if not 1 <= len(arguments) <= 2:
        print("用法：python verify.py 证据包.zip [清单摘要]")
        return 2
    try:
        for line in examine(Path(arguments[0]), arguments[1] if len(arguments) == 2 else None):
            print(f"符合：{line}")
    except (Wrong, KeyError, TypeError) as error:
        print(f"不符：{error}")
        return 1
    print("结论：证据包完整，未发现改动")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
