"""Signing in and out. What was typed before a session ended is shown after it, and sent on from there."""

from collections.abc import Sequence

from starlette.responses import HTMLResponse, RedirectResponse, Response

from alerts.console.accounts.access import Access, Caller, note_access
from alerts.console.accounts.entering import NotAdmitted, prove, who_is_meant
from alerts.console.accounts.sessions import begin_session, end_session, form_token
from alerts.console.app import with_cookie
from alerts.console.door import Answer, Call, Door, Moved, OpenDoor, Shown, Visit
from alerts.console.rendering import render
from stream.state.database import transaction

KEPT = "kept-"  # what a form had is carried under these names
IN_LINE = 24  # characters of a value that is a choice rather than words
Kept = Sequence[tuple[str, str]]


def show(call: Call) -> Answer:
    """Asks for name and password."""
    return Shown("signin.html", {"then": call.asked("then"), "kept": (), "resend": False, "why": "", "name": ""})


def sign_in(call: Call) -> Answer:
    """Begins a session, and goes on to where the person was going: to a page, or to the form that was cut off."""
    named, then, kept = call.field("name"), own_path(call.field("then")), kept_fields(call)
    try:
        key = who_is_meant(call.context, named)
        caller = Caller(key, named, call.client)
        password = call.form.get("password", "")
        prove(call.context, caller, password if isinstance(password, str) else "", call.now, call.seen)
    except NotAdmitted as refused:
        told = {"then": then, "kept": kept, "resend": call.field("resend"), "why": refused.words, "name": named}
        return Shown("signin.html", told, refused.status)
    if not call.field("resend"):
        return entered(call, key, then)
    token = _anew(call, key)
    facts = {"then": then, "words": [one for one in kept if _is_words(one[1])], "choices": _choices(kept)}
    page = HTMLResponse(render(Shown("resend.html", facts), call, form_token(token)))
    return with_cookie(page, call.premises.console, token)


def entered(call: Call, key: str, then: str) -> Response:
    """Gives the browser a session of that person, and leads to a page of ours."""
    console = call.premises.console
    return with_cookie(RedirectResponse(console.prefix + own_path(then), 303), console, _anew(call, key))


def own_path(then: str) -> str:
    """Returns the path as it is where it is one of ours, else that of the first page: nobody is led elsewhere."""
    plain = then.isprintable() and not set(then) & set("\\ ")
    return then if plain and then.startswith("/") and not then.startswith("//") else "/"


def kept_fields(call: Call) -> Kept:
    """Reads what a form had that was cut off, in its order."""
    pairs = ((name, value) for name, value in call.form.multi_items() if isinstance(value, str))
    return [(name.removeprefix(KEPT), value) for name, value in pairs if name.startswith(KEPT)]


def sign_out(visit: Visit) -> Answer:
    """Ends the session."""
    if visit.session:
        end_session(visit.context.engine, visit.session)
        with transaction(visit.context.engine) as session:
            note_access(session, visit.now, Access.SIGNED_OUT, person=visit.key, client=visit.client)
    return Moved("/signin")


def _anew(call: Call, key: str) -> str:
    """Begins a session after the one of this browser is ended: nobody goes on in one that was handed to them."""
    if isinstance(call, Visit) and call.session:
        end_session(call.context.engine, call.session)
    return begin_session(call.context.engine, key, call.now)


def _is_words(value: str) -> bool:
    return len(value) > IN_LINE or not value.isascii()


def _choices(kept: Kept) -> Kept:
    return [one for one in kept if not _is_words(one[1])]


DOORS = (OpenDoor(path="/signin", show=show, act=sign_in), Door(path="/signout", act=sign_out))
