"""来源: whether every source is read, and what to do where one is not."""

from alerts.console import looks
from alerts.console.door import Answer, Door, Shown, Visit, attempt


def show(visit: Visit) -> Answer:
    """Lists the sources, what is blind on top."""
    view = attempt(lambda: looks.read_sources(visit.premises, visit.now), "来源状态")
    newest = looks.newest(visit.premises).read(visit.now)
    return Shown("sources.html", {"view": view, "newest": newest.value or {}})


DOORS = (Door(path="/sources", show=show),)
