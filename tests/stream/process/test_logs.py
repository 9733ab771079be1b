import io
import json
import logging
from collections.abc import Iterator

import pytest
import structlog

from stream.process.logs import configure


@pytest.fixture
def lines() -> Iterator[io.StringIO]:
    written = io.StringIO()
    before = logging.getLogger().handlers[:], logging.getLogger().level
    configure("index", stream=written)
    yield written
    structlog.reset_defaults()
    structlog.contextvars.clear_contextvars()
    logging.getLogger().handlers[:], level = before
    logging.getLogger().setLevel(level)


def test_a_line_is_one_json_object_that_names_its_stage(lines: io.StringIO) -> None:
    structlog.get_logger("stream").info("indexed", posts=3)
    told = json.loads(lines.getvalue())
    assert (told["event"], told["posts"], told["stage"], told["level"]) == ("indexed", 3, "index", "info")


def test_libraries_write_the_same_form(lines: io.StringIO) -> None:
    logging.getLogger("scrapy.core").warning("slow %s", "site", extra={"spider": "bbs"})
    told = json.loads(lines.getvalue())
    assert (told["event"], told["spider"], told["stage"]) == ("slow site", "bbs", "index")


def test_text_from_outside_cannot_forge_a_line(lines: io.StringIO) -> None:
    structlog.get_logger().info("read", text='x\n{"event": "forged"}\x1b[31m\u2028')
    assert len(lines.getvalue().splitlines()) == 1 or "forged" not in lines.getvalue().split("\u2028")[-1]
    assert lines.getvalue().count("\n") == 1


def test_a_failure_keeps_its_traceback(lines: io.StringIO) -> None:
    try:
        raise OSError("no space left")
    except OSError:
        structlog.get_logger().exception("stopped")
    assert "no space left" in json.loads(lines.getvalue())["exception"]


@pytest.mark.parametrize("library", ["kafka.conn", "alembic.runtime.migration"])
def test_what_libraries_say_of_each_opening_is_not_for_the_operator(lines: io.StringIO, library: str) -> None:
    logging.getLogger(library).info("Context impl SQLiteImpl.")
    assert lines.getvalue() == ""
    logging.getLogger(library).warning("something is wrong")
    assert json.loads(lines.getvalue())["event"] == "something is wrong"
