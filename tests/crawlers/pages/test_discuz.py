"""Every folder of discuz/ is one page: input.html, asked.json, and expected.json or rejected.json."""

import json
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from crawlers.pages.discuz.answer import Page, read
from crawlers.pages.discuz.boards import board_page, boards
from crawlers.pages.discuz.threads import thread_page
from stream.errors import Rejected
from stream.messages import wire_time

CASES = sorted(path.parent for path in (Path(__file__).parent / "discuz").glob("*/input.html"))
URL = "http://bbs.invalid/forum.php"


def seen(page: Page, asked: dict[str, Any]) -> Any:
    if asked["page"] == "thread":
        at = datetime.fromisoformat(asked["at"])
        return asdict(thread_page(page, asked["tid"], at, asked.get("opening")))
    return asdict(board_page(page)) if asked["page"] == "board" else [asdict(board) for board in boards(page)]


def plain(value: Any) -> Any:
    return json.loads(json.dumps(value, ensure_ascii=False, default=wire_time))


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_page_says_what_it_is_expected_to(case: Path) -> None:
    asked = json.loads((case / "asked.json").read_text("utf-8"))
    body = (case / "input.html").read_text("utf-8").encode(asked["encoding"])
    content_type = asked.get("content_type", "text/html; charset=utf-8")
    refused = case / "rejected.json"
    if refused.exists():
        with pytest.raises(Rejected) as caught:
            seen(read(body, content_type, URL), asked)
        assert {"reason": caught.value.reason} == json.loads(refused.read_text("utf-8"))
    else:
        result = plain(seen(read(body, content_type, URL), asked))
        assert result == json.loads((case / "expected.json").read_text("utf-8"))
