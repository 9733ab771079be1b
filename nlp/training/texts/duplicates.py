"""Near-duplicates, by shared character shingles: a model must not be measured on what it has learnt.

Shingles after Broder 1997, "On the Resemblance and Containment of Documents".
"""

from collections import Counter, defaultdict
from collections.abc import Iterable

SHINGLE = 5  # characters
SHARED = 0.5  # of all shingles of both: a changed character costs five on either side
CONTAINED = 0.8  # of the shorter text's shingles
LONG = 12  # shingles; only texts from here on are looked for inside others: shorter ones are common phrases


class NearDuplicates:
    """Some texts, and whether others are near them. Letters and digits alone are compared.

    Two texts are near where they share half of all their shingles, or where a long one is found inside the other (a
    repost with a few words before it), or where nothing but marks tells them apart.

    >>> NearDuplicates(["今天又停电了,冰箱里的菜全坏了"]).near("今天又停电了!冰箱里的肉全坏了")
    True
    """

    def __init__(self, texts: Iterable[str]) -> None:
        self._skeletons = {skeleton(text) for text in texts}
        self._sizes: list[int] = []
        self._places: defaultdict[str, list[int]] = defaultdict(list)
        for place, one in enumerate(self._skeletons):
            found = shingles(one)
            self._sizes.append(len(found))
            for shingle in found:
                self._places[shingle].append(place)

    def near(self, text: str) -> bool:
        """Tell whether a text is near one of these."""
        bare = skeleton(text)
        if bare and bare in self._skeletons:
            return True
        own = shingles(bare)
        known = [self._places[shingle] for shingle in own if shingle in self._places]
        if not own or len(known) < SHARED * min(LONG, len(own)):
            return False
        shared = Counter(place for places in known for place in places)
        return any(_are_near(len(own), self._sizes[place], count) for place, count in shared.items())


def _are_near(one: int, other: int, shared: int) -> bool:
    shorter = min(one, other)
    return shared >= SHARED * (one + other - shared) or (shorter >= LONG and shared >= CONTAINED * shorter)


def skeleton(text: str) -> str:
    """Return the text's letters and digits."""
    return "".join(filter(str.isalnum, text))


def shingles(bare: str) -> frozenset[str]:
    """Return every run of SHINGLE characters; none in a shorter text."""
    return frozenset(bare[start : start + SHINGLE] for start in range(len(bare) - SHINGLE + 1))
