"""Which watched topics a text belongs to, and which fields and cues it bears, by the rules of configs/topics.yml.

One pass over the text finds the words of all rules of a part, however many there are.

A Han word occurs wherever its characters stand together; an edge that is a Latin letter or a digit must be the edge of
a word (`AI` is not in `AIM`, but it is in `用AI画图`). White space between two Han characters counts for nothing, as in
the search, so that wrapping and `停 电` hide no word.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal, get_args

import ahocorasick  # type: ignore[import-not-found]  # a C module without stubs
import regex
import structlog

from stream.spelling import join_spaced, simplified
from stream.topics import ALIAS, ELSEWHERE, Rule, TopicsConfig

_LOG = structlog.get_logger(__name__)
_INVISIBLE = regex.compile(r"(?V1)[[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Mn}\p{Me}\p{Default_Ignorable_Code_Point}]--\s]+")
_PILE = regex.compile(r"(\p{M}{4})\p{M}+")  # more marks on one letter than any script has; sorting them is quadratic
_SPACE = re.compile(r"\s+")
_HIDING = regex.compile(r"(?<=\p{Han})\s?[*_^|~]\s?(?=\p{Han})")
_FIRST_OF_THE_EAST = "\u2e80"  # from here on scripts are written without spaces between words


Part = Literal["topics", "fields", "cues"]


@dataclass(frozen=True, slots=True)
class Occurrence:
    """A word or pattern of a rule, and where it stands in the folded text."""

    word: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class RuleMatch:
    """A rule that holds; `rule` counts from 0 within its key, as the mistakes of configs/topics.yml do."""

    key: str
    rule: int
    found: tuple[Occurrence, ...]
    part: Part = "topics"


@dataclass(frozen=True, slots=True)
class _Compiled:
    key: str
    number: int
    all_of: tuple[frozenset[str], ...]
    any_of: frozenset[str]
    none_of: frozenset[str]
    alone: bool  # holds only where nothing before it does: the topic of what meets no other
    pattern: "regex.Pattern[str] | None"

    def words_hold(self, found: dict[str, list[int]]) -> bool:
        """Tells whether the words, the pattern aside, are there as the rule wants them."""
        return (
            all(not group.isdisjoint(found) for group in self.all_of)
            and (not self.any_of or not self.any_of.isdisjoint(found))
            and self.none_of.isdisjoint(found)
        )

    def necessary(self) -> frozenset[str]:
        """Returns words without one of which the rule cannot hold; empty where only its pattern says."""
        return min(self.all_of, key=len) if self.all_of else self.any_of


def fold(text: str) -> str:
    """Returns the text as rules see it: NFKC, case folded, in simplified characters, with nothing invisible.

    White space is left only where it parts words; what was put between characters to hide a word (停*电) is gone.
    """
    folded = unicodedata.normalize("NFKC", _PILE.sub(r"\1", text)).casefold()
    plain = join_spaced(_HIDING.sub("", simplified(_INVISIBLE.sub("", folded))))
    return _SPACE.sub(_parting, plain)


def fold_post(title: str, text: str) -> str:
    """Folds title and text; the line between them is never crossed by a word."""
    return f"{fold(title)}\n{fold(text)}" if title else fold(text)


class TopicMatcher:
    """The rules of configs/topics.yml, compiled once: of the topics, and of the fields and cues."""

    def __init__(self, config: TopicsConfig) -> None:
        self._topics, self._fields, self._cues = (_RuleSet(part, config) for part in get_args(Part))

    def topics(self, folded: str) -> tuple[str, ...]:
        """Returns the keys of the topics of a folded text, in the order of the configuration.

        `elsewhere` where its rules hold and those of no topic do.
        """
        return self._topics.keys(folded)

    def fields(self, folded: str) -> tuple[str, ...]:
        """Returns the keys of what an appeal in these words is about."""
        return self._fields.keys(folded)

    def cues(self, folded: str) -> tuple[str, ...]:
        """Returns the keys of the danger cues in these words."""
        return self._cues.keys(folded)

    def match(self, folded: str) -> tuple[RuleMatch, ...]:
        """Returns every rule that holds for a folded text, with all that it found: topics, then fields, then cues."""
        return self._topics.match(folded) + self._fields.match(folded) + self._cues.match(folded)


class _RuleSet:
    """The rules of one part, found in one pass."""

    def __init__(self, part: Part, config: TopicsConfig) -> None:
        self._part = part
        self._timeout = config.regex_timeout.total_seconds()
        self._rules = [
            _compile(key, number, rule, config, alone=part == "topics" and key == ELSEWHERE)
            for key, one in (config.watched if part == "topics" else getattr(config, part)).items()
            for number, rule in enumerate(one.rules)
        ]
        self._words = _automaton(self._rules)
        self._by_word: dict[str, list[int]] = {}
        for place, rule in enumerate(self._rules):
            for word in rule.necessary():
                self._by_word.setdefault(word, []).append(place)
        self._without_word = [place for place, rule in enumerate(self._rules) if not rule.necessary()]
        self._too_slow: set[int] = set()

    def keys(self, folded: str) -> tuple[str, ...]:
        """Returns the keys whose rules hold for a folded text, in the order of the configuration."""
        found = self._find(folded)
        keys: dict[str, None] = {}
        for place in self._candidates(found):
            rule = self._rules[place]
            if rule.alone and keys:  # candidates are in the order of the configuration, where it is the last
                break
            if rule.key not in keys and rule.words_hold(found) and self._pattern_holds(place, folded):
                keys[rule.key] = None
        return tuple(keys)

    def match(self, folded: str) -> tuple[RuleMatch, ...]:
        """Returns every rule that holds for a folded text, with all that it found."""
        found = self._find(folded)
        matches: list[RuleMatch] = []
        for place in self._candidates(found):
            if self._rules[place].alone and any(one.key != ELSEWHERE for one in matches):
                break
            if (one := self._match_of(place, found, folded)) is not None:
                matches.append(one)
        return tuple(matches)

    def _match_of(self, place: int, found: dict[str, list[int]], folded: str) -> RuleMatch | None:
        rule = self._rules[place]
        if not rule.words_hold(found):
            return None
        words = sorted(frozenset().union(*rule.all_of, rule.any_of) & found.keys())
        seen = [Occurrence(word, start, start + len(word)) for word in words for start in found[word]]
        if rule.pattern is not None:
            if (match := self._search(place, folded)) is None:
                return None
            seen.append(Occurrence(rule.pattern.pattern, *match.span()))
        return RuleMatch(rule.key, rule.number, tuple(sorted(seen, key=lambda one: one.start)), self._part)

    def _find(self, folded: str) -> dict[str, list[int]]:
        """Finds where each word of any rule starts."""
        found: dict[str, list[int]] = {}
        for last, word in self._words.iter(folded) if self._words else ():
            start = last - len(word) + 1
            if _is_whole(folded, start, last):
                found.setdefault(word, []).append(start)
        return found

    def _candidates(self, found: dict[str, list[int]]) -> list[int]:
        named = {place for word in found for place in self._by_word.get(word, ())}
        return sorted(named.union(self._without_word)) if named else self._without_word

    def _pattern_holds(self, place: int, folded: str) -> bool:
        return self._rules[place].pattern is None or self._search(place, folded) is not None

    def _search(self, place: int, folded: str) -> "regex.Match[str] | None":
        rule = self._rules[place]
        assert rule.pattern is not None
        try:
            return rule.pattern.search(folded, timeout=self._timeout)
        except TimeoutError:
            if place not in self._too_slow:
                self._too_slow.add(place)
                _LOG.warning("pattern_too_slow", topic=rule.key, rule=rule.number, pattern=rule.pattern.pattern)
            return None


def _compile(key: str, number: int, rule: Rule, config: TopicsConfig, *, alone: bool) -> _Compiled:
    def group(word: str) -> Iterator[str]:
        return map(fold, config.aliases[word.removeprefix(ALIAS)] if word.startswith(ALIAS) else (word,))

    return _Compiled(
        key=key,
        number=number,
        all_of=tuple(frozenset(group(word)) for word in rule.all_of),
        any_of=frozenset(one for word in rule.any_of for one in group(word)),
        none_of=frozenset(one for word in rule.none_of for one in group(word)),
        alone=alone,
        pattern=regex.compile(rule.regex, regex.IGNORECASE) if rule.regex else None,
    )


def _automaton(rules: list[_Compiled]) -> Any:
    """Makes what finds every word of every rule in one pass; None where no rule has words."""
    words = frozenset().union(*(frozenset().union(*rule.all_of, rule.any_of, rule.none_of) for rule in rules))
    if not words:
        return None
    automaton = ahocorasick.Automaton()
    for word in words:
        automaton.add_word(word, word)
    automaton.make_automaton()
    return automaton


def _parting(space: "re.Match[str]") -> str:
    text, start, end = space.string, space.start(), space.end()
    outer = start == 0 or end == len(text)
    return "" if outer or (text[start - 1] >= _FIRST_OF_THE_EAST and text[end] >= _FIRST_OF_THE_EAST) else " "


def _is_whole(text: str, start: int, last: int) -> bool:
    """Tells whether neither end of text[start : last + 1] cuts a word of letters or digits in two."""
    return not (
        (start > 0 and _spelt(text[start]) and _spelt(text[start - 1]))
        or (last + 1 < len(text) and _spelt(text[last]) and _spelt(text[last + 1]))
    )


def _spelt(character: str) -> bool:
    """Tells whether the character belongs to a word that spaces or punctuation end."""
    return character < _FIRST_OF_THE_EAST and character.isalnum()
