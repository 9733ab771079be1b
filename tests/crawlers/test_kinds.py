"""The table of kinds: each row holds together, and who reads it loads no Scrapy."""

import subprocess
import sys
from typing import get_args, get_type_hints

import pytest
from scrapy import Spider
from scrapy.utils.misc import load_object

from crawlers.kinds import KINDS, Coming
from crawlers.source import PulledSource, PushedSource

EACH = pytest.mark.parametrize("software", sorted(KINDS))


@EACH
def test_a_kinds_configuration_is_told_apart_by_its_own_key(software: str) -> None:
    told = get_type_hints(KINDS[software].source)["software"]
    assert get_args(told) == (software,)


@EACH
def test_a_kinds_reader_is_there_and_fetches_where_the_kind_is_fetched(software: str) -> None:
    reader = load_object(KINDS[software].reader)
    if KINDS[software].coming is Coming.PULLED:
        assert issubclass(reader, Spider)
        assert issubclass(KINDS[software].source, PulledSource)
    else:
        assert callable(reader)
        assert issubclass(KINDS[software].source, PushedSource)


@EACH
def test_a_kind_names_its_parser_and_knows_the_options_that_all_have(software: str) -> None:
    assert KINDS[software].parser
    assert KINDS[software].version >= 1
    assert {"site", "software", "basis", "internal", "enabled"} <= KINDS[software].options


def test_no_two_kinds_share_a_configuration() -> None:
    assert len({kind.source for kind in KINDS.values()}) == len(KINDS)


def test_options_are_of_the_kinds_that_know_them() -> None:
    known = {name: kind.options for name, kind in KINDS.items()}
    assert "columns" in known["file"]
    assert "columns" not in known["discuz"] | known["feed"]
    assert "url" in known["discuz"] & known["feed"]
    assert "url" not in known["file"]


@pytest.mark.parametrize("module", ["crawlers.kinds", "crawlers.config", "crawlers.push.files"])
def test_who_reads_the_configuration_or_a_file_loads_no_scrapy(module: str) -> None:
    asked = f"import sys, {module}; print('scrapy' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=True).stdout == "False\n"
