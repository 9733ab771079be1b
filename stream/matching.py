"""Which watched topics a text belongs to, and which fields and cues it bears, by the rules of configs/topics.yml.

One pass over the text finds the words of all rules, however many there are.

A Han word occurs wherever its characters stand together; an edge that is a Latin letter or a digit must be the edge of
a word (`AI` is not in `AIM`, but it is in `用AI画图`). White space beside a Han character counts for nothing, so that
wrapping and `停 电` hide no word. Nor does one mark, emoji or pair of brackets (停.电, 变⚡电⚡站): a text with such is
read twice, as it is and with its characters together.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal, get_args

import ahocorasick  # type: ignore[import-not-found]  # a C module without stubs
import regex
import structlog

from stream.denied import is_denied
from stream.spelling.folding import FIRST_OF_THE_EAST, fold
from stream.spelling.hiding import Rejoined, rejoined
from stream.topics import ELSEWHERE, Mark, Rule, TopicsConfig, WatchedTopic, alias_of

_LOG = structlog.get_logger(__name__)
Part = Literal["topics", "fields", "cues"]


@dataclass(frozen=True, slots=True)
class Occurrence:
    """A word or pattern of a rule, and where it stands in the folded text."""

    word: str
    start: int
    end: int


_Found = dict[str, list[tuple[int, int]]]  # where each word of any rule stands: its start, its end


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

    def words_hold(self, found: _Found) -> bool:
        """Tells whether the words, the pattern aside, are there as the rule wants them."""
        return (
            all(not group.isdisjoint(found) for group in self.all_of)
            and (not self.any_of or not self.any_of.isdisjoint(found))
            and self.none_of.isdisjoint(found)
        )

    def words(self) -> frozenset[str]:
        """Returns the words that speak for the rule."""
        return frozenset().union(*self.all_of, self.any_of)

    def necessary(self) -> frozenset[str]:
        """Returns words without one of which the rule cannot hold; empty where only its pattern says."""
        return min(self.all_of, key=len) if self.all_of else self.any_of


@dataclass(frozen=True, slots=True)
class Impossible:
    """A rule that no text can meet, by its place in configs/topics.yml.

    It wants one of `wanted` (of its key `of`), and each of these holds one of `forbidden`, which are of its none_of.
    """

    place: str
    of: Literal["any_of", "all_of"]
    wanted: tuple[str, ...]
    forbidden: tuple[str, ...]


class TopicMatcher:
    """The rules of configs/topics.yml, compiled once: of the topics, and of the fields and cues."""

    def __init__(self, config: TopicsConfig) -> None:
        words = _WordFinder(config)
        self._organisation = _RuleSet("topics", replace(config, topics={}), words)
        self._topics, self._fields, self._cues = (_RuleSet(part, config, words) for part in get_args(Part))

    def topics(self, folded: str) -> tuple[str, ...]:
        """Returns the keys of the topics of a folded text, in the order of the configuration.

        `elsewhere` where its rules hold and those of no topic do.
        """
        return self._topics.keys(folded)

    def fields(self, folded: str) -> tuple[str, ...]:
        """Returns the keys of what an appeal in these words is about."""
        return self._fields.keys(folded)

    def cues(self, folded: str) -> tuple[str, ...]:
        """Returns the keys of the danger cues in these words; what they deny is none."""
        return self._cues.keys(folded)

    def names_organisation(self, folded: str) -> bool:
        """Tells whether the rules of `elsewhere` hold, which say how people call the organisation."""
        return bool(self._organisation.keys(folded))

    def match(self, folded: str) -> tuple[RuleMatch, ...]:
        """Returns every rule that holds for a folded text, with all that it found: topics, then fields, then cues."""
        return self._topics.match(folded) + self._fields.match(folded) + self._cues.match(folded)


def has_word(folded: str, word: str) -> bool:
    """Tells whether a word stands in a folded text as the words of rules do: spelt alike, whole, also where parted."""
    wanted, joined = regex.escape(fold(word)), rejoined(folded)
    texts = (folded,) if joined is None else (folded, joined.text)
    found = ((text, one.span()) for text in texts for one in regex.finditer(wanted, text))
    return any(start < end and _is_whole(text, start, end - 1) for text, (start, end) in found)


def impossible_rules(config: TopicsConfig) -> Iterator[Impossible]:
    """Finds the rules that no text can meet, as each word that they want holds one that they forbid."""
    for place, rule in config.rules():
        yield from _impossible(place, rule, config)


def _impossible(place: str, rule: Rule, config: TopicsConfig) -> Iterator[Impossible]:
    banned = _words(rule.none_of, config)
    any_of: list[tuple[Literal["any_of", "all_of"], tuple[str, ...]]] = [("any_of", _words(rule.any_of, config))]
    for of, wanted in any_of + [("all_of", _words((word,), config)) for word in rule.all_of]:
        held = {word: next((one for one in banned if has_word(fold(word), one)), None) for word in wanted}
        forbidden = dict.fromkeys(one for one in held.values() if one is not None)
        if held and None not in held.values():
            yield Impossible(place, of, tuple(held), tuple(forbidden))


class _RuleSet:
    """The rules of one part."""

    def __init__(self, part: Part, config: TopicsConfig, words: "_WordFinder") -> None:
        self._part = part
        self._timeout = config.regex_timeout.total_seconds()
        self._rules = _rules(part, config)
        self._words = words
        self._by_word: dict[str, list[int]] = {}
        for place, rule in enumerate(self._rules):
            for word in rule.necessary():
                self._by_word.setdefault(word, []).append(place)
        self._without_word = [place for place, rule in enumerate(self._rules) if not rule.necessary()]
        self._too_slow: set[int] = set()

    def keys(self, folded: str) -> tuple[str, ...]:
        """Returns the keys whose rules hold for a folded text, in the order of the configuration."""
        found = self._words.find(folded)
        keys: dict[str, None] = {}
        for place in self._candidates(found):
            rule = self._rules[place]
            if rule.alone and keys:  # candidates are in the order of the configuration, where it is the last
                break
            if rule.key not in keys and rule.words_hold(found) and self._holds(place, found, folded):
                keys[rule.key] = None
        return tuple(keys)

    def match(self, folded: str) -> tuple[RuleMatch, ...]:
        """Returns every rule that holds for a folded text, with all that it found."""
        found = self._words.find(folded)
        matches: list[RuleMatch] = []
        for place in self._candidates(found):
            if self._rules[place].alone and any(one.key != ELSEWHERE for one in matches):
                break
            if (one := self._match_of(place, found, folded)) is not None:
                matches.append(one)
        return tuple(matches)

    def _match_of(self, place: int, found: _Found, folded: str) -> RuleMatch | None:
        rule = self._rules[place]
        if not rule.words_hold(found) or not rule.words_hold(found := self._claimed(place, found, folded)):
            return None
        words = sorted(rule.words() & found.keys())
        seen = [Occurrence(word, *span) for word in words for span in found[word]]
        if rule.pattern is not None:
            if (span := self._span(place, found, folded)) is None:
                return None
            seen.append(Occurrence(rule.pattern.pattern, *span))
        return RuleMatch(rule.key, rule.number, tuple(sorted(seen, key=lambda one: one.start)), self._part)

    def _claimed(self, place: int, found: _Found, folded: str) -> _Found:
        """Leaves out of what was found the places of a cue's words where the text denies them (没有爆炸)."""
        if self._part != "cues":
            return found
        words = self._rules[place].words() & found.keys()
        claimed = {word: [span for span in found[word] if not is_denied(folded, *span)] for word in words}
        return {word: spans for word, spans in {**found, **claimed}.items() if spans}

    def _candidates(self, found: _Found) -> list[int]:
        named = {place for word in found for place in self._by_word.get(word, ())}
        return sorted(named.union(self._without_word)) if named else self._without_word

    def _holds(self, place: int, found: _Found, folded: str) -> bool:
        """Tells whether a rule whose words are there holds: its pattern too, and its words not denied."""
        rule = self._rules[place]
        if rule.pattern is not None and self._span(place, found, folded) is None:
            return False
        return rule.words_hold(self._claimed(place, found, folded))

    def _span(self, place: int, found: _Found, folded: str) -> tuple[int, int] | None:
        """Finds the rule's pattern in the text; where its words are parted there, or it has none, put together too."""
        if (match := self._search(place, folded)) is not None:
            return match.span()
        words = self._rules[place].words() & found.keys()
        if words and not any(end - start > len(word) for word in words for start, end in found[word]):
            return None
        joined = rejoined(folded)
        if joined is None or (match := self._search(place, joined.text)) is None:
            return None
        return joined.written(*match.span())

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


class _WordFinder:
    """The words of all rules of all parts, found in one pass. What was found last is kept: each part asks for it."""

    def __init__(self, config: TopicsConfig) -> None:
        words = {
            word for part in get_args(Part) for rule in _rules(part, config) for word in rule.words() | rule.none_of
        }
        self._longest = max(map(len, words), default=0)
        self._automaton = _automaton(words)
        self._last: tuple[str, _Found] = ("", {})

    def find(self, folded: str) -> _Found:
        """Finds where each word stands, those too that a mark, an emoji or brackets part."""
        text, found = self._last
        if text != folded:
            self._last = (folded, found := self._found(folded))
        return found

    def _found(self, folded: str) -> _Found:
        if self._automaton is None:
            return {}
        found: _Found = {}
        for last, (word, length, spelt) in self._automaton.iter(folded):
            if not spelt or _is_whole(folded, last - length + 1, last):
                found.setdefault(word, []).append((last - length + 1, last + 1))
        if (joined := rejoined(folded)) is not None:
            self._find_parted(joined, found)
        return found

    def _find_parted(self, joined: Rejoined, found: _Found) -> None:
        """Adds the words that something was taken out of; they are looked for round the seams alone."""
        places = joined.places
        for begin, end in joined.around(self._longest - 1):
            for last, (word, length, _) in self._automaton.iter(joined.text, begin, end):
                start = last - length + 1
                if places[last] - places[start] >= length and _is_whole(joined.text, start, last):
                    found.setdefault(word, []).append(joined.written(start, last + 1))


def _rules(part: Part, config: TopicsConfig) -> list[_Compiled]:
    return [
        _compile(key, number, rule, config, alone=part == "topics" and key == ELSEWHERE)
        for key, one in _marks(part, config).items()
        for number, rule in enumerate(one.rules)
    ]


def _marks(part: Part, config: TopicsConfig) -> Mapping[str, WatchedTopic | Mark]:
    if part == "topics":
        return config.watched
    return config.fields if part == "fields" else config.cues


def _words(named: Sequence[str], config: TopicsConfig) -> tuple[str, ...]:
    """Puts the words of an alias in its place."""
    aliases = ((one, alias_of(one)) for one in named)
    groups = ((one,) if alias is None else config.aliases[alias] for one, alias in aliases)
    return tuple(word for group in groups for word in group)


def _compile(key: str, number: int, rule: Rule, config: TopicsConfig, *, alone: bool) -> _Compiled:
    def folded(*named: str) -> frozenset[str]:
        return frozenset(map(fold, _words(named, config)))

    return _Compiled(
        key=key,
        number=number,
        all_of=tuple(map(folded, rule.all_of)),
        any_of=folded(*rule.any_of),
        none_of=folded(*rule.none_of),
        alone=alone,
        pattern=regex.compile(rule.regex, regex.IGNORECASE) if rule.regex else None,
    )


def _automaton(words: Collection[str]) -> Any:
    """Makes what finds every word in one pass: each with its length, and whether an end of it may cut a longer one."""
    if not words:
        return None
    automaton = ahocorasick.Automaton()
    for word in words:
        automaton.add_word(word, (word, len(word), _spelt(word[0]) or _spelt(word[-1])))
    automaton.make_automaton()
    return automaton


def _is_whole(text: str, start: int, last: int) -> bool:
    """Tells whether neither end of text[start : last + 1] cuts a word of letters or digits in two."""
    return not (
        (start > 0 and _spelt(text[start]) and _spelt(text[start - 1]))
        or (last + 1 < len(text) and _spelt(text[last]) and _spelt(text[last + 1]))
    )


def _spelt(character: str) -> bool:
    """Tells whether the character belongs to a word that spaces or punctuation end."""
    return character < FIRST_OF_THE_EAST and character.isalnum()
