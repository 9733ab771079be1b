"""What the log refuses for good, as too large, goes into the quarantine with the reason; the rest passes."""

from collections.abc import Sequence

from stream.errors import Rejected
from stream.log.broker import Message, Partition, Producer, Record
from stream.log.quarantine import Quarantine
from stream.process.clock import Clock

STAGE = "crawlers"
NOWHERE = -1  # partition and offset of what never lay in the log


def publish_or_quarantine(producer: Producer, clock: Clock, messages: Sequence[Message]) -> int:
    """Returns when each message is durable in its topic or in the quarantine; how many are in the latter.

    Raises `Retryable` as `publish` does. Refused posts are of this program's making or of a cluster's limits, so that a
    person has to look: `python -m stream quarantine replay` sends them again.
    """
    try:
        producer.publish(messages)
    except Rejected as error:
        if len(messages) == 1:
            Quarantine(producer, clock, STAGE).put([(_unsent(messages[0], clock), error)])
            return 1
    else:
        return 0
    half = len(messages) // 2  # the order within a key stays
    return sum(publish_or_quarantine(producer, clock, part) for part in (messages[:half], messages[half:]))


def _unsent(message: Message, clock: Clock) -> Record:
    place = Partition(message.topic, NOWHERE)
    return Record(place, NOWHERE, message.key, message.value, message.headers, clock.now())
