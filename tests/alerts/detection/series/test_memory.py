"""The table of what is remembered: a column is all there is to know of a series."""

import numpy as np

from alerts.detection.series.memory import Memory


def made(series: int = 3) -> Memory:
    return Memory({"level": 1, "hours": 4}, {"hours": 2.0}, series)


def test_rows_have_names_and_start_as_they_are_told() -> None:
    memory = made()
    assert (memory.rows, memory.series) == (5, 3)
    assert memory["level"].tolist() == [[0.0, 0.0, 0.0]]
    assert memory["hours"].shape == (4, 3)
    assert np.all(memory["hours"] == 2.0)


def test_rows_of_a_name_are_a_view_of_the_table() -> None:
    memory = made()
    memory["hours"][1, 2] = 7.0
    assert memory.table[2, 2] == 7.0


def test_rows_of_several_names_are_one_view_of_the_table() -> None:
    memory = Memory({"level": 1, "seen": 2, "due": 2}, {"due": 1.0}, 3)
    both = memory.together("seen", "due")
    assert both.shape == (2, 2, 3)
    both[1, 0, 2] = 7.0
    assert memory.table[3, 2] == memory["due"][0, 2] == 7.0


def test_forgetting_a_column_leaves_its_neighbours() -> None:
    memory = made()
    memory.table[:] = 9.0
    memory.forget([1])
    assert memory.table[:, 1].tolist() == [0.0, 2.0, 2.0, 2.0, 2.0]
    assert np.all(memory.table[:, [0, 2]] == 9.0)


def test_growing_adds_columns_of_which_nothing_is_known_and_keeps_the_others() -> None:
    memory = made(1)
    memory.table[:] = 9.0
    memory.grow(2)
    assert memory.series == 3
    assert np.all(memory.table[:, 0] == 9.0)
    assert memory.table[:, 2].tolist() == [0.0, 2.0, 2.0, 2.0, 2.0]


def test_a_table_without_rows_or_columns_is_one_too() -> None:
    assert Memory({}, {}, 4).rows == 0
    assert made(0).table.shape == (5, 0)
    assert Memory({"seen": 2, "due": 2}, {}, 0).together("seen", "due").shape == (2, 2, 0)
