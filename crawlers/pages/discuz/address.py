"""Where things are on a Discuz site, and what an address leads to."""

import re
from urllib.parse import parse_qs, urljoin, urlsplit

_REWRITTEN = re.compile(r"(?:^|/)(forum|thread)-(\d+)-(\d+)(?:-\d+)?\.html")
_AUTHOR_ID = re.compile(r"[?&;]uid=(\d+)|space-uid-(\d+)\.html")


def thread_id(url: str) -> str | None:
    """Finds the thread that an address leads to, or None where it leads elsewhere."""
    if match := _REWRITTEN.search(url):
        return match[2] if match[1] == "thread" else None
    query = parse_qs(urlsplit(url).query)
    return query["tid"][0] if query.get("mod") == ["viewthread"] and "tid" in query else None


def board_id(href: str) -> str | None:
    """Finds the board that a link leads to, if to its first page without any filter."""
    if match := _REWRITTEN.search(href):
        return match[2] if match[1] == "forum" else None
    query = parse_qs(urlsplit(href).query)
    plain = query.get("mod") == ["forumdisplay"] and query.keys() <= {"mod", "fid", "page"}
    return query["fid"][0] if plain and query.get("fid", [""])[0].isdigit() else None


def index_url(base: str) -> str:
    """Builds the address of the forum's index."""
    return urljoin(base, "forum.php")


def board_url(base: str, fid: str, page: int = 1) -> str:
    """Builds the address of a board's page.

    Ordered by last post whatever the board's own order is, as the site's own link has it.
    """
    address = f"forum.php?mod=forumdisplay&fid={fid}&filter=lastpost&orderby=lastpost"
    return urljoin(base, address + (f"&page={page}" if page > 1 else ""))


def thread_url(base: str, tid: str, page: int = 1) -> str:
    """Builds the address of a thread's page; that of page one is without its number.

    A thread whose counters are repaired redirects there, to the same page again.
    """
    return urljoin(base, f"forum.php?mod=viewthread&tid={tid}" + (f"&page={page}" if page > 1 else ""))


def post_url(base: str, tid: str, pid: str) -> str:
    """Builds a reply's permanent address, for people: robots.txt keeps programs from it."""
    return urljoin(base, f"forum.php?mod=redirect&goto=findpost&ptid={tid}&pid={pid}")


def author_id(href: str) -> str | None:
    """Finds the number of the member that a link leads to."""
    match = _AUTHOR_ID.search(href)
    return (match[1] or match[2]) if match else None
