"""检索: what was asked by names that people know, what was understood, what was found or which part found nothing."""

from collections import defaultdict
from collections.abc import Callable, Mapping

from alerts.console.door import Answer, Door, Fetched, Shown, Visit, address, attempt
from alerts.console.searches import saved_searches
from alerts.desk.finding.asked import KINDS, SPANS, BadSearch, SearchForm, chips, read_form, to_query
from alerts.desk.finding.hits import SearchAnswer, find
from alerts.desk.finding.scope import SearchScope, read_scope
from stream.errors import Rejected
from stream.index.finding.words import ACT_NAMES, LABEL_NAMES, ORDER_NAMES
from stream.index.port import Order


def show(visit: Visit) -> Answer:
    """Answers the search that the address asks for; nothing is asked by an address without one."""
    form = read_form(visit.query.getlist)
    return search_page(visit, form, asked=bool(visit.query), after=visit.asked("after") or None)


def search_page(
    visit: Visit,
    form: SearchForm,
    *,
    asked: bool = True,
    after: str | None = None,
    mistakes: Mapping[str, str] | None = None,
    typed: Mapping[str, str] | None = None,
) -> Answer:
    """Builds the page: the form as typed, and its answer. With `mistakes` of a form on it, what was typed is kept."""
    scope, wrong = read_scope(visit.context), dict(mistakes or {})
    found: Fetched[SearchAnswer] | None = None
    if asked:
        try:
            found = attempt(_answer(visit, form, scope, after), "检索结果")
        except BadSearch as error:
            wrong |= error.mistakes
        except Rejected as error:
            wrong["q"] = error.detail
    marked = address("/search", **_named(form), after=found.value.after) if found and found.value else ""
    facts = {
        "form": form, "scope": scope, "found": found, "after": after, "next": marked, "asked": form.address(),
        "wrong": defaultdict(str, wrong), "typed": defaultdict(str, typed or {}),
        "chips": list(chips(form, scope)) if asked else [], "kinds": KINDS, "spans": SPANS,
        "labels": LABEL_NAMES, "acts": ACT_NAMES, "orders": ORDER_NAMES,
        "saved": attempt(lambda: saved_searches(visit.context.engine, visit.key), "保存的检索"),
    }  # fmt: skip
    return Shown("search.html", facts, 409 if wrong else 200)


def _answer(visit: Visit, form: SearchForm, scope: SearchScope, after: str | None) -> Callable[[], SearchAnswer]:
    query, order = to_query(form, scope, visit.now), Order(form.order)
    return lambda: find(visit.context, query, order, scope, visit.now, after)


def _named(form: SearchForm) -> Mapping[str, list[str]]:
    named: dict[str, list[str]] = {}
    for name, value in form.pairs():
        named.setdefault(name, []).append(value)
    return named


DOORS = (Door(path="/search", show=show),)
