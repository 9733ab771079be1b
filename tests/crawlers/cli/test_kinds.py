from dataclasses import replace

import pytest
from click.testing import CliRunner
from rich.cells import cell_len

from crawlers.cli.commands import main
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


def test_the_table_fits_eighty_columns() -> None:
    assert max(map(cell_len, shown())) <= 80


def test_a_kind_that_says_nothing_of_itself_is_described_by_its_configuration(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(KINDS, "phpbb", replace(KINDS["phpbb"], description="", tested=""))
    assert any(line.startswith("phpbb") and "A phpBB board" in line for line in shown())
