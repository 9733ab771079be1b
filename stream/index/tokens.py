"""What search calls a word: the same tokens for every engine, for texts and for queries.

A token is one Han character, one emoji, or one run of Latin letters or digits (`iphone15` is one run), in the spelling
of stream/spelling: one width, no case, no accents, simplified characters. What this leaves open is decided here:

- Emoji are whole sequences, as people see them: joined families, flags and keycaps are one token each. Skin tones are
  not there.
- A number and its unit are two tokens, however they are written: `220kV`, `220 kV` and `220` all find either.
- Kana and bopomofo stand alone as Han characters do, since nothing parts their words; letters of any other script
  (Cyrillic, Hangul, Thai) form runs as Latin ones do. A run longer than `MAX_RUN` is cut there.
- Punctuation and symbols break a phrase. White space and line ends do not: they part words, and what a site wraps or
  indents is still one phrase. Nor does one mark between two Han characters that parts no sentence: 停·电 is 停电.
- What rules read a second time (stream/spelling/hiding.py: 停⚡电, 停（电）, 停|电) engines are given a second time,
  too: the words with their characters together, behind the text. An emoji stays a token, and brackets part as ever.
- Invisible characters (zero width, direction marks, variation selectors, lone combining marks) are not there at all:
  neither a token nor a break, so that nobody hides a word by strewing them in.
"""

import re

import regex

from stream.spelling.folding import UNITS, fold, letters
from stream.spelling.hiding import HAN, STROKES, rejoined, without_marks
from stream.spelling.script import simplified

BREAK = "|"  # stands for punctuation among the tokens that engines are given; never a token itself
MAX_RUN = 255  # characters; Lucene's standard tokenizer cuts there too, and no engine takes terms without bound

_EMOJI = r"[\p{Emoji}--\p{ASCII}]"
_TAG = r"[\U000E0020-\U000E007F]"  # letters of a region's flag
_ALONE = r"\p{Han}\p{Hiragana}\p{Katakana}\p{Bopomofo}\u30FC"  # U+30FC: the mark for a long vowel

_INVISIBLE = regex.compile(
    rf"""(?V1)
    [\p{{Default_Ignorable_Code_Point}}\p{{C}}]
    (?<! [\s\p{{Co}}\p{{Cn}}] | \u200D (?= {_EMOJI} ) | {_EMOJI} {_TAG}{{1,16}} )  # but not parts of an emoji
    """,
    regex.VERBOSE,
)
_TOKEN_OR_BREAK = regex.compile(
    rf"""(?V1)
    ( [{_ALONE}]
    | \p{{Regional_Indicator}}{{1,2}}
    | [0-9\#*]\u20E3
    | {_EMOJI} {_TAG}{{0,16}} (?: \u200D {_EMOJI} ){{0,16}}
    | [0-9]{{1,{MAX_RUN}}}+ (?= {UNITS} (?! [[\p{{L}}\p{{N}}\p{{M}}]--[{_ALONE}]] ) )
    | [[\p{{L}}\p{{N}}]--[{_ALONE}]] [[\p{{L}}\p{{N}}\p{{M}}]--[{_ALONE}\u20E3]]{{0,{MAX_RUN - 1}}}
      (?<! [0-9] (?=\u20E3) )  # that digit is a keycap
    ) | [^\s\p{{Z}}\p{{M}}\u200D{_TAG}]
    """,
    regex.VERBOSE,
)

# The same for what most posts are made of and nothing else, with the standard library's quicker engine.
_SPELT = "a-z0-9\u3400-\u4dbf\u4e00-\u9fff"
_RARE = re.compile(f"[^{_SPELT}\n -~、。“”‘’《》【】—]")
_PUNCTUATION = re.compile(rf"[^{_SPELT}\s][^{_SPELT}]*")
_NUMBER = rf"[0-9]{{1,{MAX_RUN}}}+(?={UNITS}(?![a-z0-9]))"
# A text without a sign beside a Han character hides no word: most posts are asked for nothing more.
_OPEN, _CLOSE = r"(\[{<（【《〈〔「『“‘\"'", r")\]}>）】》〉〕」』”’\"'"
_SIGN = rf"(?:[^\w\s,，。、;；:：!！?？…—@{_OPEN}{_CLOSE}]|_)"
_MAY_HIDE = re.compile(
    rf"[{HAN}]\s?(?:{_SIGN}{{1,7}}\s?[{HAN}]|[{STROKES}])"
    rf"|[^\w\s,，。、;；:：!！?？…—@][ \u200b]?[{HAN}]\s?[{_CLOSE}]"
)
_HAN_WORDS = re.compile(f"[{HAN}]{{2,}}")
_PLAIN_TOKEN = re.compile(rf"[\u3400-\u4dbf\u4e00-\u9fff]|{_NUMBER}|[a-z0-9]{{1,{MAX_RUN}}}|\{BREAK}")


def spaced(text: str) -> str:
    """Writes the tokens of `text` parted by spaces, its runs by `BREAK`: as engines are given it."""
    plain = letters(text)
    if _RARE.search(plain):
        return f" {BREAK} ".join(" ".join(run) for run in _runs(plain))
    plain = without_marks(simplified(plain))
    return " ".join(_PLAIN_TOKEN.findall(_PUNCTUATION.sub(BREAK, plain).strip(f"{BREAK}\n ")))


def indexed(text: str) -> str:
    """Writes what engines keep of `text`: `spaced`, then what it hides; two breaks between, which no phrase has."""
    plain = spaced(text)
    return f" {BREAK} {BREAK} ".join([plain, *_hidden(text, plain)])


def hidden(text: str) -> list[list[str]]:
    """Finds the words of `text` whose characters something parts, as tokens; none where nothing does."""
    return [words.split() for words in _hidden(text, spaced(text))]


def _hidden(text: str, plain: str) -> list[str]:
    if not _MAY_HIDE.search(text):
        return []
    folded = fold(text)
    joined = rejoined(folded)
    found = (" ".join(words) for words in _HAN_WORDS.findall(joined.text if joined else folded))
    there = f" {plain} "
    return [words for words in dict.fromkeys(found) if f" {words} " not in there]


def runs(text: str) -> list[list[str]]:
    """Splits `text` into its tokens in order, cut where punctuation breaks a phrase; no run is empty."""
    return _runs(letters(text))


def _runs(plain: str) -> list[list[str]]:
    found: list[list[str]] = []
    adjacent = False
    for token in _TOKEN_OR_BREAK.findall(without_marks(simplified(_INVISIBLE.sub("", plain)))):
        if not token:
            adjacent = False
        elif adjacent:
            found[-1].append(token)
        else:
            found.append([token])
            adjacent = True
    return found
