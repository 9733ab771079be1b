"""A cluster whose answers are those of Kafka 0.10."""

import socketserver
import struct
from collections.abc import Iterator
from pathlib import Path
from threading import Thread

import pytest

from stream.config import StreamConfig
from stream.engines import apply_topics
from stream.errors import ConfigError
from stream.log.broker import RAW

METADATA, API_VERSIONS = 3, 18
NEWEST = {0: 2, 1: 2, 2: 0, METADATA: 1, 8: 2, 9: 1, **dict.fromkeys(range(10, 19), 0)}  # version of each request
UNSUPPORTED = 35


class OldBroker(socketserver.StreamRequestHandler):
    """Knows nothing but its versions and one topic."""

    def handle(self) -> None:
        while len(length := self.rfile.read(4)) == 4:
            request = self.rfile.read(struct.unpack(">i", length)[0])
            kind, version, number = struct.unpack(">hhi", request[:8])
            if kind not in (METADATA, API_VERSIONS):
                return
            answer = struct.pack(">i", number) + (_versions(version) if kind == API_VERSIONS else self._metadata())
            self.wfile.write(struct.pack(">i", len(answer)) + answer)

    def _metadata(self) -> bytes:
        host, port = self.server.server_address[:2]
        broker = struct.pack(">ii", 1, 0) + _text(str(host)) + struct.pack(">ihi", int(port), -1, 0)
        partition = struct.pack(">ihii", 1, 0, 0, 0) + struct.pack(">iiii", 1, 0, 1, 0)
        return broker + struct.pack(">ih", 1, 0) + _text(RAW) + b"\0" + partition


def _versions(asked: int) -> bytes:
    rows = b"".join(struct.pack(">hhh", kind, 0, newest) for kind, newest in NEWEST.items())
    return struct.pack(">hi", UNSUPPORTED if asked else 0, len(NEWEST)) + rows


def _text(words: str) -> bytes:
    return struct.pack(">h", len(words)) + words.encode()


@pytest.fixture
def config(tmp_path: Path) -> Iterator[StreamConfig]:
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), OldBroker) as server:
        server.daemon_threads = True
        thread = Thread(target=server.serve_forever)
        thread.start()
        yield StreamConfig(log=f"kafka://127.0.0.1:{server.server_address[1]}", var=tmp_path)
        server.shutdown()
        thread.join()


def test_a_stage_that_meets_a_cluster_too_old_stops_at_its_start_with_the_remedy(config: StreamConfig) -> None:
    with pytest.raises(ConfigError, match=r"stream\.yml: log: the cluster is too old: Kafka 3\.0 or newer is needed"):
        apply_topics(config)
