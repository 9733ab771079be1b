"""What goes to a person: a notice that asks for something, or a bulletin that does not; and how either is kept."""

import json

from pydantic import TypeAdapter

from alerts.notify.contents.bulletin import Bulletin
from alerts.notify.contents.notice import VERSION, Notice, UnreadableNotice, read_notice, write_notice

Letter = Notice | Bulletin

_BULLETIN: TypeAdapter[Bulletin] = TypeAdapter(Bulletin)
_KIND = "bulletin"


def write_letter(letter: Letter) -> str:
    """Writes the letter as it is kept: JSON with its version. Half a surrogate pair becomes a question mark."""
    if isinstance(letter, Notice):
        return write_notice(letter)
    kept = {"version": VERSION, "kind": _KIND, **_BULLETIN.dump_python(letter, mode="json")}
    return json.dumps(kept, ensure_ascii=False).encode("utf-8", "replace").decode()


def read_letter(kept: str) -> Letter:
    """Reads the letter as it was written; raises `UnreadableNotice`."""
    try:
        told = json.loads(kept)
        is_bulletin = told.get("kind") == _KIND
    except (ValueError, AttributeError) as error:
        raise UnreadableNotice(" ".join(str(error).split())[:200]) from error
    if not is_bulletin:
        return read_notice(kept)
    if told.pop("version", None) != VERSION:
        raise UnreadableNotice(f"a bulletin of another version, this program knows {VERSION}")
    told.pop("kind")
    try:
        return _BULLETIN.validate_python(told)
    except ValueError as error:
        raise UnreadableNotice(" ".join(str(error).split())[:200]) from error
