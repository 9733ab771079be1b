"""Posts that a program sends as signed JSON: who sent them, whether for the first time, what they say. Pure."""

import hmac
from collections import OrderedDict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Annotated

from pydantic import AwareDatetime, ConfigDict, Field, StringConstraints, TypeAdapter, ValidationError
from pydantic.dataclasses import dataclass as checked

from crawlers.edge import normalise
from crawlers.pages.observation import Observation
from crawlers.push.cells import id_of
from crawlers.push.reception.wecom import is_near
from stream.errors import Rejected
from stream.messages import Kind, Precision

MOST_BYTES = 1 << 20  # of a body
MOST_POSTS = 500  # of a body: one batch
REMEMBERED = timedelta(minutes=11)  # both sides of a window of five minutes, and one more
_MOST_REMEMBERED = 100_000

Id = Annotated[str, StringConstraints(min_length=1, max_length=200, pattern=r"^[^\x00-\x20\x7f]+$")]
Words = Annotated[str, StringConstraints(max_length=100_000)]


@checked(frozen=True, kw_only=True, config=ConfigDict(extra="forbid"))
class SentPost:
    """One post of a body. Only `text` must be there; without an `id` it is known by its delivery and its place in it.

    `thread` and `parent` are ids of posts; `published_at` is ISO 8601 with an offset.
    """

    text: Annotated[Words, StringConstraints(min_length=1)]
    id: Id | None = None
    title: Words = ""
    url: Annotated[str, StringConstraints(max_length=2083)] = ""
    published_at: AwareDatetime | None = None
    kind: Kind | None = None
    board: Words | None = None
    thread: Id | None = None
    parent: Id | None = None
    author: Id | None = None


_ONE = TypeAdapter(SentPost)
_POSTS: TypeAdapter[list[SentPost]] = TypeAdapter(Annotated[list[SentPost], Field(min_length=1, max_length=MOST_POSTS)])


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """A request as its headers name it: an id of the sender's own, when it was signed, by what."""

    id: str
    timestamp: str
    signature: str
    body: bytes


def sign_delivery(key: str, delivery: str, timestamp: str, body: bytes) -> str:
    """Signs a body, as the sender does: `sha256=` and HMAC-SHA256 in hexadecimal over `TIMESTAMP.DELIVERY.BODY`."""
    signed = f"{timestamp}.{delivery}.".encode() + body
    return "sha256=" + hmac.new(key.encode(), signed, sha256).hexdigest()


def check_delivery(key: str, delivery: Delivery, now: datetime) -> None:
    """Raises `Rejected` for what was not signed with `key`, or signed more than five minutes from now."""
    due = sign_delivery(key, delivery.id, delivery.timestamp, delivery.body)
    if not hmac.compare_digest(due.encode(), delivery.signature.encode("utf-8", "replace")):
        raise Rejected("forged_signature", "the signature is not that of TIMESTAMP.DELIVERY.BODY under our key")
    if not is_near(delivery.timestamp, now):
        raise Rejected("stale_signature", "signed more than five minutes from now: sign each attempt anew")


class Deliveries:
    """The deliveries of the last minutes, in memory. What was signed before this memory began is not believed new."""

    def __init__(self, began_at: datetime) -> None:
        self._began_at = began_at
        self._taken: OrderedDict[tuple[str, str], tuple[datetime, bytes]] = OrderedDict()

    def is_known(self, source: str, delivery: Delivery, now: datetime) -> bool:
        """Tells whether the very same was taken before, so that nothing is to be done.

        Raises `Rejected` where the id was used for something else, or where it may have been taken before a restart.
        """
        while self._taken and next(iter(self._taken.values()))[0] < now - REMEMBERED:
            self._taken.popitem(last=False)
        known = self._taken.get((source, delivery.id))
        if known is not None and known[1] != _digest(delivery):
            raise Rejected("replayed", "this delivery was something else before: give each its own id")
        if known is None and int(delivery.timestamp) <= int(self._began_at.timestamp()):
            raise Rejected("signed_too_early", "signed before this receiver began: sign it anew and send it again")
        return known is not None

    def remember(self, source: str, delivery: Delivery, now: datetime) -> None:
        """Notes what the log has."""
        self._taken[source, delivery.id] = now, _digest(delivery)
        if len(self._taken) > _MOST_REMEMBERED:  # far more than one sender sends: the oldest may be played again
            self._taken.popitem(last=False)


def read_posts(body: bytes, delivery: str, kind: Kind) -> Sequence[Observation]:
    """Reads a body: an object or a list of objects. Raises `Rejected` with every mistake and its place."""
    try:
        one = body.lstrip()[:1] == b"{"
        posts = [_ONE.validate_json(body)] if one else _POSTS.validate_json(body)
    except ValidationError as error:
        found = [_mistake(place["loc"], place["msg"]) for place in error.errors(include_url=False, include_input=False)]
        raise Rejected("not_understood", "; ".join(found[:20])) from error
    first = {post.id: post for post in reversed(posts)}
    wrong = [f"{'' if one else f'{at}.'}{told}" for at, post in enumerate(posts) for told in _mistakes(post, first)]
    if wrong:
        raise Rejected("not_understood", "; ".join(wrong[:20]))
    return [_observed(post, f"{delivery}:{number}", kind) for number, post in enumerate(posts)]


def _mistakes(post: SentPost, first: Mapping[str | None, SentPost]) -> Iterator[str]:
    """Finds what its type does not tell: words that are none, and ids under which one post would hide another."""
    if not (normalise(post.text) or normalise(post.title)):
        yield "text: holds nothing that can be read"
    if post.id is None:
        return
    if not id_of(post.id):
        yield f"id: {post.id!r} says that there is none: leave it out"
    if first[post.id] != post:
        yield f"id: {post.id!r} is that of another post in this body"


def _mistake(place: Sequence[int | str], words: str) -> str:
    return f"{'.'.join(map(str, place)) or 'body'}: {words}"


def _observed(post: SentPost, unnamed: str, kind: Kind) -> Observation:
    native_id = f"id:{post.id}" if post.id else f"delivery:{unnamed}"
    return Observation(
        native_id=native_id,
        kind=post.kind or kind,
        thread=f"id:{post.thread}" if post.thread else native_id,
        parent=f"id:{post.parent}" if post.parent else None,
        board=post.board,
        url=post.url,
        title=post.title,
        text=post.text,
        author=post.author,
        published_at=post.published_at,
        published_precision=Precision.SECOND if post.published_at else Precision.UNKNOWN,
    )


def _digest(delivery: Delivery) -> bytes:
    return sha256(delivery.body).digest()
