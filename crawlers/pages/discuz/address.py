"""Where things are on a Discuz site, and what an address leads to."""

import re
from functools import lru_cache
from urllib.parse import parse_qs, urljoin, urlsplit

_THREAD = re.compile(r"(?:^|/)thread-(\d+)-\d+(?:-\d+)?\.html")
_BOARD = re.compile(r"(?:^|/)forum-(?!gid-)([A-Za-z0-9_]+)-\d+(?:-\d+)?\.html")  # by number or by name
_OWN_SCRIPT = re.compile(
    r"(?:^|/)(?:\w+\.php|archiver/|(?:space|group|blog|article|topic|thread|forum-gid)-[\w-]+\.html)"
)
_ANY_VIEW = re.compile(r"^(?:www|wap|m)\.")  # of one site
_AUTHOR_ID = re.compile(r"[?&;]uid=(\d+)|space-uid-(\d+)\.html")


def thread_id(url: str) -> str | None:
    """Finds the thread that an address leads to, or None where it leads elsewhere."""
    if match := _THREAD.search(url):
        return match[1]
    query = parse_qs(urlsplit(url).query)
    return query["tid"][0] if query.get("mod") == ["viewthread"] and "tid" in query else None


def board_id(href: str, *homes: str) -> str | None:
    """Finds the board that a link leads to, if to its first page without any filter.

    That is its number, or the name that the owner gave it for its address (`forum-outage-1.html`). Where `homes` are
    given, addresses of the site itself, a link to another host than theirs leads to another forum's board.
    """
    if homes and "//" in href and (host := _host(href)) and host not in map(_host, homes):
        return None
    if match := _BOARD.search(href):
        return match[1]
    query = parse_qs(urlsplit(href).query)
    plain = query.get("mod") == ["forumdisplay"] and query.keys() <= {"mod", "fid", "page", "mobile"}
    return query["fid"][0] if plain and query.get("fid", [""])[0].isdigit() else None


def _host(url: str) -> str:
    try:
        return _ANY_VIEW.sub("", urlsplit(url).hostname or "")
    except ValueError:  # such as http://[
        return "["


def is_strange(href: str, base: str) -> bool:
    """Tells whether a link leads to a page of this site under an address that no Discuz! has by itself."""
    try:
        parts, home = urlsplit(urljoin(base, href)), urlsplit(base)
    except ValueError:
        return False
    here = parts.scheme in ("http", "https") and parts.netloc == home.netloc and parts.path not in ("", "/", home.path)
    return bool(here and not _OWN_SCRIPT.search(parts.path))


@lru_cache(maxsize=64)  # of every post's address
def index_url(base: str) -> str:
    """Builds the address of the forum's index."""
    return urljoin(base, "forum.php")


def board_url(base: str, fid: str, page: int = 1) -> str:
    """Builds the address of a board's page.

    Ordered by last post whatever the board's own order is, as the site's own link has it. One that is known by a name
    has the address that the name is for: the site's rule hands on what stands behind it.
    """
    order = "filter=lastpost&orderby=lastpost"
    if not fid.isdigit():
        return urljoin(base, f"forum-{fid}-{page}.html?{order}")
    address = f"forum.php?mod=forumdisplay&fid={fid}&{order}"
    return urljoin(base, address + (f"&page={page}" if page > 1 else ""))


def thread_url(base: str, tid: str, page: int = 1) -> str:
    """Builds the address of a thread's page; that of page one is without its number.

    A thread whose counters are repaired redirects there, to the same page again.
    """
    return f"{index_url(base)}?mod=viewthread&tid={tid}" + (f"&page={page}" if page > 1 else "")


def post_url(base: str, tid: str, pid: str) -> str:
    """Builds a reply's permanent address, for people: robots.txt keeps programs from it."""
    return f"{index_url(base)}?mod=redirect&goto=findpost&ptid={tid}&pid={pid}"


def author_id(href: str) -> str | None:
    """Finds the number of the member that a link leads to."""
    match = _AUTHOR_ID.search(href)
    return (match[1] or match[2]) if match else None
