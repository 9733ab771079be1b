"""Every folder of discuz/ is one page: input.html, asked.json, and expected.json or rejected.json."""

import json
import re
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from crawlers.pages.discuz.answer import Page, read
from crawlers.pages.discuz.boards import board_page, boards
from crawlers.pages.discuz.threads import thread_page
from stream.errors import Rejected
from stream.messages import wire_time

CASES = sorted(path.parent for path in (Path(__file__).parent / "discuz").glob("*/input.html"))
AT = datetime(2026, 11, 19, 6, 34, 20, tzinfo=UTC)
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


def thread(post: str) -> bytes:
    case = Path(__file__).parent / "discuz" / "thread-last-page-of-three" / "input.html"
    return re.sub(
        r'(?s)(<td class="t_f"[^>]*>).*?(</td>)', lambda cell: cell[1] + post + cell[2], case.read_text()
    ).encode()


@pytest.mark.parametrize("control", ["\x04", "\x0c", "\ufffe", "\x00"])
def test_a_character_lxml_refuses_ends_no_crawl(control: str) -> None:
    post = f'停电<i class="pstatus">本帖最后由 a 编辑</i>{control}了<font class="jammer">k3</font>{control}没人管'
    page = thread_page(read(thread(post), "text/html; charset=utf-8", URL), "9", AT, "50")
    assert {"停电", "了", "没人管"} <= set(re.split(r"[^\w]+|(?<=停电)|(?<=了)", page.sightings[0].text))


@pytest.mark.parametrize("codec", ["hex", "idna", "undefined", "rot13", "no-such-codec"])
def test_a_codec_that_is_none_of_text_is_not_believed(codec: str) -> None:
    body = f"<meta charset={codec}><title>停电</title><p>停电</p>".encode()
    assert "停电" in read(body, "text/html", URL).root.text_content()


@pytest.mark.parametrize("body", [b"<!DOCTYPE<<laMl>\n", b"<!-- -->", b"\x01"])
def test_a_page_without_any_element_is_rejected(body: bytes) -> None:
    with pytest.raises(Rejected, match="empty"):
        read(body, "text/html", URL)
