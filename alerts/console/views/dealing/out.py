"""外部链接: what stands between a page of ours and a site of others."""

from urllib.parse import urlsplit

from alerts.console.door import Answer, Door, Missing, Shown, Visit


def show(visit: Visit) -> Answer:
    """Says where the link of a post leads, and has a button that goes there. Only posts that the index has, by http."""
    post = next(iter(visit.context.reader.get([visit.asked("post")])), None)
    if post is None:
        raise Missing("没有这条帖文：可能已被清除，或地址有误")
    host = _host(post.url)
    if not host:
        raise Missing("这条帖文没有可以打开的网址")
    name = visit.context.source_names.get(post.source, post.source)
    return Shown("out.html", {"post": post, "host": host, "name": name})


def _host(url: str) -> str:
    """Finds the name of the site that an address leads to; "" where it is no address of the web."""
    try:
        parts = urlsplit(url)
        return (parts.hostname or "") if parts.scheme in ("http", "https") else ""
    except ValueError:
        return ""


DOORS = (Door(path="/out", show=show),)
