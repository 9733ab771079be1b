"""Which terms burst: said by far more authors than their own past has it, whatever they are about. Pure.

The past is told in spans as long as the recent one. Each gives one count of authors a term; their mean, relative to how
much was said, is what is usual, and how far they stray from it is how much a term may stray (早安 has its hours, and is
no news). How much was said is told by letters, an author's first `MOST_LETTERS`: who writes twice as much uses twice as
many rare terms. The statistic is the square-root residual of Anscombe 1948, whose spread is one for a Poisson count,
over that spread. "Said" is short for that number of letters below.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from math import log, sqrt
from typing import Any

import ahocorasick  # type: ignore[import-not-found]  # a C module without stubs

from alerts.notify.contents.quotes import clean, mask
from alerts.terms.candidates import common_terms, says_something, whole_terms
from alerts.terms.texts import Alphabet, Utterance, alphabet_of, letters_by_author, told_once
from stream.index.tokens import spaced
from stream.messages import ScoredPost
from stream.topics import ELSEWHERE

LEAST_AUTHORS = 5  # what fewer say is nobody's business but theirs
LEAST_SCORE = 3.0  # deviations; of so many terms some stray further by chance, see `bar`
SAME_STORY = 0.5  # of the posts with either of two terms: where so many have both, they tell one story; set by us
KNOWN = 0.8  # of a term's posts: where so many are of one topic, its rules know the term; set by us
MOST_LETTERS = 1_000  # of one author in a span: a machine that posts all day makes no span a loud one; set by us
PRIOR = 0.5  # authors, in one further letter: what is expected of a term that was never seen (Jeffreys)
EXAMPLES = 3
_LOOKED_AT = 20  # posts of a term that are asked whether the term is somebody's name
_FINALISTS = 20  # times the limit: how many of the best are looked at for what they have in common


@dataclass(frozen=True, slots=True)
class BurstingTerm:
    """A term, and in how many posts and by how many authors it was said recently; `usual_authors` in as long a time.

    `score` is in deviations from what is usual. `topic` is the watched topic that has nearly all of these posts
    already, None where none has. `examples` are posts of different authors, the newest first.
    """

    term: str
    posts: int
    authors: int
    usual_authors: float
    score: float
    topic: str | None
    examples: tuple[ScoredPost, ...]


@dataclass(frozen=True, slots=True)
class PastSpan:
    """How much was said in a span of the past, and how many authors used each term."""

    said: int
    by_term: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class _Scored:
    term: str
    authors: int
    usual: float
    score: float


def find_bursts(
    recent: Iterable[ScoredPost], past: Iterable[Iterable[ScoredPost]], limit: int = 20
) -> list[BurstingTerm]:
    """Finds the terms that burst, the most surprising first, of each story one.

    `past` are the posts of spans as long as the recent one; they are read span by span and not kept. Where the past is
    empty nothing can burst.
    """
    told = list(told_once(sorted(recent, key=lambda post: (post.charted_at, post.id))))
    alphabet = alphabet_of(told, LEAST_AUTHORS)
    authors = letters_by_author(told, alphabet)
    found = whole_terms(common_terms(authors, LEAST_AUTHORS), alphabet)
    terms = {term: count for term, count in found.items() if says_something(term, alphabet)}
    spans = list(_count_past(terms, past, alphabet))
    ranked = sorted(_scored(terms, _said(authors), spans), key=lambda one: (-one.score, -len(one.term), one.term))
    finalists = ranked[: limit * _FINALISTS]
    where = _where(finalists, told, alphabet)
    stories = _one_a_story(finalists, where)
    shown = (_shown(one, [told[place] for place in where[one.term]], alphabet) for one in stories)
    return list(islice((one for one in shown if one is not None), limit))


def surprise(authors: int, said: int, past: Sequence[tuple[int, int]]) -> tuple[float, float]:
    """Judges a term's `authors` where so much was `said` against the past's pairs of the same; usual, deviations.

    The highest span teaches what is usual, but no unrest: a burst that lasts into the next span is still one.
    """
    ever_used, ever_said = sum(count for count, _ in past), sum(much for _, much in past)
    share = (ever_used + PRIOR) / (ever_said + 1)
    usual = said * share
    strays = sorted((count - share * much) ** 2 / (share * much + 0.5) for count, much in past if much)[:-1]
    unrest = max(1.0, sum(strays) / len(strays)) if strays else 1.0
    doubt = said / (ever_said + 1)  # of the past itself, which may be short
    return usual, 2 * (sqrt(authors + 3 / 8) - sqrt(usual + 3 / 8)) / sqrt(unrest + doubt)


def bar(terms: int) -> float:
    """Returns the score below which the highest of so many terms may lie by chance alone, in deviations.

    The universal threshold of Donoho & Johnstone 1994: 3 for up to 90 terms, 3.7 for 1,000, 4.3 for 10,000.
    """
    return max(LEAST_SCORE, sqrt(2 * log(max(terms, 1))))


def _count_past(terms: Iterable[str], past: Iterable[Iterable[ScoredPost]], alphabet: Alphabet) -> Iterator[PastSpan]:
    automaton = _automaton(terms)
    for posts in past:
        authors = letters_by_author(told_once(posts), alphabet)
        counts: Counter[str] = Counter()
        for text in authors if automaton else ():
            counts.update({term for _, term in automaton.iter(text)})
        yield PastSpan(_said(authors), counts)


def _said(authors: Iterable[str]) -> int:
    return sum(min(len(text), MOST_LETTERS) for text in authors)


def _scored(terms: Mapping[str, int], said: int, spans: Sequence[PastSpan]) -> Iterator[_Scored]:
    least, ever_said = bar(len(terms)), sum(span.said for span in spans)
    totals: Counter[str] = Counter()
    for span in spans:
        totals.update(span.by_term)
    for term, authors in terms.items():
        if surprise(authors, said, [(totals[term], ever_said)])[1] < least:
            continue  # an unrest can only lessen it
        usual, score = surprise(authors, said, [(span.by_term.get(term, 0), span.said) for span in spans])
        if score >= least:
            yield _Scored(term, authors, usual, score)


def _where(finalists: Iterable[_Scored], told: Sequence[Utterance], alphabet: Alphabet) -> dict[str, list[int]]:
    """Finds the posts of each term by their places."""
    where: dict[str, list[int]] = {one.term: [] for one in finalists}
    automaton = _automaton(where)
    for place, one in enumerate(told) if automaton else ():
        for term in {term for _, term in automaton.iter(alphabet.write(one.words))}:
            where[term].append(place)
    return where


def _one_a_story(ranked: Iterable[_Scored], where: Mapping[str, list[int]]) -> Iterator[_Scored]:
    """Leaves out what a better term tells already: those around it (停电了吗), and those of the same posts."""
    kept: list[tuple[str, set[int]]] = []
    for one in ranked:
        places = set(where[one.term])
        if not any(
            term in one.term or len(places & others) >= SAME_STORY * len(places | others) for term, others in kept
        ):
            kept.append((one.term, places))
            yield one


def _shown(one: _Scored, told: Sequence[Utterance], alphabet: Alphabet) -> BurstingTerm | None:
    """Makes what people see of a term; None where letters would mask it: it is somebody's name or number."""
    looked_at = [spaced(mask(clean(f"{one.post.title} {one.post.text}"))) for one in told[-_LOOKED_AT:]]
    if 2 * sum(one.term in alphabet.write(words) for words in looked_at) < len(looked_at):
        return None
    topics = Counter(topic for each in told for topic in each.post.topics if topic != ELSEWHERE)
    topic, most = topics.most_common(1)[0] if topics else (None, 0)
    examples: dict[str, ScoredPost] = {}
    for each in reversed(told):
        examples.setdefault(each.author, each.post)
    return BurstingTerm(
        alphabet.read(one.term), len(told), one.authors, round(one.usual, 2), round(one.score, 2),
        topic if most >= KNOWN * len(told) else None, tuple(islice(examples.values(), EXAMPLES)),
    )  # fmt: skip


def _automaton(terms: Iterable[str]) -> Any:
    """Makes what finds all terms in one pass; None where there are none."""
    automaton = ahocorasick.Automaton()
    for term in terms:
        automaton.add_word(term, term)
    automaton.make_automaton()
    return automaton if len(automaton) else None
