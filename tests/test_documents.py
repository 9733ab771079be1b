"""README.md and the guides against the program: what they tell to type is there, and nothing is left out."""

import re
import shlex
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import click
import pytest
import yaml
from click.testing import CliRunner

from crawlers.config import CrawlersConfig
from stream.errors import ConfigError
from stream.matching import TopicMatcher
from stream.process.configuration import Configuration
from stream.spelling.folding import fold
from stream.topics import TopicsConfig
from stream.version import VERSION

ROOT = Path(__file__).parents[1]
PACKAGES = ("crawlers", "stream", "nlp", "alerts")
TEXTS = {name: (ROOT / name).read_text("utf-8") for name in ("README.md", "docs/commands.md", "docs/operations.md")}
RUNNABLE = re.compile(rf"-m ((?:{'|'.join(PACKAGES)})\b(?:'[^']*'|\"[^\"]*\"|[^`|\n\\])*)`")


def group(package: str) -> click.Group:
    found = import_module(f"{package}.cli.commands").main
    assert isinstance(found, click.Group)
    return found


def commands(here: click.Command, path: str) -> Iterator[str]:
    """Every command below one, by its words; a group that does something by itself counts."""
    if not isinstance(here, click.Group) or here.invoke_without_command:
        yield path
    if isinstance(here, click.Group):
        for name, one in here.commands.items():
            yield from commands(one, f"{path} {name}")


@pytest.mark.parametrize("package", PACKAGES)
def test_every_package_tells_its_version(package: str) -> None:
    assert CliRunner().invoke(group(package), ["--version"]).output == f"Wenfeng, version {VERSION}\n"


def test_what_reads_no_configuration_is_named_in_the_index() -> None:
    (named,) = re.findall(r"all but (.*?) have `--configs", TEXTS["docs/commands.md"], re.DOTALL)
    here = [(path, one) for package in PACKAGES for path, one in leaves(group(package), package)]
    without = {path for path, one in here if "--configs" not in {name for option in one.params for name in option.opts}}
    assert set(re.findall(r"`(.*?)`", named)) == without


def leaves(here: click.Command, path: str) -> Iterator[tuple[str, click.Command]]:
    """Every command that is no group, by its words."""
    if not isinstance(here, click.Group):
        yield path, here
        return
    for name, one in here.commands.items():
        yield from leaves(one, f"{path} {name}")


def told(document: str) -> Iterator[tuple[str, list[click.Command], list[str]]]:
    """Every `python -m` command of a document: its words as far as they name commands, these commands, the rest."""
    for line in RUNNABLE.findall(TEXTS[document]):
        package, *words = shlex.split(line)
        chain: list[click.Command] = [group(package)]
        path = package
        while words and isinstance(chain[-1], click.Group) and words[0] in chain[-1].commands:
            path += f" {words[0]}"
            chain.append(chain[-1].commands[words.pop(0)])
        yield path, chain, words


def test_every_command_is_in_the_index() -> None:
    there = {one for package in PACKAGES for one in commands(group(package), package)}
    missing = there - {path for path, _, _ in told("docs/commands.md")}
    text = TEXTS["docs/commands.md"]
    assert [one for one in sorted(missing) if f"`{one}`" not in text and not one.endswith(" check-config")] == []


@pytest.mark.parametrize("document", TEXTS)
def test_what_is_told_to_type_is_a_command_with_these_options(document: str) -> None:
    found = list(told(document))
    assert len(found) >= 3
    for path, chain, words in found:
        assert not isinstance(chain[-1], click.Group) or chain[-1].invoke_without_command, f"no command: {path} {words}"
        options = {name for one in chain for parameter in one.params for name in parameter.opts}
        assert {word for word in words if word.startswith("--")} <= options, path


@pytest.mark.parametrize("document", TEXTS)
def test_every_target_of_make_that_is_told_is_there(document: str) -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE))
    assert set(re.findall(r"(?:`|^)make ([a-z-]+)", TEXTS[document], re.MULTILINE)) <= targets


def test_every_target_of_make_is_in_the_index() -> None:
    listed = re.findall(r"^([a-z-]+):.*## ", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE)
    assert [name for name in listed if f"make {name}" not in TEXTS["docs/commands.md"] and name != "help"] == []


@pytest.mark.parametrize(
    "document", [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))], ids=lambda one: one.name
)
def test_links_lead_somewhere(document: Path) -> None:
    places = re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", document.read_text("utf-8"))
    assert [place for place in places if not (document.parent / place).exists()] == []


def snippet() -> str:
    """The whole of configs/crawlers.yml as README has it."""
    (found,) = re.findall(r"```yaml\n(.*?)```", TEXTS["README.md"], re.DOTALL)
    return str(found)


def written(folder: Path, text: str) -> CrawlersConfig:
    key = folder / "voice.key"
    key.write_text("0" * 64, "utf-8")
    key.chmod(0o600)
    (folder / "crawlers.yml").write_text(text.replace("var/voice.key", str(key)), "utf-8")
    return Configuration(folder, {}).add("crawlers.yml", CrawlersConfig)()


def test_the_source_of_the_readme_is_a_whole_file_once_the_contact_is_ones_own(tmp_path: Path) -> None:
    config = written(tmp_path, snippet().replace("webmaster@example.com", "webmaster@corp.cn"))
    assert list(config.sources) == ["townhall"]


def test_it_has_no_mistakes_as_it_stands_as_its_host_is_made_up_too(tmp_path: Path) -> None:
    assert list(written(tmp_path, snippet()).sources) == ["townhall"]


def test_for_a_real_host_it_is_refused_for_its_contact_alone(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        written(tmp_path, snippet().replace("bbs.example.com", "bbs.corp.cn"))
    assert len(caught.value.mistakes) == 1
    assert "placeholder" in str(caught.value)


def test_on_this_machine_it_works_as_it_stands_with_private_true(tmp_path: Path) -> None:
    raw: dict[str, Any] = yaml.safe_load(snippet())
    raw["sources"]["townhall"] |= {"url": "http://127.0.0.1:8000/forum.php", "private": True}
    assert written(tmp_path, yaml.safe_dump(raw, allow_unicode=True)).contact == "webmaster@example.com"


@pytest.mark.parametrize("document", ["README.md", "docs/commands.md"])
def test_the_sentence_to_try_meets_the_shipped_topics(document: str) -> None:
    matcher = TopicMatcher(Configuration(ROOT / "configs", {}).add("topics.yml", TopicsConfig)())
    sentences = [words[0] for path, _, words in told(document) if path == "nlp match"]
    assert sentences
    assert all(matcher.topics(fold(sentence)) for sentence in sentences)
