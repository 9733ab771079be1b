"""JSON lines in, JSON lines out: what each text feels like. A bad line is answered in its place and stops nothing."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, fields
from typing import BinaryIO

from nlp.scorer import Score, Scorer, Unscored
from nlp.stage import label_of
from stream.messages import Emotion, Polarity

_READ = 1 << 16  # bytes at once: a pipe is scored in batches, a person or a coprocess is answered line by line
_NO_POLARITY = {field.name: None for field in fields(Polarity)}
_NO_EMOTION = {field.name: None for field in fields(Emotion)}


class BadLine(ValueError):
    """Raised when a line is not `{"text": …}`."""


def line_batches(stream: BinaryIO) -> Iterator[list[bytes]]:
    """Yield the stream's lines (parted by line feeds alone), as many together as have arrived."""
    rest = b""
    while chunk := stream.read1(_READ):  # type: ignore[attr-defined]  # every buffered stream has it
        *whole, rest = (rest + chunk).split(b"\n")
        if whole:
            yield whole
    if rest:
        yield [rest]


def classify(lines: Sequence[bytes], scorer: Scorer, *, first: int) -> list[dict[str, object]]:
    """Answer each line, in order; `first` is the number of the first line, for the answers with an `error`."""
    read = [_text_of(line) for line in lines]
    scores = iter(scorer.score([text for text in read if isinstance(text, str)]))
    return [
        _answer(next(scores), scorer.name) if isinstance(text, str) else {"error": str(text), "line": number}
        for number, text in enumerate(read, first)
    ]


def _text_of(line: bytes) -> str | BadLine:
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
    score = answer if isinstance(answer, Score) else None
    told: dict[str, object] = {
        "label": label_of(answer).value,
        "polarity": asdict(score.polarity) if score else _NO_POLARITY,
        "emotion": asdict(score.emotion) if score and score.emotion else _NO_EMOTION,
        "negative": score.negative if score else None,
        "model": model,
    }
    if score and score.passage:
        told["passage"] = score.passage
    return told | {"unscored": answer.reason} if isinstance(answer, Unscored) else told
