"""Every folder <software>/<case>/ is one page and what it says; a new case needs no Python.

`input.<ext>` holds the bytes as they came, `expected.json` what the reader makes of them without what is unset, or
`rejected.json` the reason why it makes nothing. `meta.json`, where it is needed, tells how the page came: its
`address`, the forum's `home`, `status`, `headers`, the server's time `at`, and which `page` was asked for: of a forum
the index, a board or a thread, and by which plainer `view` of it, if by one.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, is_dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from crawlers.kinds import KINDS, Coming
from crawlers.pages.feed import parse
from crawlers.pages.forum import Answer, Forum, ListView, ThreadView, Viewed
from crawlers.pages.mastodon.api import read_timeline
from crawlers.pages.site.article import read_article
from crawlers.pages.site.sitemap import read_sitemap
from crawlers.pages.wechat.article import read_wechat_article
from crawlers.pages.weibo.api import read_comments, read_statuses
from crawlers.pages.wordpress.address import Listing
from crawlers.pages.wordpress.rest import read_list
from stream.errors import Rejected
from stream.messages import Kind

FOLDER = Path(__file__).parent
CASES = sorted(folder for folder in FOLDER.glob("*/*/") if folder.name != "__pycache__")
# Left out of expected.json, as what is unset is.
USUAL = [("gone", False), ("by_last_post", True), ("cut", False), ("stub", False)]
AT = datetime(2026, 11, 19, 6, 34, 20, tzinfo=UTC)  # of the server, unless a case says otherwise
TYPES = {".html": "text/html", ".json": "application/json", ".txt": "text/plain", ".xml": "application/xml"}


@dataclass(frozen=True)
class Case:
    """A page as it came: `asked` is what its meta.json says besides."""

    answer: Answer
    asked: Mapping[str, Any]


def forum(software: Callable[[str, str | None], Forum]) -> Callable[[Case], Any]:
    def read(case: Case) -> Any:
        reader = software(case.asked.get("home", case.answer.url), case.asked.get("encoding"))
        if case.asked["page"] == "index":
            told = reader.read_boards(case.answer)
            more = {"more": told.more} if told.more else {}
            return {"boards": told.boards, "names": told.names, "totals": told.totals} | more
        if case.asked["page"] == "board":
            lists: ListView = plainer(reader).plainer_lists()[view] if (view := case.asked.get("view")) else reader
            return lists.read_board(case.answer, case.asked["board"])
        threads: ThreadView = plainer(reader).plainer_threads()[view] if (view := case.asked.get("view")) else reader
        return threads.read_thread(case.answer, case.asked["thread"], case.asked.get("opening"))

    return read


def plainer(reader: Forum) -> Viewed:
    assert isinstance(reader, Viewed)
    return reader


def feed(case: Case) -> Any:
    answer = case.answer
    kind = Kind(case.asked.get("kind", Kind.ARTICLE))
    return parse(answer.body, answer.url, answer.content_type, answer.at, kind=kind)


def site(case: Case) -> Any:
    answer = case.answer
    if case.asked.get("page") == "sitemap":
        return read_sitemap(answer.body, answer.url, answer.content_type)
    return read_article(answer)


def weibo(case: Case) -> Any:
    status = case.asked.get("status")
    return read_comments(case.answer, status) if status else read_statuses(case.answer)


def wordpress(case: Case) -> Any:
    return read_list(case.answer, Listing(case.asked["page"]), case.asked.get("headers", {}), {2: "停电与抢修"})


READERS: Mapping[str, Callable[[Case], Any]] = {
    "feed": feed,
    "mastodon": lambda case: read_timeline(case.answer, case.asked["board"]),
    "site": site,
    "wechat": lambda case: read_wechat_article(case.answer),
    "weibo": weibo,
    "wordpress": wordpress,
} | {name: forum(kind.given["software"]) for name, kind in KINDS.items() if "software" in kind.given}


def opened(folder: Path) -> Case:
    (source,) = folder.glob("input.*")
    meta = folder / "meta.json"
    asked = json.loads(meta.read_text("utf-8")) if meta.exists() else {}
    answer = Answer(
        body=source.read_bytes(),
        url=asked.get("address", "http://example.com/feed"),
        content_type=asked.get("headers", {}).get("Content-Type", f"{TYPES[source.suffix]}; charset=utf-8"),
        at=datetime.fromisoformat(asked["at"]) if "at" in asked else AT,
        status=asked.get("status", 200),
    )
    return Case(answer, asked)


def plain(value: Any) -> Any:
    """A value in JSON's types, only what is set."""
    if is_dataclass(value) and not isinstance(value, type):
        value = asdict(value)
    if isinstance(value, dict):
        shown = {name: plain(one) for name, one in value.items()}
        return {name: one for name, one in shown.items() if one not in (None, "", {}) and (name, one) not in USUAL}
    if isinstance(value, list | tuple):
        return [plain(one) for one in value]
    return value.isoformat() if isinstance(value, datetime) else value


@pytest.mark.parametrize("folder", CASES, ids=lambda folder: f"{folder.parent.name}/{folder.name}")
def test_a_page_says_what_its_folder_expects(folder: Path) -> None:
    case, read = opened(folder), READERS[folder.parent.name]
    refusal = folder / "rejected.json"
    if refusal.exists():
        with pytest.raises(Rejected) as caught:
            read(case)
        assert {"reason": caught.value.reason} == json.loads(refusal.read_text("utf-8"))
    else:
        assert plain(read(case)) == json.loads((folder / "expected.json").read_text("utf-8"))


@pytest.mark.parametrize("folder", CASES, ids=lambda folder: f"{folder.parent.name}/{folder.name}")
def test_a_folder_holds_one_input_one_outcome_and_nothing_that_is_not_read(folder: Path) -> None:
    names = sorted(path.name for path in folder.iterdir())
    known = {"expected.json", "rejected.json", "meta.json", *(f"input{ending}" for ending in TYPES)}
    assert set(names) <= known
    assert len({"expected.json", "rejected.json"} & set(names)) == 1
    assert len([name for name in names if name.startswith("input.")]) == 1


def test_every_software_that_is_crawled_has_pages_that_are_read_and_pages_that_are_refused() -> None:
    for software in (name for name, kind in KINDS.items() if kind.coming is Coming.PULLED):
        outcomes = {path.name for path in (FOLDER / software).glob("*/*ed.json")}
        assert outcomes == {"expected.json", "rejected.json"}
