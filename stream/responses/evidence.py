"""What cases claimed of the captures: a folder a case, each file sealed (AES-256-GCM) by a key that lies elsewhere.

The first line of a file is open, so that the page of an erased post is found without the key: the ids of the posts that
it shows, its digest, its time. That line is sealed with the rest: whoever changes it makes the file unreadable.
"""

import json
import os
import stat
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from stream.config import StreamConfig
from stream.responses.capture import Capture, DamagedCapture, about_of, decode, encode
from stream.responses.files import PART, entries, remove_before, remove_showing, write_whole

FOLDER = "evidence"
_NONCE = 12  # bytes, of chance: a key may seal some 2^32 files so (NIST SP 800-38D, 8.3)
_KEY = 32  # bytes


class UnfitKey(ValueError):
    """Raised when a file holds no key to seal with; the text says what is to be done."""


class Sealed(ValueError):
    """Raised when a file does not open: it was changed, or sealed with another key."""


@dataclass(frozen=True, slots=True)
class EvidenceKey:
    """A key, and the eight hex digits by which files name it."""

    secret: bytes = field(repr=False)

    @property
    def name(self) -> str:
        """Eight hex digits that do not give the key away."""
        return sha256(b"wenfeng evidence" + self.secret).hexdigest()[:8]


@dataclass(frozen=True, slots=True)
class SealedPage:
    """What a file says without the key."""

    path: Path
    digest: str
    at: datetime
    posts: tuple[str, ...]


class EvidenceFolder:
    """The claimed captures of all cases."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def seal(self, case_id: int, one: Capture, key: EvidenceKey) -> bool:
        """Keeps a capture for a case; False where the case has it. Raises OSError, with nothing half-written."""
        path = self._of(case_id) / one.name
        if path.exists():
            return False
        told = {"case": case_id, "key": key.name, "posts": one.posts, "sha256": one.digest}
        line, nonce = json.dumps(told).encode() + b"\n", os.urandom(_NONCE)
        write_whole(path, line + nonce + AESGCM(key.secret).encrypt(nonce, encode(one), line), safely=True)
        return True

    def pages(self, case_id: int) -> Iterator[SealedPage]:
        """Yields what a case has, in order of time; what does not say what it is is left out."""
        found = [(at, Path(one.path)) for at, one in entries(self._of(case_id)) if not one.name.endswith(PART)]
        for at, path in sorted(found):
            try:
                with path.open("rb") as file:
                    about = about_of(file.readline())
            except (FileNotFoundError, DamagedCapture):
                continue
            yield SealedPage(path, str(about.get("sha256")), at, tuple(map(str, about["posts"])))

    def open(self, page: SealedPage, key: EvidenceKey) -> Capture:
        """Opens what was sealed; raises `Sealed` where the key is another one or the file was changed."""
        raw = page.path.read_bytes()
        start = raw.index(b"\n") + 1
        line, nonce, sealed = raw[:start], raw[start : start + _NONCE], raw[start + _NONCE :]
        named = about_of(line).get("key")
        if named != key.name:
            raise Sealed(f"it was sealed with the key {named}, and this one is {key.name}")
        try:
            return decode(AESGCM(key.secret).decrypt(nonce, sealed, line))
        except (InvalidTag, ValueError) as error:
            raise Sealed("it was changed after it was sealed") from error

    def erase(self, posts: Collection[str]) -> int:
        """Removes whatever shows any of the posts, of all cases; returns how many."""
        return sum(remove_showing(folder, posts) for folder in self._folders())

    def expire(self, moment: datetime, *, dry: bool = False) -> int:
        """Removes what was captured before `moment`; returns how many. `dry`: removes none."""
        return sum(remove_before(folder, moment, dry=dry) for folder in self._folders())

    def _of(self, case_id: int) -> Path:
        return self.folder / str(case_id)

    def _folders(self) -> list[Path]:
        return [path for path in self.folder.iterdir() if path.is_dir()] if self.folder.is_dir() else []


def open_evidence(config: StreamConfig) -> EvidenceFolder:
    """Opens the folder of claimed captures under `var`."""
    return EvidenceFolder(config.var / FOLDER)


def read_key(path: Path) -> EvidenceKey:
    """Reads a key, 64 hex digits; raises `UnfitKey` where there is none, or others may change it."""
    try:
        text, mode = path.read_text("ascii").strip(), path.stat().st_mode
        secret = bytes.fromhex(text)
    except OSError as error:
        raise UnfitKey(f"cannot read the key: {error}; make one: make evidence-key") from error
    except ValueError as error:  # UnicodeDecodeError is one
        raise UnfitKey(f"{path} is no key: 64 hex digits are needed") from error
    if len(secret) != _KEY:
        raise UnfitKey(f"{path} is no key: 64 hex digits are needed, it has {2 * len(secret)}")
    if mode & (stat.S_IWGRP | stat.S_IWOTH):
        raise UnfitKey(f"{path} may be changed by others: chmod 600 {path}")
    return EvidenceKey(secret)


def key_misplaced(config: StreamConfig, key: Path) -> str | None:
    """Says why the key must not lie where it is told to: with what it opens, it opens nothing less than all."""
    folder = (config.var / FOLDER).resolve()
    if key.resolve().is_relative_to(folder):
        return f"{key} lies inside {folder}, beside what it opens: keep it elsewhere, best on another disk"
    return None
