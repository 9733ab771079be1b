"""The list for people's eyes: posts of which the model is not sure, and posts that claim a danger."""

from collections.abc import Collection, Iterable
from datetime import datetime

from alerts.notify.phrases import local
from alerts.notify.quotes import quote
from stream.index.port import Query, Reader
from stream.messages import Label, ScoredPost


def waiting(
    reader: Reader, cues: Collection[str], reviewed: Collection[str], *, since: datetime, limit: int
) -> list[ScoredPost]:
    """Posts charted since then that nobody has labelled: claims of danger first, then uncertain ones, newest first."""
    unsure = Query(labels=(Label.UNCERTAIN,), charted_since=since, deleted=False)
    wanted = [Query(cues=tuple(cues), charted_since=since, deleted=False)] if cues else []
    read = limit + len(reviewed)
    found = {post.id: post for query in (*wanted, unsure) for post in reader.search(query, read).posts}
    return [post for post in found.values() if post.id not in reviewed][:limit]


def listed(post: ScoredPost, names: Iterable[str], now: datetime) -> str:
    """A post as it stands in the list; `names` are those of the dangers it claims."""
    dangers = "、".join(names)
    shown = quote(post, now)
    columns = (
        post.id,
        local(post.charted_at),
        shown.site,
        f"称有{dangers}，待核实" if dangers else "",
        shown.text or "",
    )
    return "\t".join(columns)
