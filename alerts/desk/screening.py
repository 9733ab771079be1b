"""Posts for people's eyes: those of which the model is not sure, and those that claim a danger; and what people say."""

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import islice

from alerts.casefile.context import CaseContext
from alerts.casefile.tables import CaseRow
from alerts.claims.claim import KnownClaim
from alerts.desk.claims import match_texts
from alerts.desk.register import Register
from alerts.notify.contents.quotes import Quote, own_words, quote, safe_line
from alerts.people.directory import signature
from alerts.workflow.cases import Refused
from stream.index.port import Query, Reader, withheld
from stream.messages import Label, ScoredPost
from stream.state.database import reading
from stream.state.labels import Origin, PostLabel, last_screened, latest_labels, save_labels, take_back

UNDO_WITHIN = timedelta(minutes=10)
READ = 500  # posts that nobody has labelled, of which copies are found and counted
WORDS = 600  # characters of a post that is to be judged; a letter's quote is shorter
_PAGE = 100  # posts read at once
_NO_LETTERS = "0" * 16  # the fingerprint of a text without letters or digits: no copy of anything


@dataclass(frozen=True, slots=True)
class ScreeningItem:
    """A post to be looked at: its words made safe, and the names of the dangers it claims, unverified.

    `copies` is how many posts say it in the same words, itself included: they are judged together. `words` are more of
    them than a letter quotes, `title` that of its thread. `known` is a claim of the library that it seems to repeat.
    `content_hash` tells which words were read.
    """

    post_id: str
    charted_at: datetime
    quote: Quote
    claims: tuple[str, ...]
    copies: int = 1
    title: str = ""
    words: str = ""
    source: str = ""
    topics: tuple[str, ...] = ()
    label: Label = Label.UNCERTAIN
    negative: float | None = None
    content_hash: str = ""
    known: KnownClaim | None = None


@dataclass(frozen=True, slots=True)
class ScreeningQueue:
    """A part of what is to be looked at: `items` behind the first `skipped` of `waiting`, copies folded.

    `cut`: more is waiting than was read. `judged` is how often people said each label since then.
    """

    items: tuple[ScreeningItem, ...]
    skipped: int
    waiting: int
    cut: bool
    judged: Mapping[Label, int] = field(default_factory=dict)

    @property
    def next_skip(self) -> int | None:
        """How many to skip for the next part; None where this is the last."""
        end = self.skipped + len(self.items)
        return end if end < self.waiting else None


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelRequest:
    """What a person says a post is, and the case during which it was looked at; UNCERTAIN: they cannot tell.

    `content_hash` is of the words that they read; "" where nobody knows.
    """

    post_id: str
    label: Label
    by: str
    case_id: int | None = None
    content_hash: str = ""


def list_screening(context: CaseContext, *, since: datetime, limit: int, now: datetime) -> list[ScreeningItem]:
    """Finds posts charted since then that nobody has labelled yet, at most `limit`; copies folded."""
    return list(read_queue(context, since=since, limit=limit, now=now).items)


def read_queue(context: CaseContext, *, since: datetime, limit: int, now: datetime, skip: int = 0) -> ScreeningQueue:
    """Reads a part of what was charted since then and nobody has labelled, nor a copy of it."""
    given = latest_labels(context.engine, since)
    reviewed = {one.post_id for one in given if one.post_id}
    said = {post.fingerprint for post in context.reader.get(sorted(reviewed))} - {_NO_LETTERS}
    found = list(islice(_candidates(context.reader, list(context.topics.cues), reviewed, since), READ + 1))
    groups: dict[str, list[ScoredPost]] = {}
    for post in found[:READ]:
        if post.fingerprint not in said:
            groups.setdefault(post.id if post.fingerprint == _NO_LETTERS else post.fingerprint, []).append(post)
    folded = list(groups.values())
    shown = folded[skip : skip + limit]
    known = _known(context, [one[0] for one in shown], now)
    return ScreeningQueue(
        items=tuple(_item(context, same[0], len(same), known.get(at), now) for at, same in enumerate(shown)),
        skipped=skip, waiting=len(folded), cut=len(found) > READ, judged=Counter(one.label for one in given),
    )  # fmt: skip


def unlabelled(
    reader: Reader, cues: Collection[str], reviewed: Collection[str], *, since: datetime, limit: int
) -> list[ScoredPost]:
    """Finds posts that are not `reviewed`: claims of danger first, then uncertain ones, the newest of each first."""
    return list(islice(_candidates(reader, cues, reviewed, since), limit))


def label_post(context: CaseContext, request: LabelRequest, now: datetime) -> PostLabel:
    """Keeps what a person says of a post, for measuring the model.

    `Refused` for a stranger, a post or case unknown, and where the post says something else by now.
    """
    name = signature(context.config.people, context.person(request.by))
    posts = context.reader.get([request.post_id])
    if not posts:
        raise Refused(f"没有帖子 {request.post_id}")
    if request.content_hash not in ("", posts[0].content_hash):
        raise Refused("这条帖子的内容刚刚有改动，请看过现在的内容再判断")
    if request.case_id is not None:
        with reading(context.engine) as session:
            if session.get(CaseRow, request.case_id) is None:
                raise Refused(f"没有事件 {request.case_id}")
    kept = PostLabel(
        label=request.label, by=name, at=now, origin=Origin.SCREENING, post_id=request.post_id,
        content_hash=posts[0].content_hash, case_id=request.case_id,
    )  # fmt: skip
    save_labels(context.engine, [kept])
    return kept


def own_last_label(context: CaseContext, by: str, now: datetime) -> PostLabel | None:
    """Reads the label that a person may still take back; None where there is none."""
    name = signature(context.config.people, context.person(by))
    return last_screened(context.engine, name, now - UNDO_WITHIN)


def undo_label(context: CaseContext, by: str, now: datetime, post_id: str | None = None) -> PostLabel:
    """Takes back a person's last label, only of `post_id` where it is given; `Refused` where it is too late for it."""
    name = signature(context.config.people, context.person(by))
    gone = take_back(context.engine, name, now - UNDO_WITHIN, post_id)
    if gone is None:
        raise Refused("没有可以撤销的判断：只能撤销本人 10 分钟内的最近一次判断；此前的请重新判断")
    return gone


def _candidates(
    reader: Reader, cues: Collection[str], reviewed: Collection[str], since: datetime
) -> Iterator[ScoredPost]:
    """Yields what nobody has labelled: claims of danger first, then uncertain ones; reads as far as asked."""
    unsure = Query(labels=(Label.UNCERTAIN,), charted_since=since, deleted=False)
    wanted = [Query(cues=tuple(cues), charted_since=since, deleted=False)] if cues else []
    seen = set(reviewed)
    for query in (*wanted, unsure):
        after: str | None = None
        while True:
            page = reader.search(query, _PAGE, after)
            for post in page.posts:
                if post.id not in seen:
                    seen.add(post.id)
                    yield post
            if (after := page.after) is None:
                break


def _known(context: CaseContext, posts: Sequence[ScoredPost], now: datetime) -> dict[int, KnownClaim]:
    """Finds the claims of the library that posts repeat, by their place among them."""
    register = Register(context.engine, context.config, context.topics)
    return {one.text: one.known for one in match_texts(register, [own_words(post) for post in posts], now)}


def _item(
    context: CaseContext, post: ScoredPost, copies: int, known: KnownClaim | None, now: datetime
) -> ScreeningItem:
    cues = context.topics.cues
    there = withheld(post, now)
    return ScreeningItem(
        post.id, post.charted_at, quote(post, now), tuple(cues[key].name for key in post.cues if key in cues),
        copies=copies, title=safe_line(there.title), words=safe_line(own_words(there), WORDS),
        source=context.source_names.get(post.source, post.source),
        topics=tuple(context.topic_name(topic) for topic in post.topics), label=post.label, negative=post.negative,
        content_hash=post.content_hash, known=known,
    )  # fmt: skip
