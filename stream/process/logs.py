"""Structured logs on standard error: words and fields for a person at a terminal, one JSON object a line elsewhere.

`make run` reads what its processes write, and is itself at a terminal: it says so by WENFENG_LOGS=words.
"""

import logging
import sys
from collections.abc import Mapping
from datetime import datetime
from os import environ
from typing import TextIO

import structlog

from stream.process.clock import SHANGHAI

FORM, WORDS = "WENFENG_LOGS", "words"
TALKATIVE = ("kafka", "scrapy", "apscheduler", "alembic")  # tell each connection, part, job and look at a table


def configure(
    stage: str, *, stream: TextIO = sys.stderr, level: int = logging.INFO, environ: Mapping[str, str] = environ
) -> None:
    """Sets up logging for this process, libraries included; every line carries the stage's name.

    A traceback shows no variables: passwords are among them.

    JSON escapes line breaks and control characters, so that text from outside cannot forge a line.
    """
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.PositionalArgumentsFormatter(),
        structlog.stdlib.ExtraAdder(),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.StackInfoRenderer(),
    ]
    last: list[structlog.typing.Processor] = (
        [_in_beijing, structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)]
        if stream.isatty() or environ.get(FORM) == WORDS
        else [structlog.processors.format_exc_info, structlog.processors.JSONRenderer(ensure_ascii=False)]
    )
    formatter = structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=shared,
        processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *last],
    )
    handler = logging.StreamHandler(stream)
    handler.setFormatter(formatter)
    logging.basicConfig(handlers=[handler], level=level, force=True)
    for name in TALKATIVE:
        logging.getLogger(name).setLevel(max(level, logging.WARNING))
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )
    structlog.contextvars.clear_contextvars()
    structlog.contextvars.bind_contextvars(stage=stage)


def _in_beijing(_logger: object, _method: str, event: structlog.typing.EventDict) -> structlog.typing.EventDict:
    """Writes the time of day as the person at the terminal has it."""
    moment = datetime.fromisoformat(event["timestamp"]).astimezone(SHANGHAI)
    return {**event, "timestamp": moment.strftime("%H:%M:%S")}
