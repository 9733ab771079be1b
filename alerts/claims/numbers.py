"""Numbers with their units as people write them: 三天, 3天, 72小时; 一毛钱, 0.1元. Pure."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

_DIGITS = {digit: value for value, digit in enumerate("零一二三四五六七八九")} | {"两": 2, "〇": 0}
_TENS = {"十": 10, "百": 100, "千": 1_000}
_UNITS: dict[str, tuple[str, float]] = {
    "分钟": ("duration", 1 / 60), "小时": ("duration", 1.0), "个小时": ("duration", 1.0), "钟头": ("duration", 1.0),
    "个钟头": ("duration", 1.0), "天": ("duration", 24.0), "昼夜": ("duration", 24.0), "周": ("duration", 168.0),
    "星期": ("duration", 168.0), "个星期": ("duration", 168.0), "个月": ("duration", 720.0),
    "元": ("money", 1.0), "块": ("money", 1.0), "毛": ("money", 0.1), "角": ("money", 0.1), "万元": ("money", 1e4),
    "亿元": ("money", 1e8), "万块": ("money", 1e4),
    "人": ("people", 1.0), "名": ("people", 1.0), "位": ("people", 1.0), "个人": ("people", 1.0),
    "死": ("people", 1.0), "条人命": ("people", 1.0), "伤": ("people", 1.0),
    "个": ("some", 1.0), "号线": ("line", 1.0), "%": ("percent", 1.0), "吨": ("tonnes", 1.0), "级": ("degree", 1.0),
    "度": ("degrees", 1.0), "辆": ("vehicles", 1.0), "户": ("households", 1.0), "套": ("flats", 1.0),
    "路": ("line", 1.0), "号楼": ("building", 1.0), "栋": ("building", 1.0),
}  # fmt: skip
_NUMBER = re.compile(
    r"(?<![第\d.几数上近多])(?P<number>\d+(?:\.\d+)?|[零〇一二两三四五六七八九十百千万亿]+)(?P<more>多|余|来|几)?(?P<unit>"
    + "|".join(sorted(_UNITS, key=len, reverse=True))
    + ")"
)
_PERCENT = re.compile(r"百分之([零一二两三四五六七八九十百\d.]+)")


@dataclass(frozen=True, slots=True)
class Quantity:
    """A number in the unit of its kind: hours, yuan, people."""

    kind: str
    value: float


def quantities(text: str) -> frozenset[Quantity]:
    """Finds the numbers of a folded text that have a unit; a vague one (几十, 上千, 一百多) is none."""
    return frozenset(_found(_PERCENT.sub(r"\1%", text)))


def in_digits(text: str) -> str:
    """Writes the numbers that have a unit in digits, so that 三天 and 3天 are the same characters."""
    return _NUMBER.sub(_as_digits, text)


def differ(claim: frozenset[Quantity], post: frozenset[Quantity]) -> bool:
    """Tells whether the post gives a number of a kind that the claim gives, and none that is the claim's."""
    for kind in {one.kind for one in claim} - {"some"}:
        ours = {one.value for one in claim if one.kind == kind}
        theirs = {one.value for one in post if one.kind == kind}
        loosely = {one.value for one in post if one.kind == "some"} if kind == "people" else set()
        if theirs and not any(_near(a, b) for a in ours for b in theirs | loosely):
            return True
    return False


def _found(text: str) -> Iterator[Quantity]:
    for match in _NUMBER.finditer(text):
        if match["more"]:
            continue
        kind, factor = _UNITS[match["unit"]]
        value = _value(match["number"])
        if value is None or (kind == "some" and value == 1):
            continue
        yield Quantity(kind, value * factor)


def _as_digits(match: re.Match[str]) -> str:
    value = _value(match["number"])
    return match[0] if value is None else f"{value:g}{match['more'] or ''}{match['unit']}"


def _near(one: float, other: float) -> bool:
    return abs(one - other) <= 1e-6 * max(abs(one), abs(other))


def _value(written: str) -> float | None:
    """Reads a number in digits or characters; None for what is none (万一, 十百)."""
    if written[0].isdigit():
        return float(written)
    total = section = digit = 0
    for character in written:
        if character in _DIGITS:
            digit = _DIGITS[character]
        elif character in _TENS:
            section += (digit or 1) * _TENS[character]
            digit = 0
        else:
            if not section + digit:
                return None
            total = (total + section + digit) * (10_000 if character == "万" else 100_000_000)
            section = digit = 0
    return float(total + section + digit)
