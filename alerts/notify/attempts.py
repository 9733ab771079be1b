"""One attempt by a channel: whatever it raises is answered by waiting or by the next channel, never by a crash."""

from structlog import get_logger

from alerts.notify.channel import Channel, Undeliverable, Unreachable

LONGEST = 500  # characters of the far side's words

log = get_logger()


def try_once(channel: Channel, recipient: str, content: bytes, message_id: str) -> str:
    """Sends, and returns the far side's words; raises `Unreachable` or `Undeliverable` and nothing else.

    What a channel did not classify is a fault of ours or of a library. It is logged, and waited with: the next channel
    is due meanwhile, and whoever looks at the letters reads why.
    """
    try:
        return channel.send(recipient, content, message_id)
    except (Undeliverable, Unreachable):
        raise
    except MemoryError:  # of this process, not of the letter
        raise
    except Exception as error:
        log.exception("channel_failed", channel=channel.name, message_id=message_id)
        raise Unreachable(f"{type(error).__name__}: {error}"[:LONGEST]) from error
