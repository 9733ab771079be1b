"""Setting one's password by a link, and for administrators: sending somebody such a link."""

from alerts.console.accounts.inviting import accept, invite, read_invited
from alerts.console.accounts.passwords import wrong_password
from alerts.console.door import Answer, Call, Door, Missing, Moved, OpenDoor, Shown, Visit
from alerts.console.views.entry.signin import entered
from alerts.workflow.cases import Refused

DIFFERENT = "两次输入的密码不一致"


def show(call: Call) -> Answer:
    """Asks for a password, or says why this link sets none."""
    invited = read_invited(call.context, call.path["token"], call.now)
    return _page(call, invited.person, invited.why)


def welcome(call: Call) -> Answer:
    """Sets the password and signs in."""
    token, context = call.path["token"], call.context
    invited = read_invited(context, token, call.now)
    if invited.why:
        return _page(call, invited.person, invited.why)
    typed = typed_password(call)
    if wrong := new_password_mistake(call, invited.person, typed):
        return _page(call, invited.person, "", wrong)
    try:
        key = accept(context, token, typed, call.client, call.now)
    except Refused as refused:
        return _page(call, invited.person, refused.detail)
    return entered(call, key, "/")


def send_invitation(visit: Visit) -> Answer:
    """Sends somebody a link to set a password."""
    person = visit.path["person"]
    if person not in visit.context.config.people:
        raise Missing(f"人员名单中没有「{person[:60]}」")
    sent = invite(visit.context, visit.premises.console, person, visit.now, visit.key, visit.client)
    name = visit.context.config.people[person].name
    if sent.mailed_to:
        return Moved("/system", f"设置密码的链接已寄给{name}（{'、'.join(sent.mailed_to)}），7 天内有效")
    return Moved("/system", f"{name}没有可寄信的邮箱，请当面转交链接（7 天内有效）：{sent.address}")


def typed_password(call: Call) -> str:
    """Returns the new password as it was typed: blanks are a part of it."""
    found = call.form.get("password", "")
    return found if isinstance(found, str) else ""


def new_password_mistake(call: Call, key: str, typed: str) -> str:
    """Says what is wrong with a new password, or with its repetition; "" for nothing."""
    config = call.context.config
    if words := wrong_password(typed, config.people[key], key, config.organisation):
        return words
    return "" if call.form.get("again", "") == typed else DIFFERENT


def _page(call: Call, person: str, why: str, wrong: str = "") -> Answer:
    facts = {"person": call.context.config.people[person], "key": person, "why": why, "wrong": wrong}
    return Shown("welcome.html", facts, 422 if wrong else 410 if why else 200)


DOORS = (
    OpenDoor(path="/welcome/{token}", show=show, act=welcome),
    Door(path="/accounts/{person}/invite", act=send_invitation, administrators=True),
)
