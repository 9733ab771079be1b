"""Bodies whose header says how they are packed, and is wrong: read as browsers read them, as they are."""

import zlib
from typing import Any

from scrapy import Request
from scrapy.downloadermiddlewares.httpcompression import HttpCompressionMiddleware
from scrapy.http import Response

_BROKEN = (OSError, EOFError, zlib.error)


class LenientUnpacking(HttpCompressionMiddleware):
    """Scrapy's own unpacking, bounds included; a body that does not unpack comes as it was sent."""

    def process_response(self, request: Request, response: Response, *rest: Any) -> Request | Response:
        """Unpacks the body where it is packed as its header says."""
        try:
            return super().process_response(request, response, *rest)
        except _BROKEN:
            plain = response.copy()
            del plain.headers["Content-Encoding"]
            return plain
