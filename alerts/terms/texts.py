"""Posts as terms are counted in them: every token one letter, each author's posts together, copies once. Pure."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from alerts.terms.function_words import NEVER_LAST
from stream.index.tokens import BREAK, spaced
from stream.messages import Kind, ScoredPost

COINCIDE = 12  # letters: shorter texts (又停电了) are written by many people without copying; set by us
FIRST_LETTER = 0xF0000  # a private plane: where words of Latin letters and digits get letters of their own
LETTERS = 0xFFFD  # in that plane
LEAST_DIGITS = 5  # shorter numbers are dates, prices and counts; these are hotlines and ticket numbers

# Addresses are no words, and whom a post speaks to is nobody's business here.
_NO_WORDS = re.compile(r"(?:https?://|www\.)[!-~]+|[@＠][\w·-]{1,30}")


@dataclass(frozen=True, slots=True)
class Utterance:
    """A post with who tells it and its words, parted by spaces as stream/index/tokens.py has them."""

    post: ScoredPost
    author: str
    words: str


def told_once(posts: Iterable[ScoredPost]) -> Iterator[Utterance]:
    """Yields the posts with their own words, of texts that are copies of each other the first.

    A thread's title is its author's words, not those of whoever answers. Without a voice an author is one by himself.
    """
    seen: set[str] = set()
    for post in posts:
        foreign = post.kind in (Kind.REPLY, Kind.COMMENT) or post.text.startswith(post.title)
        text = post.text if foreign else f"{post.title}{BREAK}{post.text}"
        words = spaced(_NO_WORDS.sub(BREAK, text))
        if len(words) >= 2 * COINCIDE:  # letters and the spaces between them
            if post.fingerprint in seen:
                continue
            seen.add(post.fingerprint)
        yield Utterance(post, post.voice or post.id, words)


class Alphabet:
    """Writes every token as one letter, so that a term is a slice and its length the number of its tokens.

    A Han character is its own letter; each of `words` gets one; whatever else parts terms as punctuation does.
    """

    def __init__(self, words: Iterable[str]) -> None:
        self._letters = {word: chr(FIRST_LETTER + place) for place, word in zip(range(LETTERS), words, strict=False)}
        self._words = {letter: word for word, letter in self._letters.items()}

    def write(self, words: str) -> str:
        """Writes spaced words in letters."""
        known = self._letters.get
        return "".join([token if _is_han(token) else known(token, BREAK) for token in words.split(" ")])

    def is_weak_end(self, letter: str) -> bool:
        """Tells whether a term that ends so says no more than without it: a function word, or a count."""
        word = self._words.get(letter, letter)
        return letter in NEVER_LAST or (word.isdigit() and len(word) < LEAST_DIGITS)

    def read(self, letters: str) -> str:
        """Reads letters as people write them: a space only between two words of Latin letters or digits."""
        read = ""
        for letter in letters:
            word = self._words.get(letter, letter)
            read += f" {word}" if letter in self._words and read and read[-1].isascii() else word
        return read


def alphabet_of(told: Iterable[Utterance], least: int) -> Alphabet:
    """Makes the alphabet with the words that at least so many authors use: only those can be in a term."""
    authors = Counter(word for words in _by_author(told) for word in set(" ".join(words).split(" ")))
    return Alphabet(sorted(word for word, count in authors.items() if count >= least and _is_spelt(word)))


def letters_by_author(told: Iterable[Utterance], alphabet: Alphabet) -> list[str]:
    """Writes the posts of each author as one text, in letters, with a break between two posts."""
    return [BREAK.join(map(alphabet.write, words)) for words in _by_author(told)]


def _by_author(told: Iterable[Utterance]) -> Sequence[list[str]]:
    authors: dict[str, list[str]] = {}
    for one in told:
        authors.setdefault(one.author, []).append(one.words)
    return list(authors.values())


def _is_han(token: str) -> bool:
    return len(token) == 1 and ("\u3400" <= token <= "\u9fff" or "\U00020000" <= token <= "\U000323af")


def _is_spelt(token: str) -> bool:
    return token.isalnum() and not _is_han(token)
