"""Where a text names something: the words round it, in one spelling of marks, within the words of one writer. Pure."""

import re
from dataclasses import dataclass

FAR = 200  # characters of other sentences in which a rumour may be denied
SENTENCE = re.compile(r"[。!?;\n]")
_BEFORE = 60  # characters of the sentence
_CHAIN = 1_000  # characters in which somebody passes words on

# Quotation marks, brackets and emoji change nothing (没有“爆炸”); a hashtag is a heading.
_NOTHING = re.compile("[\"“”'‘’「」『』《》〈〉<>【】\\[\\]()（）\u2600-\u27bf\ufe0f\U0001f300-\U0001faff]+")
_WIDE = re.compile("[，！？；：#]")
_NARROW = str.maketrans("，！？；：#", ",!?;::")
_FORWARDED = re.compile(r"//\s?@[^:\n/]{1,40}:?")


@dataclass(frozen=True, slots=True)
class Place:
    """What is named, and what stands round it: in its sentence before, far before (as written), and behind.

    `forwarders` are the words of those who pass on the one in whose words it stands, the poster's first.
    """

    named: str
    before: str
    far_before: str
    after: str
    forwarders: tuple[str, ...] = ()


def place_of(text: str, start: int, end: int) -> Place:
    """Looks round text[start:end]."""
    if text.startswith("起火灾", start):  # 引起火灾, 一起火灾: no 起火 is named here
        start += 1
    begin, stop, forwarders = _own(text, start) if "//" in text else (0, len(text), ())
    return Place(
        named=plain(text[start:end]),
        before=SENTENCE.split(plain(text[max(begin, start - _BEFORE) : start]))[-1],
        far_before=text[max(begin, start - FAR) : start],
        after=plain(text[end : min(stop, end + FAR)]),
        forwarders=forwarders,
    )


def plain(text: str) -> str:
    """Writes the marks of a text in one width, without those that change nothing.

    >>> plain("【变电站爆炸？官方：不实】")
    '变电站爆炸?官方:不实'
    """
    shown = _NOTHING.sub("", text)
    return shown.translate(_NARROW) if _WIDE.search(shown) else shown


def _own(text: str, start: int) -> tuple[int, int, tuple[str, ...]]:
    """Finds where the words begin and end in which text[start] stands, and what is said by those who pass them on."""
    begin, forwarders = max(0, start - _CHAIN), list[str]()
    for mark in _FORWARDED.finditer(text, begin):
        if mark.start() >= start:
            return begin, mark.start(), tuple(forwarders)
        forwarders.append(plain(text[max(begin, mark.start() - FAR) : mark.start()]))
        begin = mark.end()
    return begin, len(text), tuple(forwarders)
