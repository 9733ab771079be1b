"""How texts are cut, put together for a forward pass, remembered and answered: over a forward pass made by hand."""

import logging
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from tokenizers import Tokenizer, models, pre_tokenizers, processors

from nlp.inference import batches as module
from nlp.inference.batches import (
    BATCH_TOKENS,
    FAILED,
    MEANT,
    PASS,
    ROWS,
    BatchedScorer,
    Forward,
    Logits,
    micro_batches,
    pooled,
    split,
)
from nlp.inference.manifest import Manifest
from nlp.inference.wide import Wide, ngrams_of
from nlp.scorer import EMOTIONS, Score, Unscored
from stream.messages import Label

LENGTHS = st.lists(st.integers(1, 600), max_size=300)
WORDS = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", *"停电了没人管气死我好开心今天食堂的菜难过怕惊,。!?[]泪"]
ANGRY, HAPPY = WORDS.index("气"), WORDS.index("好")
POSITIONS = 16
TEXTS = st.lists(
    st.one_of(
        st.text("停电了没人管气死我好开心今天食堂,。!?泪[]@/ ", max_size=120),
        st.text(st.characters(max_codepoint=sys.maxunicode), max_size=40),
        st.sampled_from(["", "😭😭", "\ud800", "\ud83d停电", "转发微博", "//@某人:停电", "气" * 500, "好。" * 90]),
    ),
    max_size=12,
)


@given(LENGTHS)
def test_every_text_is_in_one_batch_and_no_batch_is_too_large(lengths: list[int]) -> None:
    found = list(micro_batches(lengths))
    assert sorted(index for batch in found for index in batch) == list(range(len(lengths)))
    assert all(len(batch) * max(lengths[index] for index in batch) <= BATCH_TOKENS for batch in found)


@given(LENGTHS)
def test_batches_have_few_different_numbers_of_rows_and_texts_of_about_one_length(lengths: list[int]) -> None:
    found = list(micro_batches(lengths))
    assert {len(batch) for batch in found} <= set(ROWS)
    ends = [(min(lengths[index] for index in batch), max(lengths[index] for index in batch)) for batch in found]
    assert all(before[1] <= after[0] for before, after in pairwise(ends))


@given(st.lists(st.integers(1, 600), max_size=9))
def test_no_other_parting_of_the_sorted_texts_costs_less(lengths: list[int]) -> None:
    def cost(parts: Iterable[Sequence[int]]) -> int:
        return sum(len(part) * -(-max(part) // 8) * 8 + PASS for part in parts)

    def partings(left: list[int]) -> Iterator[list[list[int]]]:
        if not left:
            yield []
        for rows in ROWS if left else ():
            if rows == 1 or (rows <= len(left) and rows * -(-left[rows - 1] // 8) * 8 <= BATCH_TOKENS):
                yield from ([left[:rows], *rest] for rest in partings(left[rows:]))

    found = [[lengths[index] for index in batch] for batch in micro_batches(lengths)]
    assert cost(found) == min(map(cost, partings(sorted(lengths))))


def test_nine_texts_of_nine_lengths_are_not_padded_to_the_longest() -> None:
    lengths = [12, 16, 20, 26, 32, 44, 60, 90, 128]
    padded = sum(len(batch) * max(lengths[index] for index in batch) for batch in micro_batches(lengths))
    assert padded < 1.25 * sum(lengths)


def test_a_text_longer_than_a_batch_goes_alone() -> None:
    assert list(micro_batches([5 * BATCH_TOKENS, 1])) == [[1], [0]]
    assert list(micro_batches([])) == []


@given(st.text("停电。，!? a\n…", max_size=300), st.integers(1, 40))
def test_the_parts_of_a_text_are_the_text_and_none_is_too_long(text: str, most: int) -> None:
    parts = split(text, most)
    assert all(1 <= len(part) <= most for part in parts)
    assert "".join("".join(parts).split()) == "".join(text.split())


def test_a_text_is_cut_after_punctuation_where_there_is_some_in_its_second_half() -> None:
    assert split("停电三天了。没人管,气死", 8) == ["停电三天了。", "没人管,", "气死"]
    assert split("停。电三天了没人管", 6) == ["停。电三天了", "没人管"], "too early a stop would make small windows"
    assert split("停电停电停", 2) == ["停电", "停电", "停"]


def test_few_windows_are_pooled_to_their_mean_by_length() -> None:
    logits = np.array([[0.0, 2.0], [4.0, 0.0]], dtype=np.float32)
    assert pooled(logits, [3, 1], 1).tolist() == [1.0, 1.5]
    assert pooled(logits[:1], [7], 0).tolist() == [0.0, 2.0]


def test_the_more_windows_the_more_the_worst_counts_up_to_half() -> None:
    def of_one_angry(windows: int) -> float:
        logits = np.zeros((windows, 2), dtype=np.float32)
        logits[0, 0] = 8.0
        return float(pooled(logits, [1] * windows, 0)[0])

    assert of_one_angry(MEANT) == 2.0  # the mean
    assert of_one_angry(2 * MEANT) == 2.75  # three quarters of the mean 1.0 and a quarter of the worst
    assert 3.9 < of_one_angry(500 * MEANT) < 4.0


def tokenizer() -> Tokenizer:
    """One token a character."""
    found = Tokenizer(models.WordLevel({word: place for place, word in enumerate(WORDS)}, unk_token="[UNK]"))
    found.pre_tokenizer = pre_tokenizers.Split("", "isolated")
    found.post_processor = processors.TemplateProcessing("[CLS] $0 [SEP]", None, [("[CLS]", 2), ("[SEP]", 3)])
    return found


class CountingForward:
    """Anger by the share of 气 and joy by that of 好, over the unmasked tokens; remembers the shapes it was given."""

    def __init__(self) -> None:
        self.shapes: list[tuple[int, int]] = []

    def __call__(self, ids: NDArray[np.int64], mask: NDArray[np.int64]) -> Logits:
        self.shapes.append((ids.shape[0], ids.shape[1]))
        shares = [((ids == token) & (mask == 1)).sum(1) / mask.sum(1) for token in (HAPPY, ANGRY)]
        logits = np.zeros((len(ids), len(EMOTIONS)), np.float32)
        logits[:, EMOTIONS.index("happy")], logits[:, EMOTIONS.index("angry")] = 9 * shares[0], 9 * shares[1]
        return logits


def scorer(forward: Forward | None = None, wide: Wide | None = None, **changes: Any) -> BatchedScorer:
    known: dict[str, Any] = {
        "name": "made-up",
        "version": "1",
        "labels": EMOTIONS,
        "positions": POSITIONS,
        "temperature": 1.0,
        "threshold": 0.4,
        "files": {},
        "canaries": (),
    }
    return BatchedScorer(Manifest(**known | changes), tokenizer(), forward or CountingForward(), wide)


def negatives(answers: list[Score | Unscored]) -> list[float | str]:
    return [answer.negative if isinstance(answer, Score) else answer.reason for answer in answers]


@settings(deadline=None)
@given(TEXTS)
def test_texts_of_any_lengths_are_answered_together_as_one_by_one(texts: list[str]) -> None:
    alone = scorer()
    together = negatives(scorer().score(texts))
    apart = [negatives(alone.score([text]))[0] for text in texts]
    assert len(together) == len(texts)
    for one, other in zip(together, apart, strict=True):
        assert one == (pytest.approx(other, abs=1e-6) if isinstance(other, float) else other)


@settings(deadline=None)
@given(TEXTS, st.randoms())
def test_the_order_of_the_texts_changes_no_answer(texts: list[str], random: Any) -> None:
    order = list(range(len(texts)))
    random.shuffle(order)
    straight = negatives(scorer().score(texts))
    mixed = negatives(scorer().score([texts[place] for place in order]))
    for place, answer in zip(order, mixed, strict=True):
        assert straight[place] == (pytest.approx(answer, abs=1e-6) if isinstance(answer, float) else answer)


def test_padding_counts_for_nothing() -> None:
    forward = CountingForward()
    short, long = negatives(scorer(forward).score(["气死", "气死我了没人管"]))
    assert forward.shapes == [(2, 16)], "one batch, padded to a multiple of eight"
    assert isinstance(short, float)
    assert isinstance(long, float)
    assert short > long


def test_a_text_that_fits_is_read_whole_and_names_no_passage() -> None:
    [answer] = scorer().score(["停" * (POSITIONS - 2)])
    assert isinstance(answer, Score)
    assert answer.passage is None


def test_a_long_text_names_its_most_negative_window() -> None:
    [answer] = scorer().score(["今天食堂的菜好好好。" * 3 + "气死我了没人管!" + "今天食堂的菜好好好。" * 3])
    assert isinstance(answer, Score)
    assert "气死" in (answer.passage or "")
    assert len(answer.passage or "") <= POSITIONS - 2


def test_no_window_is_longer_than_the_model_reads_even_where_a_character_is_several_tokens() -> None:
    twice = tokenizer()
    twice.post_processor = processors.TemplateProcessing("[CLS] $0 $0 [SEP]", None, [("[CLS]", 2), ("[SEP]", 3)])
    forward = CountingForward()
    known = scorer(forward)
    known._tokenizer = twice
    [answer] = known.score(["停电了没人管" * 20])
    assert isinstance(answer, Score)
    assert max(length for _, length in forward.shapes) <= POSITIONS


def test_a_copy_is_scored_once_and_remembered() -> None:
    forward = CountingForward()
    known = scorer(forward)
    first = known.score(["停电了", "停电了", "停电了!!!!!!", "停电了!!!"])
    assert first[0] == first[1]
    assert first[2] == first[3], "what reads the same is the same"
    rows = sum(rows for rows, _ in forward.shapes)
    assert rows == 2
    assert known.score(["停电了"]) == first[:1]
    assert sum(rows for rows, _ in forward.shapes) == rows


def test_the_oldest_answers_are_forgotten_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "CACHED", 2)
    forward = CountingForward()
    known = scorer(forward)
    for text in ("停", "电", "停", "了", "停"):  # 停 was asked for again, so 电 goes
        known.score([text])
    assert len(forward.shapes) == 3
    known.score(["电"])
    assert len(forward.shapes) == 4


def failing(on: int) -> Callable[[NDArray[np.int64], NDArray[np.int64]], Logits]:
    """A forward pass that fails on every batch with a token."""
    sound = CountingForward()

    def forward(ids: NDArray[np.int64], mask: NDArray[np.int64]) -> Logits:
        if (ids == on).any():
            raise RuntimeError("out of memory")
        return sound(ids, mask)

    return forward


def test_a_text_on_which_the_model_fails_costs_its_neighbours_nothing(caplog: pytest.LogCaptureFixture) -> None:
    texts = ["停电了", "没人管", "气死我", "今天好"]
    with caplog.at_level(logging.WARNING):
        answers = negatives(scorer(failing(ANGRY)).score(texts))
    sound = negatives(scorer().score(texts))
    assert answers == [sound[0], sound[1], FAILED, sound[3]]
    assert "failed on 4 texts at once" in caplog.text
    assert "failed on 1 texts at once" in caplog.text


def test_a_failure_is_not_remembered() -> None:
    broken = [True]
    sound = CountingForward()

    def forward(ids: NDArray[np.int64], mask: NDArray[np.int64]) -> Logits:
        if broken:
            raise MemoryError
        return sound(ids, mask)

    known = scorer(forward)
    assert known.score(["停电了"]) == [Unscored(FAILED)]
    broken.clear()
    assert isinstance(known.score(["停电了"])[0], Score)


def test_a_long_text_with_a_window_that_fails_is_unscored_as_a_whole() -> None:
    assert scorer(failing(ANGRY)).score(["停电了没人管。" * 5 + "气死"]) == [Unscored(FAILED)]


def test_a_logit_that_is_no_number_is_no_score() -> None:
    assert scorer(lambda ids, _mask: np.full((len(ids), 6), np.nan, np.float32)).score(["停电了"]) == [Unscored(FAILED)]


def test_the_wide_parts_logits_are_added_to_the_forward_passs() -> None:
    keys = np.sort(np.array([ngrams_of(["停"])[1][0]], np.uint64))
    weights = np.zeros((1, 6), np.float32)
    weights[0, EMOTIONS.index("angry")] = 5.0
    wide = Wide(keys, np.ones(1, np.float32), weights, np.zeros(6, np.float32))
    plain, more = (negatives(each.score(["停电", "今天"])) for each in (scorer(), scorer(wide=wide)))
    assert more[0] > plain[0]  # type: ignore[operator]
    assert more[1] == pytest.approx(plain[1])


def test_markup_of_the_model_in_a_text_is_read_as_characters() -> None:
    seen: list[list[int]] = []

    def forward(ids: NDArray[np.int64], mask: NDArray[np.int64]) -> Logits:
        seen.extend(row[row > 0].tolist() for row in ids)
        return np.zeros((len(ids), 6), np.float32)

    scorer(forward).score(["停[SEP]电"])
    [ids] = seen
    assert ids.count(WORDS.index("[SEP]")) == 1, "the one that ends the text"


def test_every_score_names_the_model() -> None:
    known = scorer(name="other", version="7")
    [answer] = known.score(["停电"])
    assert isinstance(answer, Score)
    assert answer.model == known.name == "other@7"


def test_below_the_threshold_a_label_is_uncertain() -> None:
    [sure] = scorer(threshold=0.0).score(["气"])
    [unsure] = scorer(threshold=1.0).score(["气"])
    assert isinstance(sure, Score)
    assert isinstance(unsure, Score)
    assert (sure.label, unsure.label) == (Label.NEGATIVE, Label.UNCERTAIN)
