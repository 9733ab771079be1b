import pytest

from crawlers.pull.crawl import WALKS, Walk
from crawlers.pull.forum import ForumSpider
from tests.crawlers.pull.forums import ServedDiscuz, ServedForum, ServedKiosk
from tests.crawlers.site import Site


@pytest.fixture(params=[ServedDiscuz, ServedKiosk], ids=["discuz", "kiosk"])
def forum(request: pytest.FixtureRequest, site: Site, monkeypatch: pytest.MonkeyPatch) -> ServedForum:
    """Every test of the walk runs on both kinds of software."""
    made: ServedForum = request.param()
    site.answer = made
    walk = Walk(ForumSpider, "any", 1, {"software": made.software})
    monkeypatch.setitem(WALKS, "discuz", walk)
    return made
