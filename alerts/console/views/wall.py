"""大屏: the day's page for a wall, in large type and without acts; it refreshes itself."""

from alerts.console.door import Answer, Door, Shown, Visit
from alerts.console.views.today import facts


def show(visit: Visit) -> Answer:
    """Shows everybody's cases and the topics."""
    return Shown("wall.html", facts(visit))


def rows(visit: Visit) -> Answer:
    """Shows the same without the page round it, for its refresh."""
    return Shown("wall_rows.html", facts(visit))


DOORS = (Door(path="/wall", show=show), Door(path="/wall/rows", show=rows))
