import sys
from dataclasses import replace
from pathlib import Path

import pytest

from scripts.engines.process import Broken, free_ports
from scripts.live.front import fronting
from scripts.live.shapes import as_html
from scripts.live.site import Site, answers, carried_out

COUNTING = """
import json, sys
told = json.load(sys.stdin)
first = len(told["known"]) + 1
print("a warning of the software's own")
print(json.dumps({order["key"]: first + number for number, order in enumerate(told["orders"])}))
"""


def command(folder: Path, script: str) -> tuple[str, ...]:
    (folder / "software.py").write_text(script)
    return (sys.executable, str(folder / "software.py"))


def test_numbers_that_a_site_gave_are_known_from_then_on(tmp_path: Path) -> None:
    with fronting(*free_ports(2)) as front:
        site = Site(
            name="blog",
            url="http://127.0.0.1/",
            front=front,
            command=command(tmp_path, COUNTING),
            markup=as_html,
            opening="post",
            reply="comment",
            answers_opening=False,
            known={},
        )
        assert site.do([{"key": "t1"}, {"key": "t1r1"}]) == {"t1": 1, "t1r1": 2}
        assert site.do([{"key": "t2"}]) == {"t2": 3}
        assert site.known == {"t1": 1, "t1r1": 2, "t2": 3}
        assert replace(site, known={}).do([]) == {}


def test_an_order_that_cannot_be_carried_out_ends_the_run_with_its_reason(tmp_path: Path) -> None:
    with pytest.raises(Broken, match=r"ended with 1:\nno such board"):
        carried_out(command(tmp_path, "import sys; sys.exit('no such board')"), {})


def test_where_nothing_listens_nothing_answers() -> None:
    assert not answers(f"http://127.0.0.1:{free_ports(1)[0]}/")
