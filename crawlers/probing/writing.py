"""Writes a source into crawlers.yml as a person would: below `sources:`, everything else left as it is."""

import os
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from shutil import copymode
from textwrap import indent

from stream.errors import Rejected
from stream.process.failpoints import failpoint

_SOURCES = re.compile(
    r"^sources:(?P<value>(?:[^\S\n]*(?:\{[^\S\n]*\}|~|null))?)(?P<rest>[^\S\n]*(?:#[^\n]*)?)$", re.MULTILINE
)
_FIRST = re.compile(r"\n(?:[^\S\n]*(?:#[^\n]*)?\n)*(?P<indent>[ ]+)[^\s#]")


def with_source(text: str, entry: str) -> str:
    """Puts an entry first below `sources:`, indented as others are. Raises `Rejected` where there is no such place."""
    found = list(_SOURCES.finditer(text))
    if not found and not re.search(r"^sources:", text, re.MULTILINE):
        return (
            f"{text.rstrip()}\n\nsources:\n{indent(entry, '  ')}"
            if text.strip()
            else f"sources:\n{indent(entry, '  ')}"
        )
    if len(found) != 1:
        raise Rejected("not_written", "write `sources:` on a line of its own, each source below it, and try again")
    place = found[0]
    behind = text[place.end() :]
    first = _FIRST.match(behind) if place["value"].strip() == "" else None
    lead = first["indent"] if first else "  "
    comment = "" if place["value"] and "{}" in place["rest"] else place["rest"].rstrip()  # it is about the {} that goes
    return f"{text[: place.start()]}sources:{comment}\n{indent(entry, lead)}{behind.removeprefix(chr(10))}"


@contextmanager
def candidate(file: Path, entry: str) -> Iterator[Path]:
    """Lends the file as it would be, beside it and with its rights; gone at the end. A link is followed."""
    target = file.resolve()
    new = target.with_name(f"{target.name}.new")
    try:
        new.write_text(with_source(target.read_text("utf-8"), entry), "utf-8")
        copymode(target, new)
        yield new
    finally:
        new.unlink(missing_ok=True)


def add_source(file: Path, entry: str, check: Callable[[Path], object]) -> None:
    """Replaces the file, at once, by one that has the entry, unless `check` of that one raises what is wrong."""
    with candidate(file, entry) as new:
        check(new)
        with new.open("rb+") as written:
            os.fsync(written.fileno())
        failpoint("source.written")
        new.replace(file.resolve())
