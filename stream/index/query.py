"""What a person types into a search box, read as phrases. Total: every string is a query, or refused with a remedy."""

import re
from dataclasses import dataclass

from stream.errors import Rejected
from stream.index.tokens import runs

MAX_TOKENS = 256  # in one query; a pasted page is no question, and engines bound their queries too

#: Runs of tokens. Tokens of a run are adjacent; between two runs stands punctuation, whichever it is.
Phrase = tuple[tuple[str, ...], ...]

_PART = re.compile(r"([-－]?)(?:[\"“”＂]([^\"“”＂]*)[\"“”＂]?|([^\s\"“”＂]+))")


@dataclass(frozen=True, slots=True)
class Words:
    """All of `required` and none of `forbidden` occur in a post's title or text. Both empty: no condition."""

    required: tuple[Phrase, ...] = ()
    forbidden: tuple[Phrase, ...] = ()


def parse_words(words: str) -> Words:
    """Parses the phrases of `Query.words`; raises `Rejected("query")` where no token is left to look for, or too many.

    Chinese and full-width quotation marks do as well as straight ones, an open one lasts to the end. Punctuation
    inside a part stands for any punctuation (`3.5` also finds 3·5, but neither 35 nor 3 and 5 apart), at its ends
    for nothing; a part of punctuation only is passed over.
    """
    required: list[Phrase] = []
    forbidden: list[Phrase] = []
    for minus, quoted, plain in _PART.findall(words):
        if phrase := tuple(map(tuple, runs(quoted or plain))):
            (forbidden if minus else required).append(phrase)
    if words.strip() and not (required or forbidden):
        raise Rejected("query", "nothing to look for: type at least one character, letter, digit or emoji")
    if sum(len(run) for phrase in required + forbidden for run in phrase) > MAX_TOKENS:
        raise Rejected("query", f"too long: search for at most {MAX_TOKENS} characters and words at once")
    return Words(tuple(required), tuple(forbidden))
