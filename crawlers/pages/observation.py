"""What one page says of one post, in the page's own words, before it gets an identity and our times."""

from dataclasses import dataclass, field
from datetime import datetime

from stream.messages import Counts, Kind, Precision


@dataclass(frozen=True, slots=True, kw_only=True)
class Observation:
    """One post as a page shows it: raw text, the site's own ids, nothing normalised.

    `native_id`, `thread` (the opening post, itself for a thread or an article) and `parent` carry their kind, as in
    `pid:22`. Of a text that is `cut` the site shows only the beginning. `author` is the site's id of the writer, None
    for an anonymous one; it never leaves the crawler. Times are aware. `unread_time` are the words that mean to say
    when it was published and that nobody understood: a page that says no time has none of them.
    """

    native_id: str
    kind: Kind
    thread: str
    parent: str | None = None
    board: str | None = None
    floor: int | None = None
    url: str = ""
    title: str = ""
    text: str = ""
    cut: bool = False
    author: str | None = field(default=None, repr=False)
    published_at: datetime | None = None
    published_precision: Precision = Precision.UNKNOWN
    unread_time: str = ""
    edited_at: datetime | None = None
    counts: Counts = field(default_factory=Counts)
