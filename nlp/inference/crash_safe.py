"""What a scoring process that was killed amid a batch (out of memory, say) leaves to the next one: smaller batches.

The batch's offsets were never committed, so it comes again. While texts are scored, a file of this process says how
many; a process that starts takes over the files of those that are no more. It scores at most half as many texts at once
as the dead one did, down to one; a text that was alone when its process died, twice, is not tried a third time.
"""

import json
import os
from collections import Counter
from collections.abc import Sequence
from hashlib import blake2b
from pathlib import Path
from typing import Any

from structlog import get_logger

from nlp.scorer import Score, Scorer, Unscored
from stream.process.holders import runs

KILLED = "killed"  # the reason why a text that kills is unscored
TRIES = 2
UNLIMITED = 1 << 20  # texts at once

log = get_logger(__name__)


class CrashSafeScorer:
    """A Scorer that remembers in `folder` what its predecessors died of, and grows back to whole batches."""

    def __init__(self, scorer: Scorer, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.name = scorer.name
        self._scorer = scorer
        self._file = folder / f"{os.getpid()}.json"
        self._most, self._deaths = _inherit(folder)

    def score(self, texts: Sequence[str], closely: Sequence[bool] | None = None) -> list[Score | Unscored]:
        """Score as nlp.scorer.Scorer says; `killed` is one more reason to be unscored."""
        answers: list[Score | Unscored] = []
        for start in range(0, len(texts), self._most):
            part = slice(start, start + self._most)
            answers += self._score_part(texts[part], None if closely is None else closely[part])
        self._most = min(UNLIMITED, self._most * 2)
        return answers

    def _score_part(self, texts: Sequence[str], closely: Sequence[bool] | None) -> list[Score | Unscored]:
        alone = _digest(texts[0]) if len(texts) == 1 else None
        if alone and self._deaths[alone] >= TRIES:
            log.error("text_never_scored", reason=KILLED, deaths=self._deaths[alone])
            return [Unscored(KILLED)]
        self._file.write_text(json.dumps({"texts": len(texts), "alone": alone, "deaths": self._deaths}), "utf-8")
        answers = self._scorer.score(texts, closely)
        self._file.unlink()
        return answers


def _inherit(folder: Path) -> tuple[int, Counter[str]]:
    """Take from the files of the dead how many texts at once, and how often a text was alone in a process's death."""
    most, deaths = UNLIMITED, Counter[str]()
    for file in sorted(folder.glob("*.json")):
        if file.stem != str(os.getpid()) and runs(int(file.stem)):
            continue
        left = _read(file)
        deaths |= Counter(left.get("deaths", {}))
        if left.get("alone"):
            deaths[left["alone"]] += 1
        most = min(most, max(1, int(left.get("texts", 1)) // 2))
        log.warning("a scoring process was killed amid a batch", texts=left.get("texts"), now_at_once=most)
        file.unlink()
    return most, deaths


def _read(file: Path) -> dict[str, Any]:
    try:
        left = json.loads(file.read_text("utf-8"))
    except ValueError:  # killed while it wrote
        return {}
    return left if isinstance(left, dict) else {}


def _digest(text: str) -> str:
    return blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()
