"""Files that are wrong, in every way that a person or an editor makes them, and secrets that must not show."""

import gc
from contextlib import suppress
from dataclasses import dataclass as plain
from dataclasses import field
from datetime import timedelta
from pathlib import Path
from re import fullmatch
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationInfo, model_validator
from pydantic.dataclasses import dataclass

from stream.config import StreamConfig
from stream.errors import ConfigError
from stream.process.configuration import (
    STRICT,
    WITH_KEYS,
    Configuration,
    Duration,
    Secret,
    bare_secret,
    read_duration,
    resolve_secrets,
)
from stream.topics import TopicsConfig

WIDE = "has a full-width colon: write"
REFUSED = "holds a line break, a control or an invisible character, or is not UTF-8: write it anew"


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


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("wait: 1m\n\tpassword: x", "line 2: it begins with a tab: indent with blanks"),
        ("wait:\n\t\tx: 1", "line 2: it begins with a tab"),
        ("wait：1m\npassword_env: X", "line 1: `wait：` has a full-width colon: write `wait:`, and a blank"),
        ("wait: 1m\npassword_env：X\n", "line 2: `password_env：` has a full-width colon"),
        ("wait: @x", "put a value that begins with such a character in quotes"),
        ("wait: 1m: 2", "line 1: mapping values are not allowed in this context: indent it like its neighbours"),
        ("wait: 'x\n", "a quote or a bracket is not closed"),
        ('wait: "C:\\dir"', "in 'single quotes' a backslash stands for itself"),
    ],
)
def test_where_yaml_stumbles_it_is_said_in_which_line_and_what_to_write(written: Written, text: str, told: str) -> None:
    ((key, problem),) = written.mistakes(text, Mailer)
    assert (key, told in problem) == ("", True), problem


@dataclass(frozen=True, kw_only=True, config=STRICT)
class Office:
    mailers: dict[str, Mailer] = field(default_factory=dict)
    mailer: Mailer | None = None
    names: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, config=STRICT)
class Desk:
    address: str


@pytest.mark.parametrize(
    ("text", "key", "told"),
    [
        (
            "mailers:\n  one：\n    wait：1m",
            "mailers",
            "line 2: `one：` has a full-width colon: write `one:`, and a blank before a value",
        ),
        ("mailers:\n  - wait: 1m", "mailers", f"this is a list: {WITH_KEYS}, without `- `"),
        ("mailers: one", "mailers", f"{WITH_KEYS} (found 'one')"),
        ("mailers:", "mailers", f"{WITH_KEYS} (found None)"),
        ("mailers:\n  one: 1m", "mailers.one", f"{WITH_KEYS} (found '1m')"),
        ("mailer: 1m", "mailer", f"{WITH_KEYS} (found '1m')"),
        ("names: one", "names", "write a list below it, each entry on a line of its own behind `- ` (found 'one')"),
        ("wait：1m", "", f"line 1: `wait：` {WIDE} `wait:`, and a blank before a value"),
        ("just words", "", f"{WITH_KEYS} (found 'just words')"),
    ],
)
def test_a_value_in_the_place_of_a_section_or_list_is_told_with_what_to_write(
    written: Written, text: str, key: str, told: str
) -> None:
    assert written.mistakes(text, Office) == [(key, told)]


def test_a_key_that_must_be_there_is_told_by_its_name(written: Written) -> None:
    assert written.mistakes("", Desk) == [("address", "is missing: write `address: ` and its value")]


@pytest.mark.parametrize("text", ["a: [", "\tprofile: x", "- a", "!!python/object:os.system {}", "profile: \x00"])
def test_what_is_no_mapping_is_refused_and_nothing_is_run(written: Written, text: str) -> None:
    assert written.mistakes(text, StreamConfig)


@pytest.mark.parametrize(
    "text",
    [
        "profile: 2001-99-99",
        "? [a]\n: b",
        "batch: !!int x",
        "batch: !!float x",
        "a: " + "[" * 5000,
        "a: " + "[" * 5000 + "]" * 5000,
        "- " * 20_000 + "a",
    ],
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


@pytest.mark.parametrize("text", ["36501d", "900719925474099215m", f"{'9' * 400}h"])
def test_a_duration_that_no_calendar_holds_is_refused_in_one_sentence(written: Written, text: str) -> None:
    (mistake,) = written.mistakes(f"wait: {text}", Mailer)
    assert "is longer than 36500d" in str(mistake)
    assert written.load("wait: 36500d", Mailer).wait == timedelta(days=36_500)


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


@pytest.mark.parametrize("text", ["profile: single", "profile: big", "profile: ["])
def test_garbage_is_looked_for_again_after_a_file_was_read(written: Written, text: str) -> None:
    assert gc.isenabled()
    with suppress(ConfigError):
        written.load(text, StreamConfig)
    assert gc.isenabled()


@pytest.mark.parametrize("text", ["profile: single", "profile: ["])
def test_who_switched_the_search_for_garbage_off_keeps_it_off(written: Written, text: str) -> None:
    gc.disable()
    try:
        with suppress(ConfigError):
            written.load(text, StreamConfig)
        assert not gc.isenabled()
    finally:
        gc.enable()


def test_a_value_is_given_only_once_everything_was_checked(tmp_path: Path) -> None:
    (tmp_path / "stream.yml").write_text("", "utf-8")
    configuration = Configuration(tmp_path, {})
    stream = configuration.add("stream.yml", StreamConfig)
    configuration.refuse("stream.yml", "var", "is full")
    with pytest.raises(ConfigError, match=r"stream\.yml: var: is full"):
        stream()


def test_a_mistake_only_the_caller_sees_is_told_with_the_others(tmp_path: Path) -> None:
    (tmp_path / "stream.yml").write_text("batch: 0", "utf-8")
    configuration = Configuration(tmp_path, {})
    configuration.add("stream.yml", StreamConfig)
    configuration.refuse("topics.yml", "", "names no desk")
    with pytest.raises(ConfigError) as refused:
        configuration.check()
    assert [mistake.file for mistake in refused.value.mistakes] == [str(tmp_path / "stream.yml"), "topics.yml"]


@pytest.mark.parametrize("content", [b"\xff\xfe", "batch: 1\n".encode("utf-16")])
def test_a_file_that_is_no_utf_8_is_one_sentence(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "it.yml").write_bytes(content)
    with pytest.raises(ConfigError, match="not readable as YAML"):
        Configuration(tmp_path, {}).add("it.yml", StreamConfig)()


def test_a_folder_in_the_place_of_a_file_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "it.yml").mkdir()
    with pytest.raises(ConfigError, match="not readable"):
        Configuration(tmp_path, {}).add("it.yml", StreamConfig)()


@pytest.mark.parametrize("text", ["wait: 0s", "wait: 0"])
def test_no_time_at_all_is_a_duration(written: Written, text: str) -> None:
    assert written.load(text, Mailer).wait == timedelta(0)


@given(st.integers(0, 10_000), st.sampled_from(["ms", "s", "m", "h", "d"]))
def test_every_number_with_a_unit_is_a_duration(number: int, unit: str) -> None:
    seconds = {"ms": 0.001, "s": 1, "m": 60, "h": 3600, "d": 86400}[unit]
    assert read_duration(f"{number}{unit}") == timedelta(seconds=number * seconds)


@given(st.text(max_size=12))
def test_any_text_is_a_duration_or_refused_with_what_to_write(text: str) -> None:
    if fullmatch(r"\s*\d+(\.\d+)?(ms|s|m|h|d)\s*", text):
        with suppress(ValueError):  # longer than any calendar
            assert isinstance(read_duration(text), timedelta)
        return
    with pytest.raises(ValueError, match="write a number and ms, s, m, h or d"):
        read_duration(text)


@pytest.mark.parametrize("value", [None, True, [], timedelta(1)])
def test_what_is_no_duration_at_all_is_left_for_the_type_to_refuse(value: object) -> None:
    assert read_duration(value) is value


def test_an_empty_secret_is_refused_and_so_is_an_empty_variable(written: Written, tmp_path: Path) -> None:
    (tmp_path / "secret").touch(mode=0o600)
    assert "is empty" in written.mistakes(f"password_file: {tmp_path / 'secret'}", Mailer)[0][1]
    assert "is not set" in written.mistakes("password_env: WENFENG_X", Mailer, WENFENG_X="")[0][1]


def test_what_was_found_in_a_place_is_shown_but_never_a_whole_section(written: Written) -> None:
    assert "(found 0)" in written.mistakes("batch: 0", StreamConfig)[0][1]
    assert "found" not in written.mistakes("batch: {secret: geheim}", StreamConfig)[0][1]


@pytest.mark.parametrize("found", ["s3cret\n", "s3cret\r\n", " s3cret\n\n", "s3cret"])
def test_a_line_break_at_the_end_of_a_secret_is_cut_off_wherever_it_comes_from(
    written: Written, tmp_path: Path, found: str
) -> None:
    (tmp_path / "secret").write_bytes(b"\xef\xbb\xbf" + found.encode())
    (tmp_path / "secret").chmod(0o600)
    from_file = written.load(f"password_file: {tmp_path / 'secret'}", Mailer)
    from_environment = written.load("password_env: WENFENG_PASSWORD", Mailer, WENFENG_PASSWORD=found)
    assert from_file.password.get_secret_value() == from_environment.password.get_secret_value() == "s3cret"


@pytest.mark.parametrize(
    "found", ["ge\nheim", "ge\theim", "geheim\x00x", "geheim\u200b", "geheim\ud800", "geheim\u2028x"]
)
def test_a_secret_that_no_protocol_carries_is_refused_and_not_shown(written: Written, found: str) -> None:
    ((key, problem),) = written.mistakes("password_env: WENFENG_PASSWORD", Mailer, WENFENG_PASSWORD=found)
    assert (key, "WENFENG_PASSWORD holds a line break, a control or an invisible character" in problem) == ("", True)
    assert "heim" not in problem


def test_a_file_that_is_no_utf_8_is_refused_and_nothing_of_it_is_shown(written: Written, tmp_path: Path) -> None:
    (tmp_path / "secret").write_bytes("geheim密码".encode("gb18030"))
    (tmp_path / "secret").chmod(0o600)
    ((_, problem),) = written.mistakes(f"password_file: {tmp_path / 'secret'}", Mailer)
    assert "is not UTF-8: write the secret anew" in problem
    assert "geheim" not in problem
    assert "0x" not in problem


@pytest.mark.parametrize("word", ["yes", "no", "on", "off"])
def test_a_word_is_no_number_and_no_truth_value_unless_one_is_due(written: Written, word: str) -> None:
    @dataclass(frozen=True, kw_only=True, config=STRICT)
    class Counting:
        least: int = 1
        told: bool = False
        people: dict[str, int] = field(default_factory=dict)

    assert written.mistakes(f"least: {word}", Counting)[0][0] == "least"
    assert written.load(f"told: {word}", Counting).told is (word in ("yes", "on"))
    assert written.load(f"people: {{{word}: 3}}", Counting).people == {word: 3}


@given(st.text())
def test_a_secret_is_what_was_found_without_its_ends_or_refused_without_a_word_of_it(found: str) -> None:
    told = ""
    try:
        secret = bare_secret(found, "it")
    except ValueError as error:
        told = str(error)
    if told:
        assert told in ("it is empty", f"it {REFUSED}")
        return
    assert secret == found.strip()
    assert len(secret.splitlines()) == 1
    assert secret.encode("utf-8")
