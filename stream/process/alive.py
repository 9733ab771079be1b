"""A file per stage whose age tells a health check when the stage last got on. Costs one touch a minute."""

from pathlib import Path


class Alive:
    """Touches `var/alive/<stage>` when called: to be called where a round of work ended, never by a timer beside it.

    A stage that waits for an engine, hangs, or is gone lets the file grow old. An idle one, whose engines answer that
    there is nothing to do, keeps it young. `find var/alive -name index -mmin -3 | grep -q .` is the whole check.
    """

    def __init__(self, var: Path, stage: str) -> None:
        self._file = var / "alive" / stage

    def __call__(self) -> None:
        self._file.parent.mkdir(parents=True, exist_ok=True)
        self._file.touch()
