from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner
from pydantic import TypeAdapter, ValidationError
from rich.cells import cell_len

from crawlers.cli.commands import main
from crawlers.cli.kinds import needed_keys
from crawlers.kinds import KINDS


def shown() -> list[str]:
    result = CliRunner().invoke(main, ["kinds"], env={"COLUMNS": "80"})
    assert result.exit_code == 0, result.output
    return result.output.splitlines()


def test_every_kind_has_its_line_with_the_keys_it_needs() -> None:
    lines = shown()
    begins = {line.split()[0]: line for line in lines if line and not line.startswith(" ")}
    assert set(KINDS) <= set(begins)
    assert " url" in begins["nodebb"]
    assert " url" not in begins["file"]
    assert "Every source also says basis, site, software." in lines


SAMPLES = {
    "url": "https://a.cn/x", "boards": {"allow": ["jobs"]}, "path": "drop/hotline", "account": "12345",
    "host": "imap.a.cn", "username": "a@a.cn", "corp_id": "ww1234567890", "accounts or hashtags": ["corp"],
}  # fmt: skip


def written(needed: list[str], folder: Path) -> dict[str, object]:
    """The keys of an entry, each with something that its kind takes; secrets as files of this folder."""
    told: dict[str, object] = {}
    for key in needed:
        if key.endswith("_file"):
            file = folder / key
            file.write_text("k" * 43, "utf-8")
            file.chmod(0o600)
            told[key] = str(file)
        else:
            told[key.partition(" or ")[0]] = SAMPLES[key]
    return told


@pytest.mark.parametrize("software", KINDS)
def test_a_kind_starts_with_the_keys_it_is_said_to_need_and_without_none_of_them(software: str, tmp_path: Path) -> None:
    reads = TypeAdapter(KINDS[software].source)
    needed = needed_keys(KINDS[software])
    whole = {"site": "s", "software": software, "basis": "ours"} | written(needed, tmp_path)
    reads.validate_python(whole, context={})
    for key in written(needed, tmp_path):
        with pytest.raises(ValidationError):
            reads.validate_python({other: told for other, told in whole.items() if other != key}, context={})


def test_secrets_are_among_what_is_needed() -> None:
    text = " ".join("".join(shown()).split())
    assert "password_file" in text.replace(" ", "")
    assert "one in _env" in text


def test_the_table_fits_eighty_columns() -> None:
    assert max(map(cell_len, shown())) <= 80


def test_a_kind_that_says_nothing_of_itself_is_described_by_its_configuration(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(KINDS, "phpbb", replace(KINDS["phpbb"], description="", tested=""))
    assert any(line.startswith("phpbb") and "A phpBB board" in line for line in shown())
