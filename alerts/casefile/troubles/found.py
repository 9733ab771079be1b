"""What is kept with a case, whichever kind it is of: a spike's snapshot, or an incident's trouble."""

from dataclasses import dataclass

from pydantic import TypeAdapter

from alerts.casefile.snapshot import CaseSnapshot
from alerts.incidents.troubles import Trouble


@dataclass(frozen=True, slots=True)
class TroubleSnapshot:
    """An incident as it was told of. It shows no posts, and no counts."""

    trouble: Trouble
    posts: tuple[str, ...] = ()


Found = CaseSnapshot | TroubleSnapshot

_FOUND: TypeAdapter[Found] = TypeAdapter(Found)


def write_found(found: Found) -> str:
    """Writes it as it is kept with the case: a spike's as `to_json` does."""
    return _FOUND.dump_json(found).decode()


def read_found(kept: str) -> Found:
    """Reads it as it was found; ValueError for what is neither."""
    return _FOUND.validate_json(kept)
