"""Bodies that are packed though nobody says so, or twice: known by their first bytes, unpacked within bounds."""

import zlib

from stream.errors import Rejected

_GZIP = b"\x1f\x8b\x08"
_LAYERS = 3
MOST = 8 * 1024 * 1024  # bytes, as of any page


def unpacked(body: bytes, most: int = MOST) -> bytes:
    """Unpacks what is gzip by its first bytes, again where that is gzip too; what was cut off as far as it goes.

    Raises `Rejected("too_large")` for more than `most` bytes, and `Rejected("broken_gzip")` for what does not unpack or
    is packed too often.
    """
    for _ in range(_LAYERS):
        if not body.startswith(_GZIP):
            return body
        body = _once(body, most)
    if body.startswith(_GZIP):
        raise Rejected("broken_gzip", f"packed more than {_LAYERS} times")
    return body


def _once(body: bytes, most: int) -> bytes:
    reader = zlib.decompressobj(zlib.MAX_WBITS | 16)
    try:
        plain = reader.decompress(body, most + 1)
    except zlib.error as error:
        raise Rejected("broken_gzip", str(error)) from error
    if len(plain) > most:
        raise Rejected("too_large", f"unpacks to more than {most} bytes")
    return plain
