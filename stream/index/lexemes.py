"""What is typed into a search box, cut into words and signs. What the signs mean together: stream/index/query.py."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from unicodedata import normalize

_QUOTES = '"“”＂'
_QUOTED = re.compile(f"[{_QUOTES}]([^{_QUOTES}]*)[{_QUOTES}]?")
_PLAIN = re.compile(rf"[^\s{_QUOTES}|｜]+")
_BARS = re.compile("[|｜]+")
_MINUS = re.compile(r"[-－](?=[^\s|｜])")
_BRACKET = re.compile(f"[()（）]|{_QUOTED.pattern}")
_BEHIND_CLOSE = re.compile(r"$|[\s|｜)）]")


class Sign(StrEnum):
    """What a lexeme is to the grammar."""

    WORD = "word"
    OR = "or"
    AND = "and"
    NOT = "not"
    OPEN = "("
    CLOSE = ")"


@dataclass(frozen=True, slots=True)
class Lexeme:
    """A word as typed, without its quotation marks, or a sign."""

    sign: Sign
    text: str
    quoted: bool = False


_SPELT = {"OR": Sign.OR, "AND": Sign.AND, "NOT": Sign.NOT}
_PERHAPS = {"or": Sign.OR, "and": Sign.AND, "或": Sign.OR}  # operators where they stand between two parts
_ENDS = frozenset({Sign.WORD, Sign.CLOSE})
_BEGINS = frozenset({Sign.WORD, Sign.OPEN, Sign.NOT})


def lexemes(typed: str) -> Iterator[Lexeme]:
    """Cuts what was typed; brackets that hold no parts of their own, as in 停电(计划), stay in their words."""
    found = list(_cut(typed, _operators(typed)))
    before: Sign | None = None
    for at, one in enumerate(found):
        following = found[at + 1].sign if at + 1 < len(found) else None
        if one.sign is Sign.WORD and not one.quoted:
            word = normalize("NFKC", one.text)
            sign = _SPELT.get(word)
            if before in _ENDS and following in _BEGINS:
                sign = sign or _PERHAPS.get(word.lower() if word.isascii() else word)
            one = Lexeme(sign, word) if sign else one
        before = one.sign
        yield one


def _cut(typed: str, operators: dict[int, Sign]) -> Iterator[Lexeme]:
    at = 0
    while at < len(typed):
        if sign := operators.get(at):
            yield Lexeme(sign, typed[at])
            at += 1
        elif bars := _BARS.match(typed, at):
            yield Lexeme(Sign.OR, bars[0])
            at = bars.end()
        elif quoted := _QUOTED.match(typed, at):
            yield Lexeme(Sign.WORD, quoted[1], quoted=True)
            at = quoted.end()
        elif minus := _MINUS.match(typed, at):
            yield Lexeme(Sign.NOT, "-")
            at = minus.end()
        elif plain := _PLAIN.match(typed, at):
            end = next((place for place in range(at + 1, plain.end()) if place in operators), plain.end())
            yield Lexeme(Sign.WORD, typed[at:end])
            at = end
        else:
            at += 1


def _operators(typed: str) -> dict[int, Sign]:
    """Finds the brackets that hold parts: at the beginning of one, closed at the end of one."""
    found: dict[int, Sign] = {}
    pairs: dict[int, int] = {}
    stack: list[int] = []
    for one in _BRACKET.finditer(typed):
        if one[0] in "(（":
            stack.append(one.start())
        elif one[0] in ")）" and stack:
            pairs[stack.pop()] = one.start()
    for opened in sorted(pairs):
        before = len(typed[:opened].rstrip("-－")) - 1
        begins = before < 0 or typed[before].isspace() or typed[before] in "|｜" or found.get(before) is Sign.OPEN
        if begins and _BEHIND_CLOSE.match(typed, pairs[opened] + 1):
            found[opened], found[pairs[opened]] = Sign.OPEN, Sign.CLOSE
    return found
