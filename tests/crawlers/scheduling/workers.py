"""What processes of a pool do in tests: they crawl nothing, and some are unwell."""

import os
import time
from multiprocessing.connection import Connection

from crawlers.scheduling.worker import CrawlEnd
from stream.config import StreamConfig


def answering(connection: Connection, _: StreamConfig) -> None:
    """Answers each job with its process; a job's name says what becomes of it."""
    while True:
        try:
            job = connection.recv()
        except EOFError:
            return
        if job.name == "dies":
            os._exit(7)
        if job.name == "hangs":
            time.sleep(600)
        connection.send(CrawlEnd(job.name, str(os.getpid()), last=job.name == "last"))
        if job.name == "last":
            return
