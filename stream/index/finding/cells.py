"""Words from outside as cells of a sheet: shown and never run, whichever program opens it.

A spreadsheet runs what begins with = + - or @, also behind blanks and signs that nobody sees; some normalise full-width
signs first. An apostrophe before it makes it text. Sheets are saved as CSV again and again, so XLSX gets it too.
"""

from unicodedata import normalize

import regex

LONGEST = 32_767  # UTF-16 units in a cell of a spreadsheet
MOST_LINES = 254  # and as many lines

_LINE_ENDS = regex.compile(r"\r\n|[\r\v\f\x1c-\x1e\x85\u2028\u2029]")
_TURNS = r"\u202a-\u202e\u2066-\u2069\u200e\u200f\u061c"
_UNSHOWN = regex.compile(rf"(?V1)[[\p{{Cc}}\p{{Noncharacter_Code_Point}}{_TURNS}]--[\n]]")
_SURROGATE = regex.compile(r"[\ud800-\udfff]")
_LEAD = regex.compile(r"[\s\p{Z}\p{Default_Ignorable_Code_Point}\ufeff]*")
_RUN = "=+-@\u2212"
_NUMBER = regex.compile(r"0\d+(?:\.\d+)?|\d{12,}|\d+(?:\.\d+)?[eE][+-]?\d+")  # what a spreadsheet would write anew
_ESCAPE = regex.compile(r"_(?=x[0-9A-Fa-f]{4}_)")
_CUT = "…"


def safe_text(text: str) -> str:
    """Returns the text as a cell may hold it: no line of it begins as a formula, nothing is hidden, at most `LONGEST`.

    Control characters and those that turn the direction of writing are gone, tabs are blanks.
    """
    if text.isprintable() and text[:1].isalnum() and len(text) <= LONGEST // 2:
        return text  # as most cells are
    told = _LINE_ENDS.sub("\n", text).replace("\t", " ")
    told = _SURROGATE.sub("\ufffd", _UNSHOWN.sub("", told))
    lines = told.split("\n")
    lines = [*lines[: MOST_LINES - 1], " ".join(lines[MOST_LINES - 1 :])] if len(lines) > MOST_LINES else lines
    return _cut("\n".join(map(_as_text, lines)))


def unchanged(text: str) -> str:
    """Returns a cell of text for a CSV file, in which a spreadsheet takes long digits for a number: 1e5, 0012, ids."""
    return f"'{text}" if _NUMBER.fullmatch(text) else text


def in_xlsx(text: str) -> str:
    """Returns a cell of text for an XLSX file, in which `_x0041_` would be read as a character's number."""
    return _ESCAPE.sub("_x005F_", text)


def _as_text(line: str) -> str:
    rest = line[_LEAD.match(line).end() :]  # type: ignore[union-attr]  # it matches the empty text
    return f"'{line}" if rest and normalize("NFKC", rest[0])[:1] in _RUN else line


def _cut(text: str) -> str:
    if len(text) <= LONGEST // 2:
        return text
    units = text.encode("utf-16-le")
    if len(units) <= 2 * LONGEST:
        return text
    return units[: 2 * (LONGEST - len(_CUT))].decode("utf-16-le", "ignore") + _CUT
