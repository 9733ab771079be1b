from pathlib import Path

import pytest

from scripts.live.nodebb import VERSION, fetched
from scripts.live.site import NotToBeHad


def an_npm(folder: Path, script: str) -> None:
    folder.mkdir()
    (folder / "npm").write_text(f"#!/bin/sh\n{script}\n")
    (folder / "npm").chmod(0o755)


def test_what_npm_fetched_is_kept_and_not_fetched_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    an_npm(tmp_path / "bin", 'mkdir -p node_modules/nodebb && echo "$@" >> asked')
    monkeypatch.setenv("PATH", str(tmp_path / "bin"), prepend=":")
    kept = tmp_path / "kept"
    assert fetched(kept) == fetched(kept) == kept / "node_modules"
    (asked,) = (kept / "asked").read_text().splitlines()
    assert asked.split()[0] == "install"
    assert {"--ignore-scripts", f"nodebb@{VERSION}"} <= set(asked.split())


def test_what_npm_does_not_have_is_asked_for_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    an_npm(tmp_path / "bin", "echo no network >&2; exit 1")
    monkeypatch.setenv("PATH", str(tmp_path / "bin"), prepend=":")
    for _ in range(2):
        with pytest.raises(NotToBeHad, match=f"npm cannot fetch nodebb@{VERSION}: no network"):
            fetched(tmp_path / "kept")
