"""JSON lines in, JSON lines out: what each text feels like. A bad line is answered in its place and stops nothing.

Every answer has the same numbers, so that whoever reads a pipe never meets null where a number is promised. Where there
is no score, `unscored` beside them says why, and they say that nothing is known: all classes alike. A repost of nothing
is neutral, as annotators have it.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, fields
from typing import BinaryIO

from nlp.scorer import Score, Scorer, Unscored
from nlp.stage import label_of
from stream.messages import Emotion, Label, Polarity

_READ = 1 << 16  # bytes at once: a pipe is scored in batches, a person or a coprocess is answered line by line
LONGEST = 1 << 24  # bytes of a line that are kept, whatever comes: a stream without line feeds takes no more memory
_AT_ONCE = 1_000  # lines answered together at most: empty ones are many to a read
BAD_LINE = "line"  # why a line that is no text is unscored
_NO_EMOTION = {field.name: None for field in fields(Emotion)}  # of a model that knows only polarities


class BadLine(ValueError):
    """Raised when a line is not `{"text": …}`."""


def line_batches(stream: BinaryIO) -> Iterator[list[bytes]]:
    """Yield the stream's lines (parted by line feeds alone), as many together as have arrived and are answered at once.

    Of a line longer than LONGEST one byte more than that is kept, by which `classify` knows it.
    """
    rest = bytearray()
    while chunk := stream.read1(_READ):  # type: ignore[attr-defined]  # every buffered stream has it
        first, *others = chunk.split(b"\n")
        rest += first[: LONGEST + 1 - len(rest)]
        if others:
            whole = [bytes(rest), *others[:-1]]
            rest = bytearray(others[-1])
            yield from (whole[start : start + _AT_ONCE] for start in range(0, len(whole), _AT_ONCE))
    if rest:
        yield [bytes(rest)]


def classify(lines: Sequence[bytes], scorer: Scorer, *, first: int) -> list[dict[str, object]]:
    """Answer each line, in order; `first` is the number of the first line, for the answers with an `error`."""
    read = [_text_of(line) for line in lines]
    scores = iter(scorer.score([text for text in read if isinstance(text, str)]))
    return [
        _answer(next(scores), scorer.name)
        if isinstance(text, str)
        else _without_score(Unscored(BAD_LINE), scorer.name) | {"error": str(text), "line": number}
        for number, text in enumerate(read, first)
    ]


def _text_of(line: bytes) -> str | BadLine:
    if len(line) > LONGEST:
        return BadLine(f"longer than {LONGEST >> 20} MiB")
    try:
        value = json.loads(line.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        return BadLine(f"not UTF-8 at byte {error.start}")
    except json.JSONDecodeError as error:
        return BadLine(f"not JSON: {error.msg} at character {error.pos}")
    except (ValueError, RecursionError) as error:  # a number of too many digits, too many brackets
        return BadLine(f"not JSON that we read: {error}")
    if not isinstance(value, dict) or not isinstance(value.get("text"), str):
        return BadLine('not an object with a "text" that is a string')
    return str(value["text"])


def _answer(answer: Score | Unscored, model: str) -> dict[str, object]:
    if isinstance(answer, Unscored):
        return _without_score(answer, model)
    told: dict[str, object] = {
        "label": answer.label.value,
        "polarity": asdict(answer.polarity),
        "emotion": asdict(answer.emotion) if answer.emotion else _NO_EMOTION,
        "negative": answer.negative,
        "model": model,
    }
    told |= {"passage": answer.passage} if answer.passage else {}
    return told | ({"passed_on": True} if answer.passed_on else {})


def _without_score(answer: Unscored, model: str) -> dict[str, object]:
    label = label_of(answer)
    polarity, emotion = (_unknown([one.name for one in fields(kind)], label) for kind in (Polarity, Emotion))
    return {
        "label": label.value,
        "polarity": polarity,
        "emotion": emotion,
        "negative": polarity["negative"],
        "model": model,
        "unscored": answer.reason,
    }


def _unknown(names: Sequence[str], label: Label) -> dict[str, float]:
    """Make all equally likely, or neutral certain where the label says so."""
    if label is Label.NEUTRAL:
        return {name: float(name == Label.NEUTRAL) for name in names}
    return dict.fromkeys(names, 1 / len(names))
