"""What only documents say, asked in SQL."""

import sqlite3
from contextlib import closing

from stream.codec import SCORED
from stream.index.sqlite.rows import pack
from stream.index.sqlite.told import tell
from stream.messages import Counts
from tests.stream.scored import scored

ASKED = "SELECT told(?1, 'board'), told(?1, 'replies'), told(?1, 'views'), told(?1, 'negative')"


def test_a_document_tells_its_board_its_counters_and_its_probability() -> None:
    posts = [
        scored(1, board="水电", negative=0.25, counts=Counts(views=3, replies=2)),
        scored(2, board=None, negative=None, counts=Counts()),
    ]
    with closing(sqlite3.connect(":memory:")) as connection:
        tell(connection)
        told = [connection.execute(ASKED, (pack(SCORED.encode(post)),)).fetchone() for post in (*posts, posts[0])]
    assert told == [("水电", 2, 3, 0.25), (None, None, None, None), ("水电", 2, 3, 0.25)]
