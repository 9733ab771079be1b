import io
import json
import tracemalloc
from collections.abc import Sequence

import pytest

from nlp.classify import LONGEST, classify, line_batches
from nlp.scorer import Score, Unscored
from stream.messages import Emotion, Label, Polarity


class HalfScorer:
    """Knows polarity and, for texts with 情, emotion; leaves the empty text and reposts unscored."""

    name = "half@1"

    def score(self, texts: Sequence[str], closely: Sequence[bool] | None = None) -> list[Score | Unscored]:
        return [self._one(text) for text in texts]

    def _one(self, text: str) -> Score | Unscored:
        if text in ("", "转发微博"):
            return Unscored("repost" if text else "empty")
        emotion = Emotion(happy=0, neutral=0.5, angry=0.5, sad=0, fear=0, surprise=0) if "情" in text else None
        polarity = Polarity(negative=0.5, neutral=0.5, positive=0)
        passed_on = text.startswith("//@")
        label = Label.UNCERTAIN
        return Score(emotion, polarity, negative=0.4, label=label, model=self.name, passed_on=passed_on)


def answers(*lines: bytes, first: int = 1) -> list[dict[str, object]]:
    return classify(lines, HalfScorer(), first=first)


def test_an_answer_has_label_probabilities_and_model() -> None:
    [answer] = answers('{"text": "情绪"}'.encode())
    assert json.loads(json.dumps(answer)) == {
        "label": "uncertain",
        "polarity": {"negative": 0.5, "neutral": 0.5, "positive": 0},
        "emotion": {"happy": 0, "neutral": 0.5, "angry": 0.5, "sad": 0, "fear": 0, "surprise": 0},
        "negative": 0.4,
        "model": "half@1",
    }


def numbers(answer: dict[str, object]) -> list[float]:
    polarity, emotion = answer["polarity"], answer["emotion"]
    assert isinstance(polarity, dict)
    assert isinstance(emotion, dict)
    assert (list(polarity), list(emotion)) == (
        ["negative", "neutral", "positive"], ["happy", "neutral", "angry", "sad", "fear", "surprise"],
    )  # fmt: skip
    return [*polarity.values(), *emotion.values(), answer["negative"]]


def test_a_text_without_a_score_has_numbers_that_know_nothing_and_says_why() -> None:
    [answer] = answers(b'{"text": ""}')
    assert (answer["label"], answer["unscored"], answer["model"]) == ("uncertain", "empty", "half@1")
    assert numbers(answer) == [1 / 3] * 3 + [1 / 6] * 6 + [1 / 3]


def test_a_repost_of_nothing_is_neutral_in_numbers_too() -> None:
    [answer] = answers('{"text": "转发微博"}'.encode())
    assert (answer["label"], answer["unscored"]) == ("neutral", "repost")
    assert numbers(answer) == [0, 1, 0, 0, 1, 0, 0, 0, 0, 0]


def test_what_a_bare_repost_passes_on_is_said_to_be_so() -> None:
    one, other = answers('{"text": "//@a:情"}'.encode(), '{"text": "情"}'.encode())
    assert one == other | {"passed_on": True}


@pytest.mark.parametrize("line", ["", "{", '{"text": 5}', '{"text": ""}', '{"text": "转发微博"}', '{"text": "情"}'])
def test_every_line_is_answered_with_numbers(line: str) -> None:
    [answer] = answers(line.encode())
    assert all(isinstance(one, float | int) and 0 <= one <= 1 for one in numbers(answer))
    assert ("error" in answer) == (answer.get("unscored") == "line")
    assert answer["model"] == "half@1"


def test_a_model_without_emotions_leaves_them_null() -> None:
    [answer] = answers(b'{"text": "x"}')
    assert set(answer["emotion"].values()) == {None}  # type: ignore[attr-defined]
    assert "unscored" not in answer


@pytest.mark.parametrize(
    ("line", "told"),
    [
        (b"", "not JSON"),
        (b"{", "not JSON"),
        (b"\xff", "not UTF-8"),
        (b"[]", "text"),
        (b'"text"', "text"),
        (b"{}", "text"),
        (b'{"text": 5}', "text"),
        (b'{"text": null}', "text"),
        (b"[" * 100_000, "not JSON"),
        (b"1" * 5_000, "not JSON"),
    ],
)
def test_a_bad_line_is_answered_in_its_place(line: bytes, told: str) -> None:
    one, bad, other = answers(b'{"text": "a"}', line, b'{"text": "b"}', first=7)
    assert bad["line"] == 8
    assert told in str(bad["error"])
    assert one["label"] == other["label"] == "uncertain"


@pytest.mark.parametrize("line", [b'\xef\xbb\xbf{"text": "a"}', b'{"text": "a"}\r', b'{"id": 1, "text": "\\ud800"}'])
def test_marks_line_ends_and_further_keys_do_no_harm(line: bytes) -> None:
    assert "error" not in answers(line)[0]


def test_lines_are_parted_by_line_feeds_alone() -> None:
    written = "甲\u2028乙\n丙\r\n\n丁".encode()
    batches = list(line_batches(io.BufferedReader(io.BytesIO(written))))
    assert [line.decode() for batch in batches for line in batch] == ["甲\u2028乙", "丙\r", "", "丁"]


def test_a_last_line_feed_begins_no_line() -> None:
    assert list(line_batches(io.BytesIO(b"a\nb\n"))) == [[b"a", b"b"]]
    assert list(line_batches(io.BytesIO(b""))) == []


def test_lines_longer_than_a_read_stay_whole() -> None:
    lines = [b"x" * 200_000, b"y", b"z" * 70_000]
    assert [line for batch in line_batches(io.BytesIO(b"\n".join(lines))) for line in batch] == lines


def test_a_stream_without_line_feeds_is_one_bad_line_and_takes_no_memory_beyond_a_line() -> None:
    class Endless(io.BytesIO):
        left = 3 * LONGEST

        def read1(self, size: int | None = -1) -> bytes:
            self.left -= size or 0
            return b"x" * (size or 0) if self.left > 0 else b""

    tracemalloc.start()
    [[line]] = line_batches(Endless())
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert len(line) == LONGEST + 1
    assert most < 3 * LONGEST
    [answer] = answers(line)
    assert answer["error"] == "longer than 16 MiB"
    assert all(0 <= one <= 1 for one in numbers(answer))


def test_a_line_after_one_that_is_too_long_is_read() -> None:
    stream = io.BytesIO(b"x" * (LONGEST + 5) + b'\n{"text": "a"}\n')
    lines = [line for batch in line_batches(stream) for line in batch]
    assert [len(lines[0]), lines[1]] == [LONGEST + 1, b'{"text": "a"}']


def test_empty_lines_without_end_are_answered_in_parts() -> None:
    assert max(map(len, line_batches(io.BytesIO(b"\n" * 100_000)))) <= 1_000
    assert sum(map(len, line_batches(io.BytesIO(b"\n" * 100_000)))) == 100_000
