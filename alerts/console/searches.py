"""Searches that people keep under a name, and the record of what was taken out of the house."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Engine, func, select

from alerts.console.accounts.access import Access, note_access
from alerts.console.tables import SavedSearchRow
from alerts.workflow.cases import Refused
from stream.state.database import reading, transaction

MOST = 50  # of a person
LONGEST_NAME = 40


@dataclass(frozen=True, slots=True)
class SavedSearch:
    """A search of a person; `asked` stands behind `?` in its address."""

    id: int
    name: str
    asked: str


def saved_searches(engine: Engine, person: str) -> list[SavedSearch]:
    """Lists a person's searches by name."""
    own = select(SavedSearchRow).where(SavedSearchRow.person == person).order_by(SavedSearchRow.name, SavedSearchRow.id)
    with reading(engine) as session:
        return [SavedSearch(row.id, row.name, row.asked) for row in session.scalars(own)]


def save_search(engine: Engine, person: str, name: str, asked: str, now: datetime) -> None:
    """Keeps a search; one of the same name is replaced. `Refused` without a name, or for one too many."""
    name = " ".join(name.split())
    if not name:
        raise Refused("请给这个检索起个名字，如：停电诉求")
    if len(name) > LONGEST_NAME:
        raise Refused(f"名字不超过 {LONGEST_NAME} 个字；现有 {len(name)} 个字")
    own = select(SavedSearchRow).where(SavedSearchRow.person == person)
    with transaction(engine) as session:
        row = session.scalars(own.where(SavedSearchRow.name == name)).first()
        if row is not None:
            row.asked, row.at = asked, now
            return
        if (session.scalar(select(func.count()).select_from(own.subquery())) or 0) >= MOST:
            raise Refused(f"每人最多保存 {MOST} 个检索：请先删除不用的")
        session.add(SavedSearchRow(person=person, name=name, asked=asked, at=now))


def forget_search(engine: Engine, person: str, number: int) -> str:
    """Removes a person's search and returns its name; `Refused` where it is not there, or somebody else's."""
    with transaction(engine) as session:
        row = session.get(SavedSearchRow, number)
        if row is None or row.person != person:
            raise Refused("没有这个保存的检索，可能已经删除")
        session.delete(row)
        return row.name


def note_export(engine: Engine, person: str, client: str, detail: Mapping[str, object], now: datetime) -> None:
    """Records what somebody takes out of the house, and why."""
    told = json.dumps(detail, ensure_ascii=False)
    with transaction(engine) as session:
        note_access(session, now, Access.EXPORT, person=person, client=client, detail=told)
