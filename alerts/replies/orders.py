"""What may be asked in an answer to a letter: three words, and only as the first line. Pure.

What is not plainly one of them is none: a question, a denial or half a sentence never acts.
"""

from dataclasses import dataclass, replace

import regex

ACKNOWLEDGE, FALSE_ALARM, ASSIGN = "acknowledge", "judge_false_alarm", "assign"

_OF_INCIDENTS = {ACKNOWLEDGE: "take", FALSE_ALARM: "no_fault"}  # what the same words do to trouble of our own

_STOPS = r"[\s，,。.！!~～、；;]*"
_SEEN = regex.compile(
    rf"(?:已)?(?:收到|签收|收悉)(?:了)?{_STOPS}(?:(?:谢谢|感谢|辛苦|好的|知悉)(?:了|您|你)?{_STOPS})?"
)
_FALSE = regex.compile(r"(?:误报|誤報)(?:\s*[：:，,。、\s]\s*(?P<words>.*))?")
_PASSED = regex.compile(r"(?:转办|轉辦)(?:给|至|到)?\s*[：:，,]?\s*(?P<words>.{1,60}?)[\s。.！!]*")
_QUESTION = regex.compile(r"[?？]\s*$|[吗么嘛]\s*[。.！!?？]*\s*$")


@dataclass(frozen=True, slots=True)
class Instruction:
    """An action of the workflow, and the words that came with it: a reason, or a desk's or person's name."""

    action: str
    words: str = ""


def understand(line: str) -> Instruction | None:
    """Reads the line as an order; None where it is none of the three."""
    told = line.strip()
    if _QUESTION.search(told):
        return None
    if _SEEN.fullmatch(told):
        return Instruction(ACKNOWLEDGE)
    if match := _FALSE.fullmatch(told):
        return Instruction(FALSE_ALARM, (match["words"] or "").strip())
    if match := _PASSED.fullmatch(told):
        return Instruction(ASSIGN, match["words"].strip())
    return None


def of_incident(order: Instruction) -> Instruction:
    """Returns what the order means of an incident, whose steps have other names."""
    return replace(order, action=_OF_INCIDENTS.get(order.action, order.action))
