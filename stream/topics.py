"""The watched topics: their names, owners and rules, as data. nlp compiles the rules, alerts reads names and owners.

Words are matched after NFKC and case folding, with invisible characters removed: `ＡＰＰ` in a rule finds `app`.
"""

import unicodedata
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import field
from datetime import timedelta
from functools import cached_property
from typing import Annotated, Any, TypeVar

import regex
from pydantic import AfterValidator, BeforeValidator, Field, StringConstraints, model_validator
from pydantic.dataclasses import dataclass

from stream.process.configuration import STRICT, Duration, Found, read_together
from stream.spelling.folding import fold
from stream.spelling.patterns import unfolded

T = TypeVar("T")

ALIAS = "@"
ELSEWHERE = "elsewhere"  # the key of the topic of posts that meet no other
_PATIENCE = 0.5  # seconds a pattern may need for one probe; a sound one needs milliseconds
_PROBE = 1000  # characters: a pattern of exponential cost never ends on them, one of quadratic cost does
_PROBES = 16


def _as_words(value: object) -> object:
    """Lets one word stand without a list around it; a number must be quoted, since YAML rewrites 010 and 1e3."""
    words = [value] if isinstance(value, str) else value
    if isinstance(words, list) and any(not isinstance(word, str) for word in words):
        raise ValueError("every word is text: put numbers, true and false in quotes")
    return words


def _visible(word: str) -> str:
    if all(unicodedata.category(character)[0] in "ZCM" for character in word):
        raise ValueError("a word needs a visible character")
    if not fold(word):
        raise ValueError("nothing is left of this word in the spelling that texts are matched in: take it out")
    return word


def alias_of(word: str) -> str | None:
    """Returns the alias that a rule's word names, None where it is a word; ＠ counts as @."""
    return word[1:] if word.startswith((ALIAS, "＠")) else None


def _one_line(name: str) -> str:
    if any(unicodedata.category(character) in ("Cc", "Cf", "Zl", "Zp") for character in name):
        raise ValueError("must be one line without control characters")
    return name


def _not_reserved(key: str) -> str:
    if key == ELSEWHERE:
        raise ValueError(f"the key is kept for posts that meet no topic: give it another, or move it to `{ELSEWHERE}:`")
    return key


def _given(items: tuple[T, ...]) -> tuple[T, ...]:
    if not items:
        raise ValueError("give at least one")
    return items


def check_pattern(pattern: str) -> str:
    """Returns the pattern.

    Raises ValueError where it is wrong, finds the empty text, or may take for ever on some text.
    """
    for character in pattern:
        if (written := unicodedata.normalize("NFKC", character)) != character:
            raise ValueError(f"texts are matched after NFKC, so {character!r} never occurs in them: write {written!r}")
    try:
        compiled = regex.compile(pattern, regex.IGNORECASE)
    except regex.error as error:
        raise ValueError(f"no regular expression: {error}") from error
    if compiled.search("") is not None:
        raise ValueError("the pattern matches the empty text, so it would match every post")
    for probe in _probes(pattern):
        try:
            compiled.search(probe, timeout=_PATIENCE)
        except TimeoutError:
            raise ValueError(
                f"the pattern takes over {_PATIENCE} s on {_PROBE} characters like {probe[-20:-1]!r}: "
                "avoid one repetition inside another, give repetitions a limit such as {0,20}"
            ) from None
    return pattern


def _probes(pattern: str) -> Iterator[str]:
    """Yields texts that a careless pattern tries to match in a great many ways.

    They are its own letters over and over, then a stop.
    """
    runs = regex.findall(r"\w+", pattern)
    units = dict.fromkeys([*runs, *"".join(runs), "a", "1", "电", "a "])
    for unit in list(units)[:_PROBES]:
        for head in ("", "".join(runs)):
            yield head + unit * (_PROBE // len(unit) or 1) + "\0"


Word = Annotated[str, StringConstraints(max_length=100), AfterValidator(_visible)]
Words = Annotated[tuple[Word, ...], BeforeValidator(_as_words)]
Pattern = Annotated[str, StringConstraints(min_length=1, max_length=1000), AfterValidator(check_pattern)]
Key = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_-]{0,39}$")]
TopicKey = Annotated[Key, AfterValidator(_not_reserved)]
AliasKey = Annotated[str, StringConstraints(pattern=r"^[^\s@]{1,40}$")]
Line = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=60), AfterValidator(_one_line)]
Budget = Annotated[float, Field(ge=0.05, le=50)]  # once in twenty weeks is as good as never, seven a day is a nuisance


@dataclass(frozen=True, kw_only=True, config=STRICT)
class Rule:
    """One way to belong to a topic: every one of `all_of`, at least one of `any_of`, none of `none_of`, the `regex`.

    A word beginning with `@` names an alias: any word of that group.
    """

    all_of: Words = ()
    any_of: Words = ()
    none_of: Words = ()
    regex: Pattern | None = None

    @model_validator(mode="after")
    def _says_something(self) -> "Rule":
        if not (self.all_of or self.any_of or self.regex):
            excluding = "none_of alone would match nearly every post" if self.none_of else "the rule is empty"
            raise ValueError(f"{excluding}: give all_of, any_of or regex")
        return self


@dataclass(frozen=True, kw_only=True, config=STRICT)
class WatchedTopic:
    """A topic, never a person. `owner` is a desk of alerts.yml: who finds out the truth when it spikes.

    A post belongs to the topic if any one of `rules` holds. `sources` of crawlers.yml are those whose silence makes the
    topic blind; all of them where none is named. `alerts_per_week` is how many alarms a week the topic may cost an
    office in which nothing is the matter; None is what alerts.yml says for all.
    """

    name: Line
    owner: Line
    rules: Annotated[tuple[Rule, ...], AfterValidator(_given)]
    sources: tuple[Line, ...] = ()
    alerts_per_week: Budget | None = None


@dataclass(frozen=True, kw_only=True, config=STRICT)
class Mark:
    """Something else than a topic that rules find in a post: a field of appeals, or a cue."""

    name: Line
    rules: Annotated[tuple[Rule, ...], AfterValidator(_given)]


@dataclass(frozen=True, kw_only=True, config=STRICT)
class TopicsConfig:
    """configs/topics.yml: `topics` by key; `aliases` are word groups that rules name as `@key`.

    `elsewhere` is the topic of posts that its rules find and that meet none of `topics`, so that nothing said about the
    organisation falls through; its key is `elsewhere`. What is watched is `watched`: all of them.

    `fields` are what appeals are about. `cues` are claims of danger with place and time: whoever reads of one is to
    look, and is told nothing about whether it is true. Both are matched in a post's own words alone.
    `regex_timeout` bounds one pattern on one post; a pattern that needs longer counts as not matched.
    """

    topics: dict[TopicKey, WatchedTopic]
    elsewhere: WatchedTopic | None = None
    fields: dict[Key, Mark] = field(default_factory=dict)
    cues: dict[Key, Mark] = field(default_factory=dict)
    aliases: dict[AliasKey, Annotated[Words, AfterValidator(_given)]] = field(default_factory=dict)
    regex_timeout: Annotated[Duration, Field(ge=timedelta(milliseconds=1))] = timedelta(milliseconds=50)

    @cached_property
    def watched(self) -> Mapping[str, WatchedTopic]:
        """Every topic that a post may have, by its key, in the order of the file; `elsewhere` is the last."""
        return self.topics if self.elsewhere is None else {**self.topics, ELSEWHERE: self.elsewhere}

    def unknown_sources(self, sources: Collection[str]) -> list[tuple[str, str]]:
        """Finds topics that name a source which is not among `sources`: their place in the file, the source's name."""
        found = ((key, name) for key, one in self.watched.items() for name in one.sources if name not in sources)
        return [(place_of(key), name) for key, name in found]

    def doubts(self) -> Iterator[tuple[str, str]]:
        """Yields what is sound and likely not meant: a place in the file, and what nothing will ever match there."""
        for place, rule in self.rules():
            for kind in ("all_of", "any_of", "none_of"):
                yield from ((f"{place}.{kind}", doubt) for doubt in _doubtful(getattr(rule, kind)))
            for run, folded in unfolded(rule.regex or ""):
                yield f"{place}.regex", f"no text has {run!r} once it is folded: write {folded!r}"
        for key, words in self.aliases.items():
            yield from ((f"aliases.{key}", doubt) for doubt in _doubtful(words))

    def rules(self) -> Iterator[tuple[str, Rule]]:
        """Yields every rule with its place in the file: of the topics, then of the fields and cues."""
        marks = ((f"{part}.{key}", mark) for part in ("fields", "cues") for key, mark in getattr(self, part).items())
        for place, one in (*((place_of(key), topic) for key, topic in self.watched.items()), *marks):
            yield from ((f"{place}.rules.{number}", rule) for number, rule in enumerate(one.rules))

    @model_validator(mode="wrap")
    @classmethod
    def _aliases_exist(cls, raw: Any, read: Callable[[Any], Any]) -> Any:
        """Tells wrong aliases together with all other mistakes, not only once those are mended."""
        return read_together(raw, read, _wrong_aliases(raw) if isinstance(raw, dict) else ())


def place_of(key: str) -> str:
    """Tells where in configs/topics.yml the topic of this key stands."""
    return key if key == ELSEWHERE else f"topics.{key}"


# What people write between the items of a list, and YAML does not read as such; between two words, not within 停 电.
_SEPARATOR = regex.compile(r"[^\W\s]{2}\s*[，、；|;]\s*[^\W\s]{2}|\p{Han}{2}(?:\s|,\s*)\p{Han}{2}")


def _doubtful(words: tuple[str, ...]) -> Iterator[str]:
    for word in filter(_SEPARATOR.search, words):
        yield f"{word!r} is one word, found where a text has it whole: part words by a comma and a space, [甲, 乙]"


_SECTIONS = ("topics", "fields", "cues")  # of topics.yml that hold rules by key


def _wrong_aliases(raw: dict[str, Any]) -> Iterator[Found]:
    aliases = raw.get("aliases")
    known = [str(key) for key in aliases] if isinstance(aliases, dict) else []
    named = ((place, word) for place, word in _strings(raw) if alias_of(word) is not None)
    for place, word in named:
        in_section = place[1:] if place[0] == ELSEWHERE else place[2:] if place[0] in _SECTIONS else ()
        in_rule = in_section[:1] == ("rules",) and in_section[2:3] in (("all_of",), ("any_of",), ("none_of",))
        if place[0] == "aliases":
            yield place, word, "an alias holds words, not further aliases"
        elif in_rule and alias_of(word) not in known:
            yield place, word, f"no such alias; known: {', '.join(known) or 'none'}"


def _strings(raw: Any, place: tuple[int | str, ...] = ()) -> Iterator[tuple[tuple[int | str, ...], str]]:
    """Yields every string of a YAML document with its place."""
    if isinstance(raw, str):
        yield place, raw
    elif isinstance(raw, dict | list):
        for key, value in raw.items() if isinstance(raw, dict) else enumerate(raw):
            yield from _strings(value, (*place, key))
