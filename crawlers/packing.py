"""Posts as the crawlers keep them: the record that the log took, compressed."""

import zlib

from stream.codec import POSTS
from stream.messages import Post

_QUICKEST = 1  # a post has a kilobyte: higher levels save one byte in a hundred, and take a third longer
_MOST = 500  # posts


def pack(record: bytes) -> bytes:
    """Compresses a record."""
    return zlib.compress(record, _QUICKEST)


class Unpacking:
    """Reads records back, and remembers the last few hundred: a thread's are asked for again at its end."""

    def __init__(self) -> None:
        self._posts: dict[bytes, Post] = {}

    def note(self, packed: bytes, post: Post) -> None:
        """Remembers what a record says, for as long as there is room."""
        if len(self._posts) >= _MOST:
            self._posts.clear()
        self._posts[packed] = post

    def __call__(self, packed: bytes | None) -> Post | None:
        """Reads a record; None where there is none."""
        if not packed:
            return None
        post = self._posts.get(packed)
        if post is None:
            post = POSTS.decode(zlib.decompress(packed))
            self.note(packed, post)
        return post
