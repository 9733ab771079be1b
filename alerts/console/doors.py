"""Every page of the console."""

from alerts.console.door import Door, OpenDoor
from alerts.console.views import health, sample, sources, system, today, wall
from alerts.console.views.dealing import acts, case, casepapers, cases, out
from alerts.console.views.entry import link, me, signin, welcome
from alerts.console.views.posts import export, saved, screening, search

DOORS: tuple[Door | OpenDoor, ...] = (
    *today.DOORS,
    *case.DOORS,
    *acts.DOORS,
    *casepapers.DOORS,
    *cases.DOORS,
    *out.DOORS,
    *signin.DOORS,
    *screening.DOORS,
    *wall.DOORS,
    *sources.DOORS,
    *system.DOORS,
    *sample.DOORS,
    *health.DOORS,
    *search.DOORS,
    *saved.DOORS,
    *export.DOORS,
    *welcome.DOORS,
    *link.DOORS,
    *me.DOORS,
)
