"""What the detector remembers of many series at once: one table, a column a series, named rows. No engine."""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]


class Memory:
    """A table of `sum(rows)` x S numbers. `memory[name]` is a view of the rows of that name: (n, S).

    A column is all there is to know of a series, whatever lies beside it: it can be kept and put back alone.
    """

    def __init__(self, rows: Mapping[str, int], start: Mapping[str, float], series: int) -> None:
        self._places: dict[str, slice] = {}
        for name, number in rows.items():
            self._places[name] = slice(at := self.rows, at + number)
        self._start = {name: start.get(name, 0.0) for name in rows}
        self.table = np.zeros((self.rows, series))
        self.forget(np.arange(series))

    @property
    def rows(self) -> int:
        return max((place.stop for place in self._places.values()), default=0)

    @property
    def series(self) -> int:
        return self.table.shape[1]

    def __getitem__(self, name: str) -> Floats:
        return self.table[self._places[name]]

    def together(self, *names: str) -> Floats:
        """Returns one view, (names, n, S), of rows that were named one after the other, n of each name."""
        rows = self.table[self._places[names[0]].start : self._places[names[-1]].stop]
        return rows.reshape(len(names), len(rows) // len(names), self.series)

    def forget(self, columns: Sequence[int] | NDArray[np.intp]) -> None:
        """Makes the columns those of series of which nothing is known."""
        for name, place in self._places.items():
            self.table[place, columns] = self._start[name]

    def grow(self, series: int) -> None:
        """Adds `series` columns of which nothing is known."""
        before = self.series
        self.table = np.concatenate([self.table, np.zeros((self.rows, series))], axis=1)
        self.forget(np.arange(before, before + series))
