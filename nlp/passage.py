"""A passage as the model read it, found again as its author wrote it. Pure."""

import re
import unicodedata
from functools import lru_cache

from stream.spelling.hiding import STROKES
from stream.spelling.script import simplified

_TAG = re.compile(r"\[[^\[\]\n]{1,8}\]")  # the model reads an emoji as a tag: neither helps to find words
_KEY = 8  # letters by which each end of a passage is known
_BY_WORD = str.maketrans("著甚", "着什")  # which it is, its word says
_SLACK = 3  # what was left out (mentions, links, repetitions) may make the written form so many times longer


def as_written(passage: str, text: str) -> str:
    """Find the part of `text` that normalises to `passage`; the passage itself where it cannot be found again.

    >>> as_written("第二句!很长的一句话啊", "第一句。第二句！很长的 一句话啊。")
    '第二句！很长的 一句话啊'
    """
    letters = _letters(_TAG.sub("", passage))
    bare = _TAG.sub(lambda tag: " " * len(tag[0]), text)
    written = [(place, letter) for place, character in enumerate(bare) for letter in _letters(character)]
    line = "".join(letter for _, letter in written)
    start = line.find(letters[:_KEY])
    end = line.find(letters[-_KEY:], start + max(0, len(letters) - _KEY))  # never shorter: reading only leaves out
    if not letters or start < 0 or end < 0 or end - start > _SLACK * len(letters):
        return passage
    last = min(end + len(letters[-_KEY:]), len(written)) - 1
    return text[written[start][0] : written[last][0] + 1]


def _letters(text: str) -> str:
    return "".join(map(_letter, text))


@lru_cache(maxsize=8192)
def _letter(character: str) -> str:
    folded = unicodedata.normalize("NFKC", character).lower()
    plain = simplified("".join(one for one in folded if one.isalnum() and one not in STROKES))
    return plain.translate(_BY_WORD)
