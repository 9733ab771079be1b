"""Words broken up to escape notice, and put together again.

Punctuation that parts sentences, their parts or what is listed is never crossed: `来电。站长说` has no 电站.
"""

import re
from dataclasses import dataclass
from functools import lru_cache

HAN = "\u3400-\u4dbf\u4e00-\u9fff\U00020000-\U0003134f"
_GAPS = r"[ *._|·+~\-/\\^=&#、◆◇●○★☆■□▲△※→]"
_GAP = f"{_GAPS}{{1,3}}"
_IN_GAP = re.compile(f"{_GAPS}(?<=[{HAN}].)")
_HIDES = re.compile(r"[*_^|~]")
_HIDER = re.compile(rf"(?<=[{HAN}])\s?[*_^|~]\s?(?=[{HAN}])")
_SPACED = re.compile(rf"(?<![{HAN}])[{HAN}](?:{_GAP}[{HAN}](?![{HAN}]))+{_GAP}[{HAN}]")
STROKES = "丶灬丨丿乀亅ー"  # characters, but used as marks
_STROKE = re.compile(rf"[{STROKES}](?<=[{HAN}].)(?=[{HAN}])")
_BETWEEN = re.compile(rf"[^{HAN}]+")
_MARKS = r"*^~._·•‧・/\\+=&%$●○★☆■□▲△※→◆◇-"  # none parts sentences; | parts runs in the search
_MARK = re.compile(rf"[{_MARKS}](?<=[{HAN}].)(?=[{HAN}])")

_REAL = r",;:!?，。、；：！？…—–―─@\])}】〕》〉」』>”’"
_OPEN, _CLOSE = r"(\[{【〔《〈「『<\"“'‘", r")\]}】〕》〉」』>\"”'’"
_COUNTED = "一二三四五六七八九十转图文完"  # (一) begins an item of a list, (转) says where the text is from
_FELT = "泪汗怒心赞酷吐晕衰哼困睡耶弱钱"  # [怒] is Weibo's way to write an emoji
_IN_BRACKETS = (  # behind the bracket that opens; one Han character at least stands beside the pair
    rf"(?<=[{_OPEN}])(?<!\[(?=[{_FELT}]\]))(?P<inside>(?![{_COUNTED}])[{HAN}])[{_CLOSE}]"
    rf"(?:(?=[{HAN}{_OPEN}])|(?<=[{HAN}{_CLOSE}][{_OPEN}].[{_CLOSE}]))"
)
_PERSON, _FLAG = "\U0001f466-\U0001f469\U0001f9d1", "\U0001f1e6-\U0001f1ff"
_ONE = rf"(?:[♀♂]|(?<=[{_PERSON}])[^\w\s{_REAL}]{{1,3}}|(?<=[{_FLAG}])[{_FLAG}])?"  # of an emoji: a family, a flag
_PARTED, _PARTED_NO_TAGS = (  # begins with one set of characters, so that `re` looks for nothing else
    re.compile(rf"[^\w\s{_REAL}{tag}](?:(?<=[{HAN}][^{_OPEN}]){_ONE}(?=[{HAN}])|{_IN_BRACKETS})") for tag in "#@"
)
_TOLD = r"\[\]\"“”'‘’~#@|"  # faces, what is said with a wink, tones, tags and headings say something themselves
_SHOWN = re.compile(
    rf"(?:[^\w\s{_REAL}{_TOLD}]|_)(?:(?<=[{HAN}][^{_OPEN}]){_ONE}(?=[{HAN}])|(?<!\[){_IN_BRACKETS}(?<!\]))"
)

_ODD = re.compile(f"[^\n 0-9a-z\u3400-\u4dbf\u4e00-\u9fff{_REAL}{_TOLD}]|_")  # without classes, so that it costs little


@dataclass(frozen=True, slots=True)
class Rejoined:
    """A text in which characters stand together that one mark, emoji or pair of brackets parted.

    `places` has for each character its place in the text it was made of; before those at `seams` something is gone.
    """

    text: str
    places: tuple[int, ...]
    seams: tuple[int, ...]

    def written(self, start: int, end: int) -> tuple[int, int]:
        """Finds text[start:end] in the text it was made of; what is empty stays empty."""
        if start == end:
            return (place := (*self.places, self.places[-1] + 1)[start]), place
        return self.places[start], self.places[end - 1] + 1

    def around(self, reach: int) -> list[tuple[int, int]]:
        """Returns the spans within `reach` characters of a seam, in order, none touching another."""
        spans: list[tuple[int, int]] = []
        for seam in self.seams:
            start, end = max(0, seam - reach), min(len(self.text), seam + reach)
            if spans and start <= spans[-1][1]:
                start, _ = spans.pop()
            spans.append((start, end))
        return spans


def join_spaced(text: str) -> str:
    """Joins words broken up to escape notice: `水 军 常 用` → `水军常用`."""
    text = _STROKE.sub("", text)
    return _SPACED.sub(lambda match: _BETWEEN.sub("", match.group()), text) if _IN_GAP.search(text) else text


def without_hiders(text: str) -> str:
    """Leaves out what parts no sentence anywhere and stands alone between two Han characters: 停*电."""
    return _HIDER.sub("", text) if _HIDES.search(text) else text


def without_marks(text: str) -> str:
    """Leaves out single marks between two Han characters: `变·电·站` → `变电站`; emoji, which may be words, stay."""
    return _MARK.sub("", text)


def shown(text: str) -> str:
    """Puts parted characters together for whoever reads feelings.

    停⚡电, 停.电 and 停(电), but not 停[怒]电, 说“好”的 and 好~好: those say something beside the words.
    """
    return _SHOWN.sub(r"\g<inside>", text) if _ODD.search(text) else text


@lru_cache(maxsize=8)  # a post's rules are asked part by part
def rejoined(folded: str) -> Rejoined | None:
    """Puts parted characters of a folded text together; None where none are parted. Linear.

    It is one more reading beside the text itself: an emoji or a dot may also end a sentence, so that whoever reads
    rules looks at both. One # is a mark, several are hashtags.

    >>> rejoined("变⚡电(站)")
    Rejoined(text='变电站', places=(0, 2, 4), seams=(1, 2, 3))
    """
    pattern = _PARTED_NO_TAGS if folded.count("#") == 1 else _PARTED
    kept: list[int] = []
    seams: list[int] = []
    last = 0
    for gap in pattern.finditer(folded):
        kept += range(last, gap.start())
        seams.append(len(kept))
        last = gap.end()
        if gap["inside"] is not None:
            kept.append(gap.start("inside"))
            seams.append(len(kept))
    if not seams:
        return None
    kept += range(last, len(folded))
    return Rejoined("".join([folded[place] for place in kept]), tuple(kept), tuple(seams))
