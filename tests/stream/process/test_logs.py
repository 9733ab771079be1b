import io
import json
import logging
import re
from collections.abc import Iterator
from datetime import datetime

import pytest
import structlog

from stream.process.clock import SHANGHAI
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


@pytest.mark.parametrize("library", ["kafka.conn", "scrapy.middleware", "apscheduler.executors", "alembic.runtime"])
def test_what_libraries_do_all_day_is_left_out_and_what_troubles_them_is_not(lines: io.StringIO, library: str) -> None:
    logging.getLogger(library).info("Enabled extensions: []")
    assert lines.getvalue() == ""
    logging.getLogger(library).warning("broken")
    assert json.loads(lines.getvalue())["event"] == "broken"


def told_in_words(event: str, **fields: object) -> str:
    written = io.StringIO()
    configure("index", stream=written, environ={"WENFENG_LOGS": "words"})
    structlog.get_logger("stream").info(event, **fields)
    return re.sub(r"\x1b\[[\d;]*m", "", written.getvalue())


@pytest.mark.usefixtures("lines")
def test_a_person_at_a_terminal_reads_words_and_the_time_of_day_there() -> None:
    before = datetime.now(SHANGHAI)
    told = told_in_words("crawling", source="bbs", pages=8)
    assert re.match(r"\d\d:\d\d:\d\d \[info +\] crawling +\[stream\] pages=8 source=bbs stage=index\n$", told)
    assert told[:5] in {f"{before:%H:%M}", f"{datetime.now(SHANGHAI):%H:%M}"}


@pytest.mark.usefixtures("lines")
def test_in_words_too_text_from_outside_cannot_forge_a_line() -> None:
    assert told_in_words("read", text="x\n12:00:00 [info] forged").count("\n") == 1


@pytest.mark.usefixtures("lines")
@pytest.mark.parametrize("form", ["words", "json"])
def test_a_traceback_shows_no_variable_of_the_program(form: str) -> None:
    written = io.StringIO()
    configure("alerts", stream=written, environ={"WENFENG_LOGS": form})
    try:
        _log_in(password="".join(["ge", "heim"]))
    except ValueError:
        structlog.get_logger().exception("failed")
    assert "refused" in written.getvalue()
    assert "geheim" not in written.getvalue()


def _log_in(password: str) -> None:
    raise ValueError("refused" if password else "empty")
