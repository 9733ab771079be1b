"""What every scorer does around its forward pass: prepare, cut long texts, batch by length, remember."""

import logging
import re
from collections import OrderedDict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from hashlib import blake2b
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from tokenizers import Tokenizer

from nlp.inference.manifest import Manifest
from nlp.inference.prediction import predictions, probabilities
from nlp.inference.wide import Wide
from nlp.scorer import Score, Unscored
from nlp.text import Prepared, readable

BATCH_TOKENS = 1024  # padded, per forward pass: larger ones are no faster per token, and pad short posts to more
MEANT = 4  # windows, some 500 characters, of which each is heard in their mean
CACHED = 16_384  # texts whose answers are kept
FAILED = "failed"
PASS = 24  # tokens that a forward pass costs by itself, more or less: 6 to 12 measured where tokens are slow
_STEP = 8  # lengths are padded to a multiple: a runtime prepares anew for every shape it has not seen, and keeps it
ROWS = (128, 96, 64, 48, 32, 24, 16, 12, 8, 6, 4, 3, 2, 1)  # of a batch, for the same reason

Logits = NDArray[np.float32]
Forward = Callable[[NDArray[np.int64], NDArray[np.int64]], Logits]
"""Token ids and attention mask, both texts x tokens, to logits, texts x labels."""

_log = logging.getLogger(__name__)


class Window(NamedTuple):
    """A text or a part of it that the model reads at once, and its tokens."""

    text: str
    ids: list[int]


class BatchedScorer:
    """A Scorer over any forward pass. Verbatim copies are scored once; the latest texts are remembered.

    The logits of `wide`, where the model has such a part, are added to those of the forward pass.
    """

    def __init__(self, manifest: Manifest, tokenizer: Tokenizer, forward: Forward, wide: Wide | None = None) -> None:
        tokenizer.no_padding()
        tokenizer.no_truncation()
        tokenizer.encode_special_tokens = True  # [SEP] in a post is six characters
        self.name = manifest.full_name
        self._manifest, self._tokenizer, self._forward, self._wide = manifest, tokenizer, forward, wide
        self._cache: OrderedDict[bytes, Score | Unscored] = OrderedDict()

    def score(self, texts: Sequence[str], closely: Sequence[bool] | None = None) -> list[Score | Unscored]:
        """Score as nlp.scorer.Scorer says, all by the one model there is."""
        prepared = [readable(text) for text in texts]
        keys = [_key(one.text) for one in prepared]
        new = {key: one.text for key, one in zip(keys, prepared, strict=True) if one.text and key not in self._cache}
        answers = {key: self._cache[key] for key in keys if key in self._cache}
        answers |= dict(zip(new, self._score_new(list(new.values())), strict=True))
        self._remember(answers)
        return [_answer(one, answers, key) for one, key in zip(prepared, keys, strict=True)]

    def _score_new(self, texts: list[str]) -> list[Score | Unscored]:
        if not texts:
            return []
        windows = self._windows(texts)
        logits = self._run([window for many in windows for window in many])
        ends = np.cumsum([0, *map(len, windows)]).tolist()
        rows, passages = zip(
            *(self._pool(many, logits[start:end]) for many, start, end in zip(windows, ends, ends[1:], strict=False)),
            strict=True,
        )
        return self._answers(np.stack(rows), passages)

    def _windows(self, texts: list[str]) -> list[list[Window]]:
        """Cut each text into windows: one where the model can read the text at once."""
        room = self._manifest.positions
        return [[whole] if len(whole.ids) <= room else self._cut(whole.text, room - 2) for whole in self._encode(texts)]

    def _cut(self, text: str, most: int) -> list[Window]:
        """Cut into at most `most` characters each; fewer where a tokenizer makes several tokens of a character."""
        room = self._manifest.positions
        return [
            fit
            for window in self._encode(split(text, most))
            for fit in ([window] if len(window.ids) <= room or most == 1 else self._cut(window.text, most // 2))
        ]

    def _encode(self, texts: list[str]) -> list[Window]:
        encoded = self._tokenizer.encode_batch_fast(texts)
        return [Window(text, one.ids) for text, one in zip(texts, encoded, strict=True)]

    def _run(self, windows: list[Window]) -> Logits:
        """Return the windows' logits in their order; not a number where the forward pass failed on one by itself."""
        logits = np.full((len(windows), len(self._manifest.labels)), np.nan, dtype=np.float32)
        ids = [window.ids for window in windows]
        for chosen in micro_batches([len(one) for one in ids]):
            self._fill(logits, ids, chosen)
        return logits + self._wide.logits([window.text for window in windows]) if self._wide else logits

    def _fill(self, logits: Logits, ids: list[list[int]], chosen: list[int]) -> None:
        """Run some windows; where that fails, each half alone: memory may suffice for it, or the other half is bad."""
        try:
            logits[chosen] = self._forward(*_pad([ids[index] for index in chosen]))
        except (MemoryError, RuntimeError):
            _log.warning("the model failed on %d texts at once", len(chosen), exc_info=True)
            if len(chosen) > 1:
                middle = len(chosen) // 2
                self._fill(logits, ids, chosen[:middle])
                self._fill(logits, ids, chosen[middle:])

    def _pool(self, windows: list[Window], logits: Logits) -> tuple[Logits, str | None]:
        """Make one row of a text's windows; and where it was cut, name its most negative window."""
        if len(windows) == 1:
            return np.asarray(logits[0]), None
        if not np.isfinite(logits).all():
            return np.full_like(logits[0], np.nan), None
        worst = int(probabilities(logits, self._manifest)[1][:, 0].argmax())
        return pooled(logits, [len(window.ids) for window in windows], worst), windows[worst].text

    def _answers(self, rows: Logits, passages: Sequence[str | None]) -> list[Score | Unscored]:
        """Answer all at once: the arithmetic of a single text is mostly numpy's entering and leaving."""
        sound = np.asarray(np.isfinite(rows).all(axis=1))
        scores = iter(predictions(rows[sound], self._manifest))
        return [
            (replace(next(scores), passage=passage) if passage else next(scores)) if good else Unscored(FAILED)
            for good, passage in zip(sound, passages, strict=True)
        ]

    def _remember(self, answers: dict[bytes, Score | Unscored]) -> None:
        for key, answer in answers.items():
            if isinstance(answer, Score):
                self._cache[key] = answer
                self._cache.move_to_end(key)
        while len(self._cache) > CACHED:
            self._cache.popitem(last=False)


def _answer(prepared: Prepared, answers: dict[bytes, Score | Unscored], key: bytes) -> Score | Unscored:
    """Answer for a text what was found for its words, which others may have as their own."""
    if prepared.reason:
        return Unscored(prepared.reason.value)
    answer = answers[key]
    return replace(answer, passed_on=True) if prepared.passed_on and isinstance(answer, Score) else answer


def split(text: str, most: int) -> list[str]:
    """Cut a text into parts of at most `most` characters (and so tokens), after punctuation where there is some.

    >>> split("今天停电。明天也停电。怎么办", 7)
    ['今天停电。', '明天也停电。', '怎么办']
    """
    at_least = max(1, most // 2)
    pattern = re.compile(rf".{{{at_least},{most}}}(?<=[。!?;,~…\s])|.{{1,{most}}}", re.DOTALL)
    return [part.strip() or part for part in pattern.findall(text)]


def pooled(logits: Logits, lengths: Sequence[int], worst: int) -> Logits:
    """Make one row for a text of several windows: their mean (by length), and of a long one the most negative too.

    Among few windows each is heard in the mean. In a long report it would bury one angry passage, so the more windows
    there are beyond MEANT, the more the worst counts, up to half: alone it would make every long text angry.
    """
    share = max(0.0, 1.0 - MEANT / len(lengths)) / 2
    return np.asarray((1.0 - share) * np.average(logits, axis=0, weights=lengths) + share * logits[worst])


def micro_batches(lengths: Sequence[int]) -> Iterator[list[int]]:
    """Yield indices sorted by length, parted so that padding and passes together cost least.

    A batch has at most BATCH_TOKENS padded tokens and a number of rows in ROWS; a pass costs PASS tokens besides. Nine
    texts of nine lengths in one batch would be twice their tokens.

    >>> list(micro_batches([9, 3, 500, 4, 1200]))
    [[1, 3, 0], [2], [4]]
    """
    order = sorted(range(len(lengths)), key=lengths.__getitem__)
    least, last = [0], [0]  # by how many texts are taken, from the shortest: the cost, and the last batch's rows
    for end in range(1, len(order) + 1):
        longest = _rounded(lengths[order[end - 1]])
        cost, rows = min(
            (least[end - rows] + rows * longest + PASS, rows)
            for rows in ROWS
            if rows == 1 or (rows <= end and rows * longest <= BATCH_TOKENS)
        )
        least.append(cost)
        last.append(rows)
    parts, end = [], len(order)
    while end:
        parts.append(order[end - last[end] : end])
        end -= last[end]
    yield from reversed(parts)


def _pad(rows: list[list[int]]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    shape = (len(rows), _rounded(max(map(len, rows))))
    ids, mask = np.zeros(shape, dtype=np.int64), np.zeros(shape, dtype=np.int64)
    for number, row in enumerate(rows):
        ids[number, : len(row)] = row
        mask[number, : len(row)] = 1
    return ids, mask


def _rounded(length: int) -> int:
    return -(-length // _STEP) * _STEP


def _key(text: str) -> bytes:
    return blake2b(text.encode(), digest_size=16).digest()
