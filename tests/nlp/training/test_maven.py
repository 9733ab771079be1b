"""Maven is asked as it must be, and what it brings is held against what was pinned; a stand-in plays `mvn`."""

import hashlib
from pathlib import Path

import pytest

from nlp.training.maven import NotFetched, fetch

PLAYED = """#!/bin/sh
printf '%s\n' "$@" > "$(dirname "$0")/asked"
for word in "$@"; do case "$word" in -DoutputDirectory=*) folder=${word#*=};; esac; done
printf served > "$folder/n-1.jar"
[ ! -e "$(dirname "$0")/fails" ] || { echo no such artifact; exit 1; }
"""
SUM = hashlib.sha256(b"served").hexdigest()


@pytest.fixture
def maven(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder on the path with an `mvn` that notes what it is asked and serves a file."""
    found = tmp_path / "bin"
    found.mkdir()
    (found / "mvn").write_text(PLAYED, "utf-8")
    (found / "mvn").chmod(0o755)
    monkeypatch.setenv("PATH", f"{found}:/usr/bin:/bin")
    return found


def test_an_artifact_is_named_in_the_words_of_maven(maven: Path, tmp_path: Path) -> None:
    fetch(["g:n:1:zip", "g:m:2"], tmp_path / "out")
    pom = (tmp_path / "out" / "pom.xml").read_text("utf-8")
    assert "<groupId>g</groupId><artifactId>n</artifactId><version>1</version><type>zip</type>" in pom
    assert "<artifactId>m</artifactId><version>2</version><type>jar</type>" in pom


def test_without_sums_of_ours_the_registrys_are_asked_for(maven: Path, tmp_path: Path) -> None:
    fetch(["g:n:1"], tmp_path / "out")
    assert "-C" in (maven / "asked").read_text("utf-8").split()
    fetch(["g:n:1"], tmp_path / "out", {"n-1.jar": SUM})
    assert "-C" not in (maven / "asked").read_text("utf-8").split()


@pytest.mark.parametrize("alone", [True, False])
def test_what_an_artifact_needs_comes_along_unless_it_is_wanted_alone(
    maven: Path, tmp_path: Path, *, alone: bool
) -> None:
    fetch(["g:n:1"], tmp_path / "out", alone=alone)
    assert f"-DexcludeTransitive={str(alone).lower()}" in (maven / "asked").read_text("utf-8").split()


def test_another_file_than_the_pinned_one_is_refused(maven: Path, tmp_path: Path) -> None:
    with pytest.raises(NotFetched, match=r"n-1\.jar is not the file that was pinned"):
        fetch(["g:n:1"], tmp_path / "out", {"n-1.jar": "0" * 64})


def test_what_maven_says_of_its_failure_is_told(maven: Path, tmp_path: Path) -> None:
    (maven / "fails").touch()
    with pytest.raises(NotFetched, match=r"(?s)could not fetch g:n:1.*no such artifact"):
        fetch(["g:n:1"], tmp_path / "out")


def test_a_machine_without_maven_is_told_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(NotFetched, match="apt install maven"):
        fetch(["g:n:1"], tmp_path / "out")
