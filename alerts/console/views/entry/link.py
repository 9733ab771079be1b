"""The signed link of a letter: signing for a case at three in the morning, without a login."""

from alerts.console.accounts.signing import Signing, read_signing, sign
from alerts.console.door import Answer, Call, Moved, OpenDoor, Shown
from alerts.workflow.cases import Refused


def show(call: Call) -> Answer:
    """Says what the link is about; who opens it has done nothing yet."""
    return _page(read_signing(call.context, call.path["token"], call.now), "")


def sign_by_link(call: Call) -> Answer:
    """Signs for the case, or says why not."""
    token = call.path["token"]
    try:
        sign(call.context, token, "".join(call.field("digits").split()), call.client, call.now)
    except Refused as refused:
        return _page(read_signing(call.context, token, call.now), refused.detail)
    return Moved(f"/a/{token}")


def _page(signing: Signing, wrong: str) -> Answer:
    return Shown("link.html", {"signing": signing, "wrong": wrong}, 422 if wrong else 200)


DOORS = (OpenDoor(path="/a/{token}", show=show, act=sign_by_link),)
