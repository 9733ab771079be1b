from dataclasses import replace

import pytest

from crawlers.kinds import KINDS
from tests.crawlers.pull.served import ServedDiscuz, ServedForum, ServedKiosk
from tests.crawlers.site import Site


@pytest.fixture(params=[ServedDiscuz, ServedKiosk], ids=["discuz", "kiosk"])
def forum(request: pytest.FixtureRequest, site: Site, monkeypatch: pytest.MonkeyPatch) -> ServedForum:
    """Every test of the walk runs on both kinds of software."""
    made: ServedForum = request.param()
    site.answer = made
    kind = replace(KINDS["discuz"], given={"software": made.software})
    monkeypatch.setitem(KINDS, "discuz", kind)
    return made
