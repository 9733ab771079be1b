"""The one folding: what topic rules, the search and comparisons take for the same letters.

`letters` is what all share: width, case, accents, skin tones, a number's unit. `fold` is a text as rules see it, the
tokens of the search (stream/index/tokens.py) are made of `letters` and stream/spelling/script.py too.
"""

import re
from dataclasses import dataclass
from unicodedata import combining, normalize

import regex

from stream.spelling.hiding import HAN, STROKES, join_spaced, without_hiders
from stream.spelling.script import simplified

FIRST_OF_THE_EAST = "\u2e80"  # from here on scripts are written without spaces between words
#: Units that people write with and without a space before them, in lower case.
UNITS = (
    r"(?:[kmgt]?(?:wh|w|va|v|hz|b)|[km]?a|[mkc]?m|[mk]?g|[mk]?bps|m?l|m?s|h|t|min|mah|ah|°c)"
)  # fmt: skip

_PILE = regex.compile(r"(\p{M}{4})\p{M}+")  # more marks on one letter than any script has; sorting them is quadratic
# What is not among the letters, marks and emoji that most posts are made of, none of which is an accent or invisible.
_UNUSUAL = re.compile("[^\\n -~·\u2014\u2018-\u201d\u2026\u3000-\u3029\u3400-\u9fff\uff01-\uff5e\U0001f400-\U0001faff]")
_TONES = "\U0001f3fb-\U0001f3ff"
_RARE = re.compile(rf"[{_TONES}]|[\u00c0-\u024f\u0370-\u03ff\u1e00-\u1fff][\u0300-\u036f]*|(?<=[a-z])[\u0300-\u036f]+")
_BEFORE_UNIT = re.compile(rf"([0-9])[^\S\n]{{1,3}}(?={UNITS}(?![a-z0-9]))")
_INVISIBLE = regex.compile(r"(?V1)[[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Mn}\p{Me}\p{Default_Ignorable_Code_Point}]--\s]+")
_SPACE = re.compile(r"\s+")
_CLUSTER = regex.compile(r"\X")
_HAN_LETTER = re.compile(f"[{HAN}]")


@dataclass(frozen=True, slots=True)
class Traced:
    """A folded text with the span of each of its characters in the text as it was written."""

    folded: str
    spans: tuple[tuple[int, int], ...]

    def written(self, start: int, end: int) -> tuple[int, int]:
        """Finds folded[start:end] in the text as it was written; of what is empty, where it stands."""
        if start == end:
            return (place := (*self.spans, self.spans[-1][::-1])[start][0]), place
        return self.spans[start][0], self.spans[end - 1][1]


def letters(text: str) -> str:
    """Writes letters in one form: NFKC, case folded, Latin and Greek without accents, emoji without skin tones.

    A number and its unit stand together (`220 kV` → `220kv`). What is invisible stays; so does the script.
    """
    if _UNUSUAL.search(text):
        folded = _RARE.sub(_bare, normalize("NFKC", _PILE.sub(r"\1", text)).casefold())
    else:
        folded = normalize("NFKC", text).casefold()
    return _BEFORE_UNIT.sub(r"\1", folded)


def fold(text: str) -> str:
    """Returns the text as rules see it: `letters` in simplified characters, with nothing invisible.

    White space is left only where it parts words (停电 3 天 is 停电3天); what was put between characters to hide a word
    (停*电) is gone.
    """
    shown = _INVISIBLE.sub("", letters(text)) if _UNUSUAL.search(text) else letters(text)
    return _SPACE.sub(_parting, join_spaced(without_hiders(simplified(shown))))


def fold_post(title: str, text: str) -> str:
    """Folds title and text; the line between them is never crossed by a word."""
    return f"{fold(title)}\n{fold(text)}" if title else fold(text)


def traced(text: str) -> Traced:
    """Folds the text and tells where each character comes from, so that a match is shown as it was written.

    >>> traced("變 電ＡＢ").written(0, 2)
    (0, 3)
    """
    folded, spans = fold(text), list[tuple[int, int]]()
    for cluster in _CLUSTER.finditer(text):
        piece = simplified(_INVISIBLE.sub("", letters(cluster[0])))
        piece = " " if piece.isspace() else piece
        there = folded[len(spans) : len(spans) + len(piece)]
        if piece and (piece == there or _same_but_for_its_word(piece, there)):
            spans += [cluster.span()] * len(piece)
    last = spans[-1] if spans else (0, len(text))
    return Traced(folded, tuple(spans + [last] * (len(folded) - len(spans))))


def _bare(match: "re.Match[str]") -> str:
    return "".join(one for one in normalize("NFD", match[0]) if not combining(one) and not _is_tone(one))


def _is_tone(character: str) -> bool:
    return "\U0001f3fb" <= character <= "\U0001f3ff"


def _parting(space: "re.Match[str]") -> str:
    text, start, end = space.string, space.start(), space.end()
    outer = start == 0 or end == len(text)
    return "" if outer or text[start - 1] >= FIRST_OF_THE_EAST or text[end] >= FIRST_OF_THE_EAST else " "


def _same_but_for_its_word(piece: str, there: str) -> bool:
    """Tells whether both are one Han character: which one it is to be may depend on its neighbours (乾, 著)."""
    return len(piece) == 1 and bool(_HAN_LETTER.match(piece) and _HAN_LETTER.match(there)) and piece not in STROKES
