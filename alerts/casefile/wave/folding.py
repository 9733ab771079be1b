"""Posts that say nearly the same, folded into one group. Pure."""

from collections.abc import Sequence
from itertools import groupby, pairwise

from alerts.notify.contents.quotes import own_words
from stream.messages import ScoredPost
from stream.spelling.folding import fold

SAME = 0.6  # part of the pairs of characters that two texts have in common (Jaccard), from which on they are one claim
LEADERS = 60  # groups held against each text: a bound on the work, not on what is told
LONGEST = 400  # characters of a text that are compared


def fold_posts(posts: Sequence[ScoredPost]) -> list[list[ScoredPost]]:
    """Groups what says nearly the same, the largest group first, each in the order of the posts.

    Copies have one fingerprint; near-copies share most pairs of characters with the commonest text of their group.
    """
    texts = [list(same) for _, same in groupby(sorted(posts, key=_fingerprint), key=_fingerprint)]
    groups: list[tuple[frozenset[str], list[ScoredPost]]] = []
    for copies in sorted(texts, key=lambda same: -len(same)):
        pairs = _pairs(own_words(copies[0]))
        home = next((group for leader, group in groups if _alike(leader, pairs)), None)
        if home is not None:
            home += copies
        elif len(groups) < LEADERS:
            groups.append((pairs, copies))
    order = {post.id: at for at, post in enumerate(posts)}
    found = [sorted(group, key=lambda post: order[post.id]) for _, group in groups]
    return sorted(found, key=lambda group: (-len(group), order[group[0].id]))


def commonest(group: Sequence[ScoredPost]) -> ScoredPost:
    """Finds the first post with the words that most posts of the group have."""
    counts: dict[str, int] = {}
    for post in group:
        counts[post.fingerprint] = counts.get(post.fingerprint, 0) + 1
    return max(group, key=lambda post: counts[post.fingerprint])


def _fingerprint(post: ScoredPost) -> str:
    return post.fingerprint


def _pairs(text: str) -> frozenset[str]:
    kept = [one for one in fold(text[:LONGEST]) if one.isalnum()]
    return frozenset(a + b for a, b in pairwise(kept))


def _alike(one: frozenset[str], other: frozenset[str]) -> bool:
    both = len(one & other)
    return both >= SAME * (len(one) + len(other) - both) and both > 0
