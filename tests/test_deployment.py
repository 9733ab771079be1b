"""Dockerfile and compose.yaml without an engine to run them: linters, the schema, what must hold among the files."""

import re
import shutil
import subprocess
import sys
import time
from configparser import ConfigParser
from pathlib import Path
from typing import Any

import pytest
import yaml

from alerts.console.doors import DOORS
from alerts.notify.console import PORT
from scripts.keys import main as make_secrets
from stream.config import StreamConfig
from stream.process.configuration import Configuration

ROOT = Path(__file__).parents[1]
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "compose.yaml").read_text("utf-8"))
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
STAGES = {name: one for name, one in SERVICES.items() if one["image"].startswith("wenfeng:")}
FORMS = ("single", "production")
BIN = Path(sys.executable).parent


def run(*command: str) -> None:
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def environment(form: str) -> dict[str, str]:
    lines = (ROOT / "configs" / "compose" / f"{form}.env").read_text("utf-8").splitlines()
    return dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))


def named(entries: list[Any], key: str = "source") -> set[str]:
    return {entry if isinstance(entry, str) else entry[key] for entry in entries}


DATA = ("state.db", "log.db", "index.db", "voice.key", "evidence.key", "secrets/state.password", "letters/1.eml")
MADE = (".venv/.demo", ".ruff_cache/x", "alerts/__pycache__/x.pyc", "var/demo/state.db", "var/lock/bin/uv")


def cleaned(folder: Path, *words: str) -> str:
    shutil.copy(ROOT / "Makefile", folder)
    for name in (*MADE, *(f"var/{one}" for one in DATA)):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text("x", "utf-8")
    make = shutil.which("make")
    if make is None:
        pytest.skip("make is not installed")
    return subprocess.run([make, "clean", *words], cwd=folder, capture_output=True, text=True, check=True).stdout


def test_cleaning_removes_what_is_made_anew_and_leaves_the_data_and_the_keys(tmp_path: Path) -> None:
    told = cleaned(tmp_path)
    assert [name for name in MADE if (tmp_path / name).exists()] == []
    assert [name for name in DATA if not (tmp_path / "var" / name).exists()] == []
    assert "var/ stays" in told


def test_cleaning_all_removes_the_data_too(tmp_path: Path) -> None:
    assert "var/ stays" not in cleaned(tmp_path, "ALL=1")
    assert [one.name for one in tmp_path.iterdir() if one.is_dir()] == ["alerts"]


SUPERVISOR = """#!/bin/sh
trap 'touch var/ended; exit 0' TERM
touch var/begun
while :; do sleep 0.1; done
"""


def script(file: Path, text: str) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, "utf-8")
    file.chmod(0o755)


def test_who_ends_make_run_alone_ends_the_supervisor_and_waits_for_it(tmp_path: Path) -> None:
    make = shutil.which("make")
    if make is None:
        pytest.skip("make is not installed")
    shutil.copy(ROOT / "Makefile", tmp_path)
    script(tmp_path / "requirements" / "demo.txt", "")
    for name, text in (("python", "#!/bin/sh\n"), ("pip", "#!/bin/sh\n"), ("supervisord", SUPERVISOR)):
        script(tmp_path / ".venv" / "bin" / name, text)
    running = subprocess.Popen([make, "run"], cwd=tmp_path, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    deadline = time.monotonic() + 60
    while not (tmp_path / "var" / "begun").exists() and time.monotonic() < deadline:
        time.sleep(0.05)
    running.terminate()
    running.wait(60)
    assert (tmp_path / "var" / "ended").exists()


def test_the_unit_of_the_guide_runs_what_is_there_and_leaves_stages_the_time_to_stop() -> None:
    guide = (ROOT / "docs" / "operations.md").read_text("utf-8")
    unit = ConfigParser()
    unit.optionxform = str  # type: ignore[assignment,method-assign]
    unit.read_string(re.findall(r"```ini\n(.*?)```", guide, re.DOTALL)[0])
    stages = ConfigParser()
    stages.read(ROOT / "configs" / "supervisord.conf", "utf-8")
    waits = [int(stages[name]["stopwaitsecs"]) for name in stages.sections() if name.startswith("program:")]
    assert unit["Service"]["ExecStart"].endswith("/make run")
    assert int(unit["Service"]["TimeoutStopSec"]) > max(waits)


def test_the_dockerfile_passes_the_linter() -> None:
    run(str(BIN / "hadolint"), "Dockerfile")


def test_the_compose_file_keeps_the_specification() -> None:
    run(str(BIN / "check-jsonschema"), "--builtin-schema", "vendor.compose-spec", "compose.yaml")


def test_every_variable_has_a_value_in_each_form() -> None:
    text = re.sub(r"\$\$", "", (ROOT / "compose.yaml").read_text("utf-8"))
    asked = {name for name, default in re.findall(r"\$\{(\w+)(:-)?", text) if not default}
    for form in FORMS:
        assert asked == environment(form).keys() - {"COMPOSE_PROFILES"}


def test_images_are_official_pinned_and_name_no_registry() -> None:
    for one in SERVICES.values():
        name, _, tag = one["image"].partition(":")
        assert tag
        assert tag != "latest"
        assert name.count("/") <= 1
        assert "." not in name.partition("/")[0]


def test_everything_that_stays_is_watched_bounded_and_started_again() -> None:
    for name, one in SERVICES.items():
        assert one["mem_limit"]
        if name != "prepare":
            assert one["restart"] == "unless-stopped"
            assert one["healthcheck"]["test"]


def test_stages_have_no_more_than_they_need() -> None:
    assert set(STAGES) == {"prepare", "crawlers", "score", "index", "upkeep", "alerts", "console"}
    for name, one in STAGES.items():
        assert one["read_only"]
        assert one["cap_drop"] == ["ALL"]
        assert one["security_opt"] == ["no-new-privileges:true"]
        assert not named(one["secrets"]) & {"postgres_password", "ca.key"}
        assert ("elastic_password" in named(one["secrets"])) == (name == "prepare")
        assert one.get("ports", []) == (["127.0.0.1:8420:8420"] if name == "console" else [])
    for name in ("alerts", "console"):
        assert "stages_password" not in named(STAGES[name]["secrets"])  # they only read the index


def test_no_stage_starts_before_all_is_prepared_and_nothing_is_prepared_before_the_engines_answer() -> None:
    for name, one in STAGES.items():
        if name != "prepare":
            assert one["depends_on"]["prepare"]["condition"] == "service_completed_successfully"
    waited = {name for name, one in STAGES["prepare"]["depends_on"].items() if one["condition"] == "service_healthy"}
    assert waited == {"kafka-1", "kafka-2", "kafka-3", "elasticsearch", "postgres"}


def test_each_stage_is_asked_for_its_own_sign_of_life() -> None:
    for name, one in STAGES.items():
        if name not in ("prepare", "console"):
            assert f"-name {name} -mmin" in one["healthcheck"]["test"][1]
    packages = ("alerts", "crawlers", "nlp", "stream")
    told = "".join(path.read_text("utf-8") for package in packages for path in (ROOT / package).rglob("*.py"))
    assert set(re.findall(r'Alive\([\w.]+, "(\w+)"\)', told)) == STAGES.keys() - {"prepare", "console"}


def test_the_console_is_asked_for_a_page_that_it_has() -> None:
    command = STAGES["console"]["healthcheck"]["test"][-1]
    assert f"127.0.0.1:{PORT}/healthz" in command
    assert "/healthz" in {door.path for door in DOORS}


def test_the_image_has_every_package_and_the_user_is_nobodys() -> None:
    kept = {line[1:] for line in (ROOT / ".dockerignore").read_text("utf-8").splitlines() if line.startswith("!")}
    assert {"alerts", "configs", "crawlers", "nlp", "stream", "requirements/run.txt"} <= kept
    assert not {"tests", "scripts", "var"} & kept
    dockerfile = (ROOT / "Dockerfile").read_text("utf-8")
    assert "\nUSER 10001:10001\n" in dockerfile
    assert "--require-hashes" in dockerfile


def test_make_run_starts_however_deep_the_folder_is(tmp_path: Path) -> None:
    """A socket's path holds 107 characters; supervisor makes every path of its file absolute."""
    deep = tmp_path.joinpath(*["a" * 40] * 4)
    (deep / "configs").mkdir(parents=True)
    (deep / "var").mkdir()
    (deep / ".venv" / "bin").mkdir(parents=True)
    (deep / ".venv" / "bin" / "python").symlink_to("/bin/sleep")  # what is started matters not here
    shutil.copy(ROOT / "configs" / "supervisord.conf", deep / "configs")
    command = [BIN / "supervisord", "-n", "-c", "configs/supervisord.conf"]
    running = subprocess.Popen(command, cwd=deep, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    for _ in range(100):
        if (deep / "var" / "supervisord.pid").exists() or running.poll() is not None:
            break
        time.sleep(0.1)
    assert running.poll() is None
    running.terminate()
    said, _ = running.communicate(timeout=30)
    assert "socket" not in said


def test_make_run_starts_the_stages_of_compose_and_opens_no_socket() -> None:
    read = ConfigParser(interpolation=None)
    read.read(ROOT / "configs" / "supervisord.conf", "utf-8")
    assert {name.partition(":")[0] for name in read.sections()} == {"supervisord", "program"}
    programs = [read[name] for name in read.sections() if name.startswith("program:")]
    started = {tuple(one["command"].removeprefix(".venv/bin/python -m ").split()) for one in programs}
    alone = {("crawlers", "receive")}  # listens on the machine's own address, behind the machine's own proxy
    assert started - alone == {tuple(one["command"]) for name, one in STAGES.items() if name != "prepare"}
    assert alone <= started
    assert {(one["exitcodes"], one["redirect_stderr"]) for one in programs} == {("0,70,78", "true")}


@pytest.fixture(scope="module")
def secrets(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("secrets")
    make_secrets(folder)
    return folder


def test_every_secret_is_made_declared_and_used(secrets: Path) -> None:
    declared = {name: Path(one["file"]) for name, one in COMPOSE["secrets"].items()}
    assert all(path == Path("var/secrets", name) for name, path in declared.items())
    assert all((secrets / name).stat().st_size for name in declared)
    assert set().union(*(named(one.get("secrets", [])) for one in SERVICES.values())) == declared.keys()
    assert (secrets / "elastic_password").stat().st_mode & 0o777 == 0o400
    assert secrets.stat().st_mode & 0o777 == 0o700


def test_making_secrets_again_keeps_those_there_are(secrets: Path) -> None:
    before = {path.name: path.read_bytes() for path in secrets.iterdir()}
    make_secrets(secrets)
    assert {path.name: path.read_bytes() for path in secrets.iterdir()} == before


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("name", ["stream.yml", "stream-readers.yml"])
def test_the_forms_pass_the_production_profile(tmp_path: Path, secrets: Path, form: str, name: str) -> None:
    text = (ROOT / "configs" / "compose" / form / name).read_text("utf-8")
    (tmp_path / "stream.yml").write_text(text.replace("/run/secrets", str(secrets)), "utf-8")
    config = Configuration(tmp_path).add("stream.yml", StreamConfig)()
    assert config.copies == int(environment(form)["KAFKA_COPIES"])
    assert config.log.count("kafka-") == len(environment(form)["KAFKA_VOTERS"].split(","))


@pytest.mark.parametrize("form", FORMS)
def test_readers_differ_from_the_stages_by_their_login_alone(form: str) -> None:
    folder = ROOT / "configs" / "compose" / form
    stages, readers = ((folder / name).read_text("utf-8").splitlines() for name in ("stream.yml", "stream-readers.yml"))
    unlike = [pair for pair in zip(stages, readers, strict=True) if pair[0] != pair[1]]
    assert [one.partition(":")[0] for one, _ in unlike[1:]] == ["index_user", "index_password_file"]
