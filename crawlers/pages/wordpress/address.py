"""Where WordPress's REST interface lies, and the addresses of its lists."""

from enum import StrEnum
from urllib.parse import urlencode, urlsplit, urlunsplit

BY_ID = {"orderby": "id", "order": "asc"}  # the order in which nothing moves while a list is read
_FIELDS = {
    "posts": "id,date_gmt,modified_gmt,link,title,content,author,categories",
    "comments": "id,type,post,parent,author,author_name,date_gmt,link,content",
    "categories": "id,name",
}  # no addresses of faces, which are hashes of mail addresses


class Listing(StrEnum):
    """What is listed."""

    POSTS = "posts"
    COMMENTS = "comments"

    @property
    def latest_first(self) -> dict[str, str]:
        """Tells how to ask for what changed last. Comments bear no time of their edit; by time is their usual order."""
        return {"orderby": "modified", "order": "desc"} if self is Listing.POSTS else {}


def root_of(url: str) -> str:
    """Finds the interface of the site at `url`: its home, any address with /wp-json, or one with ?rest_route=."""
    parts = urlsplit(url)
    if "rest_route=" in parts.query:
        return urlunsplit((parts.scheme, parts.netloc, parts.path, "rest_route=", ""))
    home, found, _ = parts.path.partition("/wp-json")
    folder = home if found else home.rpartition("/")[0] if "." in home.rpartition("/")[2] else home.rstrip("/")
    return urlunsplit((parts.scheme, parts.netloc, f"{folder}/wp-json", "", ""))


def list_url(root: str, listing: str, *, size: int, number: int, order: dict[str, str]) -> str:
    """Builds the address of page `number`, of `size` rows, of a list; with the fields alone that are read."""
    asked = urlencode({"per_page": size, "page": number, **order, "_fields": _FIELDS[listing]}, safe=",")
    return f"{root}/wp/v2/{listing}{'&' if 'rest_route=' in root else '?'}{asked}"
