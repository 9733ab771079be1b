"""Copies on a page, folded into one: a rumour is forwarded word for word, and a page of it says one thing."""

from collections.abc import Iterable
from dataclasses import dataclass

from stream.messages import ScoredPost

_NOTHING = "0" * 16  # the fingerprint of a text without letters or digits: no copy of anything


@dataclass(frozen=True, slots=True)
class Copies:
    """Posts that say the same in the order of their page: `post` is the one shown, `others` fold under it."""

    post: ScoredPost
    others: tuple[ScoredPost, ...] = ()

    @property
    def number(self) -> int:
        """How many posts they are."""
        return 1 + len(self.others)

    @property
    def first(self) -> ScoredPost:
        """The earliest of them."""
        return min((self.post, *self.others), key=lambda post: (post.charted_at, post.id))


def fold(posts: Iterable[ScoredPost]) -> tuple[Copies, ...]:
    """Groups the posts of a page by their fingerprint, each group where its first post stands.

    Of these posts alone: copies on other pages, and earlier ones, are not known here. A post whose words are gone or
    that has no letter is no copy of another. Texts that differ by more than signs and blanks are not folded.
    """
    groups: dict[str, list[ScoredPost]] = {}
    for post in posts:
        says = post.fingerprint != _NOTHING and bool(post.title or post.text)
        groups.setdefault(post.fingerprint if says else post.id, []).append(post)
    return tuple(Copies(same[0], tuple(same[1:])) for same in groups.values())
