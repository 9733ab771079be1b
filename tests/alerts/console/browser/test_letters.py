"""What a program does that opens every link of a letter before the person does: nothing."""

import re
from collections.abc import Mapping
from contextlib import closing
from typing import Any

import pytest
from sqlalchemy import Engine, MetaData, select

from alerts.console.door import Premises
from stream.state.database import Base, reading
from tests.alerts.conftest import NOW
from tests.alerts.console.browser.asking import Asker
from tests.alerts.console.browser.conftest import Told

LOOKED = ("console_session", "console_viewing")  # that somebody looked is noted, and nothing else


def links(told: Told, base: str) -> list[str]:
    """Every address of ours in any letter that went out, in its words and in its HTML."""
    found: set[str] = set()
    for path in told.folder.glob("*.eml"):
        letter = told.read(path)
        for part in letter.walk():
            if part.get_content_type() == "text/html":
                found |= {*re.findall(r'(?:href|src)="([^"]+)"', part.get_content())}
            elif part.get_content_type() == "text/plain":
                found |= {*re.findall(r"https?://[^\s，。）」]+", part.get_content())}
    return sorted(link for link in found if link.startswith(base))


def everything(engine: Engine) -> Mapping[str, list[Any]]:
    """All rows of all tables but those that say who looked."""
    known: MetaData = Base.metadata
    with reading(engine) as session:
        return {
            name: sorted(map(repr, session.execute(select(table))))
            for name, table in known.tables.items()
            if name not in LOOKED
        }


@pytest.mark.parametrize("person", [None, "zhang_min"], ids=["a scanner", "a prefetch of who signed in"])
@pytest.mark.parametrize("method", ["HEAD", "GET"])
def test_a_letter_s_links_that_are_opened_change_nothing(
    served: Premises, told: Told, base: str, method: str, person: str | None
) -> None:
    asker, before = Asker(served, person, now=NOW), everything(served.context.engine)
    found = links(told, base)
    assert found
    with closing(asker.client):
        for link in found:
            answer = asker.client.request(method, link, follow_redirects=True)
            assert answer.status_code < 400, (link, answer.status_code)
    assert everything(served.context.engine) == before
