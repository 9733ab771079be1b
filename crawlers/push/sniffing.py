"""Which form a file is in, by its first bytes: what is called .xls is a web page or a text as often as a workbook."""

import re
from codecs import BOM_UTF8
from enum import Enum
from pathlib import Path

from crawlers.push.rows import sayable
from stream.errors import Rejected

_HEAD = 4096  # bytes
_ARCHIVE, _COMPOUND = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"
_PAGE = re.compile(
    rb"\s*(?:\xef\xbb\xbf)?\s*(?:<!--.*?-->\s*)*"
    rb"<(?:\?xml|!doctype html|html|head|meta|title|style|link|script|body|center|form|table|div)\b",
    re.I | re.S,
)
_NOTHING = re.compile(rb"(?:\xef\xbb\xbf)?\s*(?:\[\s*\]\s*)?")
_LIST_OF_OBJECTS = re.compile(rb"\[\s*\{")
_SHEET_OF_2003 = re.compile(rb"<\?mso-application\b|urn:schemas-microsoft-com:office:spreadsheet", re.I)
_OPEN_DOCUMENT = b"opendocument.spreadsheet"
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
_TEXTS, _LINES, _DOCUMENTS = (".csv", ".tsv", ".txt"), (".jsonl", ".ndjson"), (".json",)
_WORKBOOKS, _OLD, _PAGES = (".xlsx", ".xlsm"), (".xls",), (".html", ".htm")
#: What is named, not read, and by which name it is known.
_NAMED = {
    ".ods": "an OpenDocument sheet", ".et": "a sheet of WPS", ".numbers": "a sheet of Numbers",
    ".xlsb": "a binary workbook of Excel",
}  # fmt: skip
_SAVE = "open it and save it as XLSX"
KNOWN = _TEXTS + _LINES + _DOCUMENTS + _WORKBOOKS + _OLD + _PAGES


class Form(Enum):
    """How a file holds its rows."""

    DELIMITED = "delimited"
    LINES = "lines"  # of JSON
    DOCUMENT = "document"  # of JSON: one list
    WORKBOOK = "workbook"
    PAGE = "page"  # of HTML, with a table
    NOTHING = "nothing"  # a text without a word: a day on which nobody wrote


def form_of(path: Path) -> Form:
    """Finds a file's form. Raises `Rejected("unknown_format")` for what no program of ours reads, saying what it is."""
    suffix = path.suffix.lower()
    if suffix in _NAMED:
        raise _refused(path, f"{_NAMED[suffix]}: {_SAVE}")
    if suffix not in KNOWN:
        raise _refused(path, f"give one of {', '.join(sorted(KNOWN))} (save other formats as XLSX or CSV)")
    with path.open("rb") as file:
        head = file.read(_HEAD)
        if head.startswith(_COMPOUND):
            locked = _ENCRYPTED in head + file.read()
            raise _refused(
                path,
                "locked by a password: save it without one" if locked
                else f"a workbook of Excel before 2007: {_SAVE}",
            )  # fmt: skip
    if head.startswith(_ARCHIVE):
        if _OPEN_DOCUMENT in head:
            raise _refused(path, f"{_NAMED['.ods']}: {_SAVE}")
        return Form.WORKBOOK
    if _SHEET_OF_2003.search(head):
        raise _refused(path, f"an XML spreadsheet of 2003: {_SAVE}")
    if _PAGE.match(head):
        return Form.PAGE
    if suffix in _WORKBOOKS:
        return Form.WORKBOOK  # it says what is wrong
    if len(head) < _HEAD and _NOTHING.fullmatch(head):
        return Form.NOTHING
    if suffix in _LINES + _DOCUMENTS:
        return Form.DOCUMENT if _is_one_document(path, lines=suffix in _LINES) else Form.LINES
    return Form.DELIMITED


def _is_one_document(path: Path, *, lines: bool) -> bool:
    """Tells a list, or an object that goes on beyond its first line, from objects of a line each.

    One object alone in a line is a document where it holds a list of objects, unless the file is said to be of `lines`.
    """
    with path.open("rb") as file:
        told = filter(None, (raw.removeprefix(BOM_UTF8).strip() for raw in file))
        first, goes_on = next(told, b""), next(told, None) is not None
    if not first.startswith(b"{"):
        return first.startswith(b"[")
    if goes_on:
        return not first.endswith(b"}")
    return not lines and _LIST_OF_OBJECTS.search(first) is not None


def _refused(path: Path, words: str) -> Rejected:
    return Rejected("unknown_format", f"{sayable(path.name)}: {words}")
