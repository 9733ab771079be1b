"""What cases secured: sealed, opened by the one key alone, found without it, and gone with an erased post."""

import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from stream.config import StreamConfig
from stream.responses.evidence import (
    EvidenceFolder,
    EvidenceKey,
    Sealed,
    UnfitKey,
    key_misplaced,
    open_evidence,
    read_key,
)
from tests.stream.responses.captured import NOON, captured, names
from tests.stream.responses.test_files import files_of_at_most

KEY, OTHER = EvidenceKey(bytes(range(32))), EvidenceKey(bytes(32))
A, B = "a" * 32, "b" * 32
HOUR = timedelta(hours=1)


@pytest.fixture
def folder(tmp_path: Path) -> EvidenceFolder:
    return open_evidence(StreamConfig(var=tmp_path))


def test_what_is_sealed_opens_with_its_key(folder: EvidenceFolder) -> None:
    one = captured(A, B)
    assert folder.seal(7, one, KEY)
    (page,) = folder.pages(7)
    assert folder.open(page, KEY) == one
    assert (page.digest, page.at, page.posts) == (one.digest, one.at, (A, B))
    assert list(folder.pages(8)) == []


def test_nothing_of_the_page_can_be_read_without_the_key(folder: EvidenceFolder) -> None:
    folder.seal(7, captured(A), KEY)
    (page,) = folder.pages(7)
    raw = page.path.read_bytes()
    line = raw.partition(b"\n")[0]
    assert set(json.loads(line)) == {"case", "key", "posts", "sha256"}
    for told in ("张三".encode("gbk"), b"bbs.example.com", b"gbk", KEY.secret, KEY.secret.hex().encode()):
        assert told not in raw
    assert page.path.stat().st_mode & 0o777 == 0o600
    assert page.path.parent.stat().st_mode & 0o777 == 0o700


def test_another_key_is_named_and_opens_nothing(folder: EvidenceFolder) -> None:
    folder.seal(7, captured(A), KEY)
    (page,) = folder.pages(7)
    with pytest.raises(Sealed, match=f"sealed with the key {KEY.name}, and this one is {OTHER.name}"):
        folder.open(page, OTHER)


def _case(raw: bytes) -> bytes:
    return raw.replace(b'"case": 7', b'"case": 8')


def _post(raw: bytes) -> bytes:
    return raw.replace(A.encode(), B.encode())


def _digest(raw: bytes) -> bytes:
    return raw.replace(captured().digest.encode(), b"0" * 64)


def _last_byte(raw: bytes) -> bytes:
    return raw[:-1] + bytes([raw[-1] ^ 1])


def _cut(raw: bytes) -> bytes:
    return raw[:-20]


def _emptied(raw: bytes) -> bytes:
    return raw[: raw.index(b"\n") + 1]


@pytest.mark.parametrize("forge", [_case, _post, _digest, _last_byte, _cut, _emptied])
def test_whatever_was_changed_after_it_was_sealed_is_found(
    folder: EvidenceFolder, forge: Callable[[bytes], bytes]
) -> None:
    folder.seal(7, captured(A), KEY)
    (page,) = folder.pages(7)
    forged = forge(page.path.read_bytes())
    assert forged != page.path.read_bytes()
    page.path.write_bytes(forged)
    with pytest.raises(Sealed, match="changed after it was sealed"):
        folder.open(page, KEY)


def test_two_seals_of_one_page_are_different_bytes(folder: EvidenceFolder) -> None:
    folder.seal(7, captured(A), KEY)
    folder.seal(8, captured(A), KEY)
    (first,), (second,) = folder.pages(7), folder.pages(8)
    assert first.path.read_bytes().partition(b"\n")[2][:12] != second.path.read_bytes().partition(b"\n")[2][:12]


def test_a_page_is_sealed_once_for_a_case(folder: EvidenceFolder) -> None:
    assert folder.seal(7, captured(A), KEY)
    assert not folder.seal(7, captured(A), KEY)
    assert folder.seal(8, captured(A), KEY)
    assert folder.seal(7, captured(A, at=NOON + HOUR), KEY)
    assert [page.at for page in folder.pages(7)] == [NOON, NOON + HOUR]


def test_a_disk_that_is_full_leaves_no_half_of_a_seal(folder: EvidenceFolder) -> None:
    with files_of_at_most(200), pytest.raises(OSError, match="File too large"):
        folder.seal(7, captured(A), KEY)
    assert names(folder.folder / "7") == []


def test_what_does_not_say_what_it_is_is_left_out(folder: EvidenceFolder) -> None:
    folder.seal(7, captured(A), KEY)
    (page,) = folder.pages(7)
    page.path.with_name(captured(at=NOON + HOUR).name).write_bytes(b"x")
    page.path.with_name(f"{page.path.name}-3.part").write_bytes(page.path.read_bytes())
    assert list(folder.pages(7)) == [page]


def test_an_erased_post_takes_its_pages_out_of_every_case_without_the_key(folder: EvidenceFolder) -> None:
    folder.seal(7, captured(A, B), KEY)
    folder.seal(8, captured(B), KEY)
    folder.seal(8, captured(A, at=NOON + HOUR), KEY)
    assert (folder.erase([B]), folder.erase([B])) == (2, 0)
    assert (list(folder.pages(7)), [page.posts for page in folder.pages(8)]) == ([], [(A,)])


def test_what_is_secured_goes_when_the_posts_time_is_over(folder: EvidenceFolder) -> None:
    folder.seal(7, captured(A), KEY)
    folder.seal(8, captured(A, at=NOON + HOUR), KEY)
    assert (folder.expire(NOON + HOUR, dry=True), folder.expire(NOON + HOUR), folder.expire(NOON + HOUR)) == (1, 1, 0)
    assert len(list(folder.pages(8))) == 1


def test_a_folder_that_is_not_there_has_nothing_to_remove(folder: EvidenceFolder) -> None:
    assert (folder.erase([A]), folder.expire(NOON)) == (0, 0)


def test_a_key_is_64_hex_digits_in_a_file_that_others_cannot_change(tmp_path: Path) -> None:
    path = tmp_path / "evidence.key"
    path.write_text(KEY.secret.hex() + "\n")
    assert read_key(path) == KEY
    path.chmod(0o666)
    with pytest.raises(UnfitKey, match="may be changed by others: chmod 600"):
        read_key(path)


@pytest.mark.parametrize(
    ("text", "words"),
    [(b"", "64 hex digits"), (b"secret", "64 hex digits"), (b"ab" * 16, "it has 32"), (b"\xff" * 64, "64 hex digits")],
)
def test_what_is_no_key_is_refused_and_not_shown(tmp_path: Path, text: bytes, words: str) -> None:
    path = tmp_path / "evidence.key"
    path.write_bytes(text)
    with pytest.raises(UnfitKey, match=words) as told:
        read_key(path)
    assert "secret" not in str(told.value)


def test_a_key_that_is_not_there_is_told_with_how_to_make_one(tmp_path: Path) -> None:
    with pytest.raises(UnfitKey, match=r"No such file.*make evidence-key"):
        read_key(tmp_path / "none.key")


def test_a_keys_name_says_nothing_of_the_key() -> None:
    assert len(KEY.name) == 8
    assert KEY.name not in KEY.secret.hex()
    assert KEY.name != OTHER.name
    assert str(KEY.secret) not in repr(KEY)


def test_a_key_beside_what_it_opens_is_misplaced_also_by_way_of_a_link(tmp_path: Path) -> None:
    config = StreamConfig(var=tmp_path / "var")
    (tmp_path / "var" / "evidence").mkdir(parents=True)
    (tmp_path / "short").symlink_to(tmp_path / "var" / "evidence")
    for inside in (tmp_path / "var/evidence/7/key", tmp_path / "short/key", tmp_path / "var/x/../evidence/key"):
        assert "beside what it opens: keep it elsewhere" in (key_misplaced(config, inside) or "")
    assert key_misplaced(config, tmp_path / "var" / "evidence.key") is None
    assert key_misplaced(config, tmp_path / "elsewhere" / "key") is None
