"""What a person types into a search box, read as parts. Total: every string is a query, or refused with a remedy.

Parts are parted by white space and must all occur. `A OR B` (also `A 或 B`, `A | B`) is one part of which either must
occur: OR binds closer than white space. `-A` (also `NOT A`) must not occur. Brackets hold what OR joins; quotation
marks hold a phrase with white space, and whatever else would be an operator. Refusals are in Chinese: they stand beside
the box.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from stream.errors import Rejected
from stream.index.lexemes import Lexeme, Sign, lexemes
from stream.index.tokens import runs

MAX_TOKENS = 256  # in one query; a pasted page is no question, and engines bound their queries too
MAX_TYPED = 10_000  # characters; no query of MAX_TOKENS that a person could mean has more
DEEPEST = 8  # brackets within each other: they only ever hold what OR joins, so one is enough for every question

#: Runs of tokens. Tokens of a run are adjacent; between two runs stands punctuation, whichever it is.
Phrase = tuple[tuple[str, ...], ...]

_FIELDS = (
    "title", "text", "content", "body", "intitle", "inurl", "url", "site", "source", "board", "topic", "topics",
    "label", "act", "author", "user", "标题", "正文", "版块", "站点", "作者", "发帖人",
)  # fmt: skip
_FIELD = re.compile(rf"(?:{'|'.join(_FIELDS)})[:：]", re.IGNORECASE)
_WILDCARD = re.compile("[*＊](?!\ufe0f?\u20e3)|[?]")  # a star before U+20E3 is a keycap, and ？ ends a question


class Role(StrEnum):
    """What a part asks of a post."""

    REQUIRED = "required"
    ANY_OF = "any_of"
    FORBIDDEN = "forbidden"


@dataclass(frozen=True, slots=True)
class Part:
    """One condition as it was understood: `texts` as typed, without marks, and each as a phrase. ANY_OF has several."""

    role: Role
    texts: tuple[str, ...]
    phrases: tuple[Phrase, ...]

    @property
    def alone(self) -> str:
        """The query that finds the posts in which the part occurs, be it wanted or forbidden."""
        return " OR ".join(f'"{text}"' for text in self.texts)


@dataclass(frozen=True, slots=True)
class Words:
    """All of `required`, one of each of `any_of` and none of `forbidden` occur in a post's title or text.

    All empty: no condition.
    """

    required: tuple[Phrase, ...] = ()
    forbidden: tuple[Phrase, ...] = ()
    any_of: tuple[tuple[Phrase, ...], ...] = ()


def parse_words(words: str) -> Words:
    """Parses the words of `Query.words`; raises as `understood` does."""
    parts = understood(words)
    single = {role: tuple(part.phrases[0] for part in parts if part.role is role) for role in Role}
    any_of = tuple(part.phrases for part in parts if part.role is Role.ANY_OF)
    return Words(single[Role.REQUIRED], single[Role.FORBIDDEN], any_of)


def understood(words: str) -> tuple[Part, ...]:
    """Tells how the words are understood, part by part in their order; () where nothing is typed.

    Chinese and full-width quotation marks do as well as straight ones, an open one lasts to the end. Punctuation
    inside a part stands for any punctuation (`3.5` also finds 3·5, but neither 35 nor 3 and 5 apart), at its ends
    for nothing; a part of punctuation only is passed over. `or` and `and` in small letters and 或 are operators between
    two parts and words elsewhere.

    Raises `Rejected("query")` where no token is left to look for, or too many; for wildcards and fields, which are not
    to be passed over silently; and for brackets and ORs that hold more than words.
    """
    if len(words) > MAX_TYPED:
        raise _too_long()
    read = _Reading(list(lexemes(words)))
    parts = tuple(read.group(0))
    if words.strip() and not parts:
        raise Rejected("query", "没有可检索的内容：请至少输入一个字、字母、数字或表情")
    if sum(len(run) for part in parts for phrase in part.phrases for run in phrase) > MAX_TOKENS:
        raise _too_long()
    return parts


class _Reading:
    """Reads a group as the parts that must all hold."""

    def __init__(self, found: Sequence[Lexeme]) -> None:
        left: list[Lexeme] = []
        for one in found:
            if one.sign is not Sign.WORD or _phrase(one):
                left.append(one)
                continue
            while left and left[-1].text == "-" and left[-1].sign is Sign.NOT:  # passed over with its word
                left.pop()
        self._left = left[::-1]  # the next one is the last

    def group(self, depth: int) -> list[Part]:
        if depth > DEEPEST:
            raise Rejected("query", f"括号最多套 {DEEPEST} 层：请分成几次检索")
        parts: list[Part] = []
        while self._next() not in (None, Sign.CLOSE):
            if self._next() is Sign.AND:
                self._between("AND", parts)
            parts += self._either(depth)
        return parts

    def _either(self, depth: int) -> list[Part]:
        """Reads what OR joins; a single operand may be of any kind."""
        operands = [self._operand(depth)]
        while self._next() is Sign.OR:
            self._between("OR", operands[-1])
            operands.append(self._operand(depth))
        if len(operands) == 1:
            return operands[0]
        joined = [_single(operand) for operand in operands if operand]
        texts = tuple(text for part in joined for text in part.texts)
        phrases = tuple(phrase for part in joined for phrase in part.phrases)
        return [Part(Role.ANY_OF if len(texts) > 1 else Role.REQUIRED, texts, phrases)]

    def _operand(self, depth: int) -> list[Part]:
        forbidden = False
        while self._next() is Sign.NOT:
            sign = self._left.pop()
            if self._next() not in (Sign.WORD, Sign.OPEN, Sign.NOT):
                raise _dangling(sign.text)
            forbidden = True
        if self._next() is Sign.OR:
            raise _dangling("OR")
        one = self._left.pop()
        if one.sign is Sign.WORD:
            return [Part(Role.FORBIDDEN if forbidden else Role.REQUIRED, (one.text,), (_phrase(one),))]
        parts = self.group(depth + 1)
        if self._left:
            self._left.pop()  # its closing bracket
        return list(_without(parts)) if forbidden else parts

    def _between(self, operator: str, before: Sequence[Part]) -> None:
        self._left.pop()
        if not before or self._next() not in (Sign.WORD, Sign.OPEN, Sign.NOT):
            raise _dangling(operator)

    def _next(self) -> Sign | None:
        return self._left[-1].sign if self._left else None


def _single(operand: Sequence[Part]) -> Part:
    if len(operand) > 1 or operand[0].role is Role.FORBIDDEN:
        raise Rejected("query", "OR 两边只能是词或短语，不能是要排除的词，也不能是括号里的几个条件：请分成几次检索")
    return operand[0]


def _without(parts: Sequence[Part]) -> Iterator[Part]:
    """Turns a group around: none of what OR joins in it."""
    if len(parts) > 1 or any(part.role is Role.FORBIDDEN for part in parts):
        raise Rejected("query", "要排除的括号里只能是用 OR 连接的词：请逐个写成 -词")
    for part in parts:
        for text, phrase in zip(part.texts, part.phrases, strict=True):
            yield Part(Role.FORBIDDEN, (text,), (phrase,))


def _phrase(word: Lexeme) -> Phrase:
    """Cuts a word into its phrase; () for punctuation only. Refuses what looks like an operator that there is not."""
    if not word.quoted:
        if field := _FIELD.match(word.text):
            raise Rejected(
                "query",
                f"检索框里不能写“{field[0]}”：标题和正文总是一起查，来源、版块等请用筛选条件；要找这几个字请加引号",
            )
        if wildcard := _WILDCARD.search(word.text):
            raise Rejected(
                "query",
                f"“{wildcard[0]}”不能代替任意字：汉字按出现查，写“停电”就能找到含停电的任何词；要找符号本身请加引号",
            )
    return tuple(map(tuple, runs(word.text)))


def _dangling(operator: str) -> Rejected:
    where = "后面" if operator in ("NOT", "-") else "两边都"
    return Rejected("query", f"{operator} {where}要有词；要找“{operator}”这个词本身请加引号")


def _too_long() -> Rejected:
    return Rejected("query", f"检索内容太长：一次最多 {MAX_TOKENS} 个字或词")
