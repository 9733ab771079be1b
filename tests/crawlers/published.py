"""What a crawler or an import left in the log."""

from stream.codec import POSTS
from stream.log.broker import Consumer
from stream.messages import Post


def published(consumer: Consumer) -> list[Post]:
    """The posts this consumer has not read yet."""
    found: list[Post] = []
    while records := consumer.poll(1000, 0):
        found += [POSTS.decode(record.value) for record in records]
    return found
