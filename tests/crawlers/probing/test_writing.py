"""A source is written into crawlers.yml as a person would write it: comments stay, and mistakes leave the old file."""

import os
from pathlib import Path

import pytest
from yaml import safe_load

from crawlers.probing.writing import add_source, candidate, with_source
from stream.errors import Rejected

ENTRY = "news:\n  site: news\n  software: feed\n"
SHIPPED = Path("configs/crawlers.yml").read_text("utf-8")


def kept(before: str, after: str) -> bool:
    """Whether each comment is still there, in its order."""
    comments = [line for line in before.splitlines() if line.lstrip().startswith("#")]
    return comments == [line for line in after.splitlines() if line.lstrip().startswith("#")]


@pytest.mark.parametrize(
    "text",
    [
        "contact: a\nsources: {}   # without the {} later\n#  old: x\n",
        "contact: a\nsources:\n",
        "contact: a\nsources:",
        "contact: a\nsources: null\nworkers: 3\n",
        "contact: a\n# nothing yet\n",
        "contact: a\nsources:  # ours\n    # the first\n    old:\n        site: old\nworkers: 3\n",
        "sources:\n  old: {site: old}\ncontact: a\n",
        SHIPPED,
    ],
)
def test_the_entry_stands_below_sources_and_the_rest_is_as_it_was(text: str) -> None:
    after = with_source(text, ENTRY)
    before, now = safe_load(text), safe_load(after)
    assert now["sources"]["news"] == {"site": "news", "software": "feed"}
    assert {name: one for name, one in now["sources"].items() if name != "news"} == (before.get("sources") or {})
    assert {key: value for key, value in now.items() if key != "sources"} == {
        key: value for key, value in before.items() if key != "sources"
    }
    assert kept(text, after)
    assert safe_load(with_source(after, ENTRY.replace("news", "more")))["sources"].keys() > now["sources"].keys()


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("sources: {}      # without the {} once the first one stands below", "sources:"),
        ("sources: {}  # ours", "sources:  # ours"),
        ("sources:  # each with {} or a block", "sources:  # each with {} or a block"),
    ],
)
def test_a_comment_about_the_braces_goes_with_them_and_no_other_does(before: str, after: str) -> None:
    assert with_source(f"contact: a\n{before}\n", ENTRY).splitlines()[1] == after


@pytest.mark.parametrize("text", ["sources: {old: {site: old}}\n", "sources: &x\n  old: {}\n", "sources: []\n"])
def test_a_file_that_is_written_otherwise_is_refused(text: str) -> None:
    with pytest.raises(Rejected, match="on a line of its own"):
        with_source(text, ENTRY)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "crawlers.yml"
    path.write_text("sources: {}\n", "utf-8")
    path.chmod(0o640)
    return path


def test_the_file_is_replaced_at_once_with_its_rights_and_a_link_is_followed(file: Path) -> None:
    link = file.with_name("link.yml")
    link.symlink_to(file)
    seen = []
    add_source(link, ENTRY, lambda new: seen.append(new.read_text("utf-8")))
    assert safe_load(file.read_text("utf-8"))["sources"]["news"]["site"] == "news"
    assert seen == [file.read_text("utf-8")]
    assert link.is_symlink()
    assert file.stat().st_mode & 0o777 == 0o640
    assert sorted(os.listdir(file.parent)) == ["crawlers.yml", "link.yml"]


def test_a_mistake_leaves_the_file_as_it_was_and_nothing_beside_it(file: Path) -> None:
    def refuse(_: Path) -> None:
        raise ValueError("a mistake")

    with pytest.raises(ValueError, match="a mistake"):
        add_source(file, ENTRY, refuse)
    assert file.read_text("utf-8") == "sources: {}\n"
    assert os.listdir(file.parent) == ["crawlers.yml"]


def test_a_candidate_is_only_lent(file: Path) -> None:
    with candidate(file, ENTRY) as new:
        assert "news" in new.read_text("utf-8")
    assert not new.exists()
