"""One post as an Elasticsearch document, and back."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson

from stream.codec import SCORED
from stream.index.phrases import phrases
from stream.index.port import WITHHELD_AFTER, withheld
from stream.index.query import Phrase
from stream.index.tokens import BREAK, indexed
from stream.messages import ScoredPost
from stream.process.moments import to_ms


@dataclass(frozen=True, slots=True)
class PostDocument:
    """A post made ready for the engine. `body` is the document, one line of JSON."""

    post: ScoredPost
    body: bytes
    version: int
    withheld: bool


def prepare(post: ScoredPost, now: datetime | None = None) -> PostDocument:
    """Builds the entry of a post; without words once it is gone long enough, at `now` or when it was observed.

    Raises `ValueError` for what no engine can hold, such as a lone surrogate.
    """
    moment = post.observed_at if now is None else now
    shown = withheld(post, moment)
    gone = post.deleted_at is not None and moment - post.deleted_at >= WITHHELD_AFTER
    tokens = {"title": indexed(shown.title), "text": indexed(shown.text)}
    ours = {"tokens": tokens, "phrases": phrases(shown.title, shown.text), "withheld": gone}
    body = SCORED.encode(shown)[:-1] + b"," + orjson.dumps(ours)[1:]
    return PostDocument(shown, body, version_of(post.observed_at), gone)


def version_of(observed_at: datetime) -> int:
    """Derives the document's version. The engine takes none below zero; nobody observed anything before 1970."""
    return max(0, to_ms(observed_at))


def phrase_of(phrase: Phrase) -> str:
    """Writes a phrase as the engine shall see it in queries; `indexed` gives it the documents alike."""
    return f" {BREAK} ".join(" ".join(run) for run in phrase)


def post_of(source: dict[str, Any]) -> ScoredPost:
    """Reads the post of a document's `_source`."""
    return SCORED.decode(orjson.dumps({name: value for name, value in source.items() if name != "withheld"}))
