"""Which terms there are in a span of time: what stands together in the posts of several authors. Pure.

Level by level, as Agrawal & Srikant 1994 find frequent sets: a term has no more authors than either of its parts, so
only what continues a common term is counted, and memory is bounded by the different pairs of characters.
"""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import pairwise

from alerts.terms.function_words import EVERYDAY, NEVER_FIRST
from alerts.terms.texts import LEAST_DIGITS, Alphabet
from stream.index.tokens import BREAK

LONGEST = 24  # tokens: a headline or a hashtag as a whole; a window of fewer would cut it into overlapping pieces
WHOLE = 0.8  # of a term's authors: where so many go on in the same way, the term is a part of the longer one; set by us

_DATE = re.compile(r"(?:\d+[年月日号点时分秒]*|[年月日号点时分秒周])+")


def common_terms(authors: Sequence[str], least: int, longest: int = LONGEST) -> dict[str, int]:
    """Counts the authors of every term of at most `longest` letters that has at least `least` of them.

    Single letters are there too, since longer terms are made of them.
    """
    found: dict[str, int] = {}
    starts: list[Sequence[int]] = [range(len(text)) for text in authors]
    for length in range(1, longest + 1):
        starts = [_continued(text, places, length) for text, places in zip(authors, starts, strict=True)]
        counts: Counter[str] = Counter()
        for text, places in zip(authors, starts, strict=True):
            counts.update({text[place : place + length] for place in places})
        common = {term: count for term, count in counts.items() if count >= least}
        if not common:
            break
        found |= common
        starts = [
            [place for place in places if text[place : place + length] in common]
            for text, places in zip(authors, starts, strict=True)
        ]
    return found


def _continued(text: str, starts: Sequence[int], length: int) -> Sequence[int]:
    """Finds where a term of `length` letters may start, given where common ones of one letter less do."""
    if length == 1:
        return [place for place, letter in enumerate(text) if letter != BREAK]
    return [place for place, following in pairwise(starts) if following == place + 1]


def whole_terms(found: Mapping[str, int], alphabet: Alphabet) -> dict[str, int]:
    """Leaves only terms that are no fragments of one longer term: 电缆沟塌, not 缆沟塌.

    A function word makes nothing longer: of 停电 and 停电了, however many write the latter, 停电 stays.
    """
    fragments = set()
    for term, count in found.items():
        if len(term) > 1 and count >= WHOLE * found[term[:-1]] and not alphabet.is_weak_end(term[-1]):
            fragments.add(term[:-1])
        if len(term) > 1 and count >= WHOLE * found[term[1:]] and term[0] not in NEVER_FIRST:
            fragments.add(term[1:])
    return {term: count for term, count in found.items() if term not in fragments}


def says_something(term: str, alphabet: Alphabet) -> bool:
    """Tells whether a term could stand for a matter: no lone character, no date, nothing said every day."""
    word = alphabet.read(term)
    if word.isdigit():
        return len(word) >= LEAST_DIGITS
    empty = len(word) < 2 or word in EVERYDAY or _DATE.fullmatch(word) is not None
    return not (empty or term[0] in NEVER_FIRST or alphabet.is_weak_end(term[-1]))
