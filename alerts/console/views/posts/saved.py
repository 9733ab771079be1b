"""Searches that a person keeps under a name."""

from alerts.console.door import Answer, Door, Moved, Visit
from alerts.console.searches import forget_search, save_search
from alerts.console.views.posts.search import search_page
from alerts.desk.finding.asked import BadSearch, read_address, to_query
from alerts.desk.finding.scope import read_scope
from alerts.workflow.cases import Refused


def save(visit: Visit) -> Answer:
    """Keeps the search that the form carries."""
    name = visit.field("name")
    try:
        form = read_address(visit.field("asked"))
        to_query(form, read_scope(visit.context), visit.now)
    except BadSearch as error:
        raise Refused(str(error)) from None
    try:
        save_search(visit.context.engine, visit.key, name, form.address(), visit.now)
    except Refused as refused:
        return search_page(visit, form, mistakes={"name": refused.detail}, typed={"name": name})
    return Moved(f"/search?{form.address()}", f"已保存检索「{' '.join(name.split())}」")


def forget(visit: Visit) -> Answer:
    """Removes one of the person's searches."""
    name = forget_search(visit.context.engine, visit.key, visit.number)
    return Moved("/search", f"已删除检索「{name}」")


DOORS = (Door(path="/search/save", act=save), Door(path="/search/saved/{number}/forget", act=forget))
