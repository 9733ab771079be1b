"""All mistakes of both files in one go, each with its place."""

from pathlib import Path
from shutil import copy

from tests.stream.installation import Embedded

TOPICS = "topics: {outage: {name: 停电, owner: dispatch, rules: [{any_of: 停电}]}}"


def test_two_sound_files_are_said_to_be(place: Embedded) -> None:
    (place.folder / "topics.yml").write_text(TOPICS, "utf-8")
    done = place.run("check-config")
    assert (done.exit_code, done.stderr) == (0, "")
    assert done.stdout == f"{place.folder}/stream.yml, {place.folder}/topics.yml: no mistakes\n"


def test_the_shipped_files_are_sound(place: Embedded) -> None:
    for name in ("stream.yml", "topics.yml"):
        copy(Path("configs") / name, place.folder / name)
    assert place.run("check-config").exit_code == 0


def test_mistakes_of_both_files_are_told_together(place: Embedded) -> None:
    place.write("batch: 0")
    (place.folder / "topics.yml").write_text("topics: {outage: {owner: dispatch}}", "utf-8")
    refused = place.run("check-config")
    assert refused.exit_code == 78
    told = refused.stderr.splitlines()
    assert told[0].startswith(f"{place.folder}/stream.yml: batch: ")
    assert any(line.startswith(f"{place.folder}/topics.yml: topics.outage.name: ") for line in told[1:])


def test_a_folder_without_files_is_told_file_by_file(place: Embedded) -> None:
    (place.folder / "stream.yml").unlink()
    refused = place.run("check-config")
    assert refused.exit_code == 78
    assert refused.stderr.splitlines() == [
        f"{place.folder}/{name}: the file is missing" for name in ("stream.yml", "topics.yml")
    ]


def test_nothing_is_opened_to_check(place: Embedded) -> None:
    (place.folder / "topics.yml").write_text(TOPICS, "utf-8")
    place.run("check-config")
    assert not place.var.exists()
