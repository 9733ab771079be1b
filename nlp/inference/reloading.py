"""A scorer that takes another model in its place while it serves, and keeps the one it has where that is refused."""

from collections.abc import Callable, Sequence

from structlog import get_logger

from nlp.scorer import Score, Scorer, Unscored
from stream.errors import ConfigError

log = get_logger(__name__)


class ReloadingScorer:
    """Serves with what `opens` opened last; `opens` raises ConfigError for what cannot be used.

    A model is changed between batches only, so that every score of a batch names the same one.
    """

    def __init__(self, opens: Callable[[], Scorer]) -> None:
        self._opens = opens
        self._scorer = opens()
        self.name = self._scorer.name
        self._requested = False

    def request_reload(self) -> None:
        """Open the model anew before the next batch. May be called by a signal."""
        self._requested = True

    def score(self, texts: Sequence[str], closely: Sequence[bool] | None = None) -> list[Score | Unscored]:
        """Score as nlp.scorer.Scorer says."""
        if self._requested:
            self._requested = False
            self._reload()
        return self._scorer.score(texts, closely)

    def _reload(self) -> None:
        try:
            self._scorer = self._opens()
        except ConfigError as error:
            log.error("model_refused", still=self.name, reason=str(error))
        else:
            self.name = self._scorer.name
            log.info("model_taken", model=self.name)
