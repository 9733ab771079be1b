"""What search calls a word: the same tokens for every engine, for texts and for queries.

A token is one Han character, one emoji, or one run of Latin letters or digits (`iphone15` is one run), after NFKC and
lower case. What this leaves open is decided here:

- Emoji are whole sequences, as people see them: skin tones, joined families, flags and keycaps are one token each.
- Kana and bopomofo stand alone as Han characters do, since nothing parts their words; letters of any other script
  (Cyrillic, Hangul, Thai) form runs as Latin ones do. A run longer than `MAX_RUN` is cut there.
- Punctuation and symbols break a phrase. White space and line ends do not: they part words, and what a site wraps or
  indents is still one phrase.
- Invisible characters (zero width, direction marks, variation selectors, lone combining marks) are not there at all:
  neither a token nor a break, so that nobody hides a word by strewing them in.
"""

import re
from unicodedata import normalize

import regex

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
    | {_EMOJI} \p{{Emoji_Modifier}}? {_TAG}{{0,16}} (?: \u200D {_EMOJI} \p{{Emoji_Modifier}}? ){{0,16}}
    | [[\p{{L}}\p{{N}}]--[{_ALONE}]] [[\p{{L}}\p{{N}}\p{{M}}]--[{_ALONE}\u20E3]]{{0,{MAX_RUN - 1}}}
      (?<! [0-9] (?=\u20E3) )  # that digit is a keycap
    ) | [^\s\p{{Z}}\p{{M}}\u200D{_TAG}]
    """,
    regex.VERBOSE,
)

# The same for what most posts are made of and nothing else, with the standard library's quicker engine.
_WIDE = (("，", ","), ("！", "!"), ("？", "?"), ("：", ":"), ("；", ";"), ("（", "("), ("）", ")"))
_SPELT = "a-z0-9\u3400-\u4dbf\u4e00-\u9fff"
_RARE = re.compile(f"[^{_SPELT}\n -~、。“”‘’《》【】—]")
_PUNCTUATION = re.compile(rf"[^{_SPELT}\s][^{_SPELT}]*")
_PLAIN_TOKEN = re.compile(rf"[\u3400-\u4dbf\u4e00-\u9fff]|[a-z0-9]{{1,{MAX_RUN}}}|\{BREAK}")


def spaced(text: str) -> str:
    """Writes the tokens of `text` parted by spaces, its runs by `BREAK`: as engines are given it."""
    for wide, narrow in _WIDE:  # or nearly every text would have to be normalised
        text = text.replace(wide, narrow)
    folded = normalize("NFKC", text).lower()
    if _RARE.search(folded):
        return f" {BREAK} ".join(" ".join(run) for run in runs(text))
    return " ".join(_PLAIN_TOKEN.findall(_PUNCTUATION.sub(BREAK, folded).strip(f"{BREAK}\n ")))


def runs(text: str) -> list[list[str]]:
    """Splits `text` into its tokens in order, cut where punctuation breaks a phrase; no run is empty."""
    found: list[list[str]] = []
    adjacent = False
    for token in _TOKEN_OR_BREAK.findall(_INVISIBLE.sub("", normalize("NFKC", text).lower())):
        if not token:
            adjacent = False
        elif adjacent:
            found[-1].append(token)
        else:
            found.append([token])
            adjacent = True
    return found
