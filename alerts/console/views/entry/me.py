"""我的账号: what I may do, where I am signed in, another password."""

from alerts.console.accounts.access import Access, Caller, entries_of, note_access
from alerts.console.accounts.entering import NotAdmitted, prove
from alerts.console.accounts.inviting import change_password
from alerts.console.accounts.seats import seats_of
from alerts.console.accounts.sessions import digest_of, end_sessions_of, sessions_of
from alerts.console.door import Answer, Door, Moved, Shown, Visit
from alerts.console.views.entry.welcome import new_password_mistake, typed_password
from alerts.workflow.cases import Refused
from stream.state.database import reading, transaction

LATEST = 50  # sign-ins read, to tell which browsers the sessions are


def show(visit: Visit) -> Answer:
    """Shows one's seats, and the browsers in which one is signed in."""
    return _page(visit)


def set_password(visit: Visit) -> Answer:
    """Sets another password; every other browser is signed out."""
    if not visit.session:
        raise Refused("您由统一认证登录，密码不在本系统修改")
    before, typed = visit.form.get("before", ""), typed_password(visit)
    caller = Caller(visit.key, "", visit.client)
    if wrong := new_password_mistake(visit, visit.key, typed):
        return _page(visit, wrong=wrong)
    try:
        prove(visit.context, caller, before if isinstance(before, str) else "", visit.now, proven=Access.CONFIRMED)
    except NotAdmitted as refused:
        return _page(visit, wrong_before="原密码不正确" if refused.status == 401 else refused.words)
    change_password(visit.context, visit.key, typed, client=visit.client, now=visit.now, session_token=visit.session)
    return Moved("/me", "密码已修改，其他设备已退出登录")


def leave_everywhere(visit: Visit) -> Answer:
    """Signs out in every browser, this one included."""
    end_sessions_of(visit.context.engine, visit.key)
    with transaction(visit.context.engine) as session:
        note_access(session, visit.now, Access.SIGNED_OUT_EVERYWHERE, person=visit.key, client=visit.client)
    return Moved("/signin")


def _page(visit: Visit, *, wrong: str = "", wrong_before: str = "") -> Answer:
    context = visit.context
    with reading(context.engine) as session:
        begun = {row.at: row for row in entries_of(session, visit.key, [Access.SIGNED_IN, Access.PASSWORD_SET], LATEST)}
    browsers = [
        {"one": one, "here": one.digest == digest_of(visit.session), "by": begun.get(one.began_at)}
        for one in sessions_of(context.engine, visit.key, visit.now)
    ]
    facts = {
        "seats": seats_of(context.config, context.topics, visit.key, visit.now), "browsers": browsers, "wrong": wrong,
        "wrong_before": wrong_before,
    }  # fmt: skip
    return Shown("me.html", facts, 422 if wrong or wrong_before else 200)


DOORS = (
    Door(path="/me", show=show),
    Door(path="/me/password", act=set_password),
    Door(path="/me/everywhere", act=leave_everywhere),
)
