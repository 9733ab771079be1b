"""Elasticsearch over https with users, roles and keys: as docs/deployment.md sets it up, on the real server."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from shutil import copytree
from urllib.parse import urlsplit

import pytest
from click.testing import CliRunner, Result
from elasticsearch import Elasticsearch

from scripts.engines.elastic import ADMINISTRATOR, PASSWORD
from stream.cli.commands import main
from stream.config import read_stream
from stream.engines import open_index_reader, open_index_writer
from stream.errors import ConfigError
from stream.index.port import Outcome, PutResult, Query
from tests.engines import engine
from tests.stream.elastic import server
from tests.stream.scored import scored
from tests.stream.tls import tls_before

ROLES = Path("configs/elastic")


class Installation:
    """A folder of configuration over https; `plain` is what stream.yml says before any login."""

    def __init__(self, folder: Path, address: str, name: str, authority: Path) -> None:
        self.folder, self.name = folder, name
        self.plain = f"index: {address}\nindex_name: {name}\nvar: {folder / 'var'}\nindex_ca: {authority}\n"
        copytree(ROLES, folder / "elastic")
        self.password = self.secret("administrator", PASSWORD)
        self.log_in("")

    def log_in(self, lines: str) -> None:
        (self.folder / "stream.yml").write_text(self.plain + lines, "utf-8")

    def secret(self, name: str, content: str) -> Path:
        path = self.folder / name
        path.touch(mode=0o600)
        path.write_text(content, "utf-8")
        return path

    def administer(self, *words: str) -> Result:
        login = ["--configs", str(self.folder), "--login", ADMINISTRATOR, "--password-file", str(self.password)]
        return CliRunner().invoke(main, ["index", *words, *login])

    def key(self, role: str) -> None:
        """Logs in by a new key of the role."""
        done = self.administer("rights", "--key", f"{self.name}-{role}", "--days", "1")
        assert done.exit_code == 0, done.output
        self.log_in(f"index_api_key_file: {self.secret(f'{role}.key', done.stdout.strip())}\n")

    def put(self) -> list[PutResult]:
        with closing(open_index_writer(read_stream(self.folder))) as writer:
            return writer.put([scored(1)])

    def count(self) -> int:
        with closing(open_index_reader(read_stream(self.folder))) as reader:
            return reader.count(Query())


@pytest.fixture
def names() -> Iterator[tuple[Elasticsearch, str]]:
    with server() as (client, names):
        yield client, names.posts.removesuffix("-posts")


@pytest.fixture
def secured(tmp_path: Path, names: tuple[Elasticsearch, str]) -> Iterator[Installation]:
    port = urlsplit(engine("WENFENG_TEST_ELASTIC")).port
    assert port is not None
    with tls_before(port, tmp_path) as (secure, authority):
        yield Installation(tmp_path, f"https://127.0.0.1:{secure}", names[1], authority)


def test_the_stages_write_and_the_readers_read_with_keys_of_their_own_over_https(
    secured: Installation, names: tuple[Elasticsearch, str]
) -> None:
    assert secured.administer("prepare").exit_code == 0
    secured.key("stages")
    assert secured.put() == [PutResult(Outcome.INDEXED)]
    names[0].indices.refresh()
    secured.key("readers")
    assert secured.count() == 1


def test_a_user_made_by_the_command_may_do_what_its_role_says(secured: Installation) -> None:
    assert secured.administer("prepare").exit_code == 0
    password = secured.secret("stages.password", "long-enough-for-a-test")
    user = ("--user", f"{secured.name}-writer", f"{secured.name}-stages", str(password))
    done = secured.administer("rights", *user)
    assert done.exit_code == 0, done.output
    secured.log_in(f"index_user: {secured.name}-writer\nindex_password_file: {password}\n")
    assert secured.put() == [PutResult(Outcome.INDEXED)]


def test_the_setup_key_needs_no_administrator_to_prepare_the_index(secured: Installation) -> None:
    secured.key("setup")
    assert secured.put() == [PutResult(Outcome.INDEXED)]


def test_a_reader_s_key_writes_nothing(secured: Installation) -> None:
    assert secured.administer("prepare").exit_code == 0
    secured.key("readers")
    with pytest.raises(ConfigError, match="the login"):
        secured.put()


def test_the_stages_key_reads_no_other_index(secured: Installation, names: tuple[Elasticsearch, str]) -> None:
    secured.key("stages")
    secured.plain = secured.plain.replace(f"index_name: {secured.name}", "index_name: somebody-else")
    secured.log_in(f"index_api_key_file: {secured.folder / 'stages.key'}\n")
    with pytest.raises(ConfigError, match="the login lacks a right"):
        secured.count()


@pytest.mark.parametrize(
    ("lines", "told"),
    [
        ("index_api_key_file: {wrong}\n", "the login is refused: correct index_user and index_password, or index_api"),
        ("index_user: nobody\nindex_password_file: {wrong}\n", "the login is refused"),
    ],
)
def test_a_wrong_key_or_password_is_refused_in_one_sentence(secured: Installation, lines: str, told: str) -> None:
    wrong = secured.secret("wrong", "d3Jvbmc6d3Jvbmc=")
    secured.log_in(lines.format(wrong=wrong))
    with pytest.raises(ConfigError, match=told):
        secured.count()


def test_a_certificate_that_nobody_vouches_for_is_refused_with_the_remedy(secured: Installation) -> None:
    secured.plain = "".join(line for line in secured.plain.splitlines(True) if not line.startswith("index_ca"))
    secured.log_in("")
    with pytest.raises(ConfigError, match="set index_ca to the CA's file"):
        secured.count()
