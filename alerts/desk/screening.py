"""Posts for people's eyes: those of which the model is not sure, and those that claim a danger; and what people say."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from alerts.casefile.context import CaseContext
from alerts.casefile.tables import CaseRow
from alerts.notify.quotes import Quote, quote
from alerts.workflow.cases import Refused
from stream.index.port import Query, Reader
from stream.messages import Label, ScoredPost
from stream.state.database import reading
from stream.state.labels import Origin, PostLabel, latest_labels, save_labels


@dataclass(frozen=True, slots=True)
class ScreeningItem:
    """A post to be looked at: its words made safe, and the names of the dangers it claims, unverified."""

    post_id: str
    charted_at: datetime
    quote: Quote
    claims: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelRequest:
    """What a person says a post is, and the case during which it was looked at."""

    post_id: str
    label: Label
    by: str
    case_id: int | None = None


def list_screening(context: CaseContext, *, since: datetime, limit: int, now: datetime) -> list[ScreeningItem]:
    """Finds posts charted since then that nobody has labelled yet, at most `limit`."""
    cues = context.topics.cues
    reviewed = {one.post_id for one in latest_labels(context.engine) if one.post_id}
    posts = unlabelled(context.reader, list(cues), reviewed, since=since, limit=limit)
    return [
        ScreeningItem(
            post.id, post.charted_at, quote(post, now), tuple(cues[key].name for key in post.cues if key in cues)
        )
        for post in posts
    ]


def unlabelled(
    reader: Reader, cues: Collection[str], reviewed: Collection[str], *, since: datetime, limit: int
) -> list[ScoredPost]:
    """Finds posts that are not `reviewed`: claims of danger first, then uncertain ones, the newest of each first."""
    unsure = Query(labels=(Label.UNCERTAIN,), charted_since=since, deleted=False)
    wanted = [Query(cues=tuple(cues), charted_since=since, deleted=False)] if cues else []
    read = limit + len(reviewed)
    found = {post.id: post for query in (*wanted, unsure) for post in reader.search(query, read).posts}
    return [post for post in found.values() if post.id not in reviewed][:limit]


def label_post(context: CaseContext, request: LabelRequest, now: datetime) -> PostLabel:
    """Keeps what a person says of a post, for measuring the model; `Refused` for a stranger, post or case unknown."""
    person = context.person(request.by)
    posts = context.reader.get([request.post_id])
    if not posts:
        raise Refused(f"没有帖子 {request.post_id}")
    if request.case_id is not None:
        with reading(context.engine) as session:
            if session.get(CaseRow, request.case_id) is None:
                raise Refused(f"没有事件 {request.case_id}")
    kept = PostLabel(
        label=request.label, by=person.name, at=now, origin=Origin.SCREENING, post_id=request.post_id,
        content_hash=posts[0].content_hash, case_id=request.case_id,
    )  # fmt: skip
    save_labels(context.engine, [kept])
    return kept
