"""Files that are wrong, in every way that a person or an editor makes them, and secrets that must not show."""

from dataclasses import dataclass as plain
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationInfo, model_validator
from pydantic.dataclasses import dataclass

from stream.config import StreamConfig
from stream.errors import ConfigError
from stream.process.configuration import STRICT, Configuration, Duration, Secret, resolve_secrets
from stream.topics import TopicsConfig


@dataclass(frozen=True, kw_only=True, config=STRICT)
class Mailer:
    wait: Duration = timedelta(minutes=1)
    password: Secret | None = None

    @model_validator(mode="before")
    @classmethod
    def _secrets(cls, raw: Any, info: ValidationInfo) -> Any:
        return resolve_secrets(raw, ("password",), info.context or {})


@plain
class Written:
    folder: Path

    def load(self, text: str, kind: type[Any], **environ: str) -> Any:
        (self.folder / "it.yml").write_text(text, "utf-8")
        return Configuration(self.folder, environ).add("it.yml", kind)()

    def mistakes(self, text: str, kind: type[Any], **environ: str) -> list[tuple[str, str]]:
        with pytest.raises(ConfigError) as refused:
            self.load(text, kind, **environ)
        assert all(mistake.file.endswith("it.yml") for mistake in refused.value.mistakes)
        return [(mistake.key, mistake.problem) for mistake in refused.value.mistakes]


@pytest.fixture
def written(tmp_path: Path) -> Written:
    return Written(tmp_path)


def test_an_empty_file_means_the_defaults(written: Written) -> None:
    assert written.load("", StreamConfig) == StreamConfig()


def test_every_mistake_is_told_at_once_with_its_key(written: Written) -> None:
    text = "profile: big\nlogg: x\ntopics: {posts.raw: {partitions: 0, keep: 5}}"
    found = dict(written.mistakes(text, StreamConfig))
    assert set(found) == {"profile", "logg", "topics.posts.raw.partitions", "topics.posts.raw.keep"}
    assert "unknown key" in found["logg"]
    assert "5s, 5m or 5h" in found["topics.posts.raw.keep"]


def test_mistakes_of_several_files_are_told_together(tmp_path: Path) -> None:
    (tmp_path / "stream.yml").write_text("profil: single", "utf-8")
    configuration = Configuration(tmp_path, {})
    configuration.add("stream.yml", StreamConfig)
    configuration.add("topics.yml", TopicsConfig)
    with pytest.raises(ConfigError) as refused:
        configuration.check()
    told = [mistake.problem for mistake in refused.value.mistakes]
    assert "unknown key" in told[0]
    assert told[1:] == ["the file is missing"]


def test_a_key_written_twice_is_refused_with_its_line(written: Written) -> None:
    (mistake,) = written.mistakes("profile: single\nprofile: single", StreamConfig)
    assert "line 2: the key 'profile' is written twice" in mistake[1]


@pytest.mark.parametrize("text", ["a: [", "\tprofile: x", "- a", "!!python/object:os.system {}", "profile: \x00"])
def test_what_is_no_mapping_is_refused_and_nothing_is_run(written: Written, text: str) -> None:
    assert written.mistakes(text, StreamConfig)


@pytest.mark.parametrize(
    "text", ["profile: 2001-99-99", "? [a]\n: b", "batch: !!int x", "batch: !!float x", "a: " + "[" * 5000]
)
def test_what_the_yaml_library_itself_stumbles_over_is_one_sentence(written: Written, text: str) -> None:
    (mistake,) = written.mistakes(text, StreamConfig)
    assert "not readable as YAML: " in str(mistake)
    assert len(str(mistake).splitlines()) == 1


@pytest.mark.parametrize(("text", "seconds"), [("90d", 7776000), ("15m", 900), ("1.5h", 5400), ("250ms", 0.25)])
def test_a_duration_carries_its_unit(written: Written, text: str, seconds: float) -> None:
    assert written.load(f"wait: {text}", Mailer).wait == timedelta(seconds=seconds)


@pytest.mark.parametrize("text", ["15", "fast", "-3m", "1 month"])
def test_a_duration_without_a_unit_is_refused(written: Written, text: str) -> None:
    assert written.mistakes(f"wait: {text}", Mailer)


def test_a_secret_comes_from_the_environment_and_never_shows(written: Written) -> None:
    mailer = written.load("password_env: WENFENG_PASSWORD", Mailer, WENFENG_PASSWORD="tell nobody")
    assert mailer.password.get_secret_value() == "tell nobody"
    assert "tell nobody" not in repr(mailer)


def test_a_secret_comes_from_a_file(written: Written, tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("tell nobody\n", "utf-8")
    (tmp_path / "secret").chmod(0o600)
    mailer = written.load(f"password_file: {tmp_path / 'secret'}", Mailer)
    assert mailer.password.get_secret_value() == "tell nobody"


def test_a_secret_others_may_change_is_refused(written: Written, tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("x", "utf-8")
    (tmp_path / "secret").chmod(0o666)
    assert "chmod 600" in written.mistakes(f"password_file: {tmp_path / 'secret'}", Mailer)[0][1]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("password: hunter2", "must not be written here"),
        ("password_env: PASSWORD", "begin with WENFENG_"),
        ("password_env: WENFENG_PASSWORD", "is not set"),
        ("password_file: nowhere", "cannot read"),
        ("password_file: a\npassword_env: WENFENG_B", "not both"),
    ],
)
def test_a_secret_that_cannot_be_had_is_a_mistake(written: Written, text: str, told: str) -> None:
    assert told in written.mistakes(text, Mailer)[0][1]
    assert "hunter2" not in str(written.mistakes(text, Mailer))
