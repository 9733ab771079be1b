"""What the administrator's commands refuse before they ask the server; tests/stream/index has the server."""

from pathlib import Path

import pytest
from click.testing import Result

from tests.stream.installation import Embedded


@pytest.fixture
def secured(place: Embedded) -> Embedded:
    """An index on a server that is never reached: whatever is wrong here must be found before."""
    place.write("index: https://127.0.0.1:1", "index_name: power")
    (place.folder / "elastic").mkdir()
    role = '{"cluster": ["monitor"], "indices": [{"names": ["wenfeng-posts*"], "privileges": ["read"]}]}'
    (place.folder / "elastic" / "readers.json").write_text(role, "utf-8")
    (place.folder / "password").write_text("geheim", "utf-8")
    return place


def rights(place: Embedded, *words: str) -> Result:
    return place.run("index", "rights", "--password-file", str(place.folder / "password"), *words)


@pytest.mark.parametrize("content", ["", " \n"])
def test_an_empty_password_is_refused(secured: Embedded, content: str) -> None:
    (secured.folder / "password").write_text(content, "utf-8")
    refused = rights(secured)
    assert (refused.exit_code, refused.stderr) == (78, f"{secured.folder / 'password'}: is empty\n")


def test_a_password_that_is_no_text_is_refused_without_being_shown(secured: Embedded) -> None:
    (secured.folder / "password").write_bytes(b"\xffgeheim")
    refused = rights(secured)
    assert refused.exit_code == 78
    assert "cannot read the password" in refused.stderr
    assert "geheim" not in refused.stderr


def test_a_password_s_file_must_be_there(secured: Embedded) -> None:
    (secured.folder / "password").unlink()
    assert rights(secured).exit_code == 2


@pytest.mark.parametrize(
    "words", [("--key", "power-writers"), ("--user", "someone", "wenfeng-readers", "password")], ids=" ".join
)
def test_a_role_that_is_not_described_is_refused_with_those_there_are(
    secured: Embedded, words: tuple[str, ...]
) -> None:
    refused = rights(secured, *words)
    assert refused.exit_code == 78
    assert "there are power-readers" in refused.stderr


def test_a_description_that_is_no_json_is_named(secured: Embedded) -> None:
    broken = secured.folder / "elastic" / "writers.json"
    broken.write_text("{", "utf-8")
    refused = rights(secured)
    assert refused.exit_code == 78
    assert refused.stderr.startswith(f"{broken}: not readable as JSON: ")


def test_a_folder_without_descriptions_is_refused_with_the_remedy(secured: Embedded) -> None:
    (secured.folder / "elastic" / "readers.json").unlink()
    refused = rights(secured)
    assert refused.exit_code == 78
    assert "no role is described here" in refused.stderr


@pytest.mark.parametrize("days", ["0", "367", "soon"])
def test_a_key_lasts_a_day_to_a_year(secured: Embedded, days: str) -> None:
    assert rights(secured, "--key", "power-readers", "--days", days).exit_code == 2


def test_a_file_has_no_rights(secured: Embedded) -> None:
    secured.write()
    refused = rights(secured)
    assert (refused.exit_code, refused.stderr) == (
        78,
        "stream.yml: index: a file knows no rights: this is for Elasticsearch\n",
    )


def test_an_embedded_index_is_prepared_by_making_its_file(place: Embedded, tmp_path: Path) -> None:
    (tmp_path / "password").write_text("geheim", "utf-8")
    done = place.run("index", "prepare", "--password-file", str(tmp_path / "password"))
    assert (done.exit_code, done.stdout) == (0, "the index is prepared\n")
    assert (place.var / "index.db").exists()


def test_a_server_that_is_away_is_one_sentence(secured: Embedded) -> None:
    refused = rights(secured)
    assert refused.exit_code in (1, 78)
    assert len(refused.stderr.splitlines()) == 1
    assert "geheim" not in refused.stderr
