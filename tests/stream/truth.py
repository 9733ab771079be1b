"""What a search must find, by the words of stream/README.md and no engine."""

from collections.abc import Iterable, Iterator

from stream.index.query import Phrase, parse_words
from stream.index.tokens import hidden, runs
from stream.messages import ScoredPost


def occurs(phrase: Phrase, text: str) -> bool:
    """Adjacent tokens, where punctuation is one more."""

    def flat(parts: Iterable[Iterable[str]]) -> str:
        return "".join(f"\0{token}" for at, part in enumerate(parts) for token in ([*([","] if at else []), *part]))

    return any(f"{flat(phrase)}\0" in f"{flat(told)}\0" for told in (runs(text), *([one] for one in hidden(text))))


def true_hits(posts: Iterable[ScoredPost], words: str) -> list[ScoredPost]:
    """The posts that a search for `words` finds, in the search order."""
    wanted = parse_words(words)

    def said(post: ScoredPost, phrases: Iterable[Phrase]) -> Iterator[bool]:
        return (occurs(phrase, post.title) or occurs(phrase, post.text) for phrase in phrases)

    hits = [
        post
        for post in posts
        if all(said(post, wanted.required))
        and all(any(said(post, phrases)) for phrases in wanted.any_of)
        and not any(said(post, wanted.forbidden))
    ]
    return sorted(hits, key=lambda post: (-post.charted_at.timestamp(), post.id))
