import pytest

from alerts.replies.inbox import Mailbox
from tests.alerts.replies.mailing import DovecotMailbox, MemoryMailbox


@pytest.fixture(params=["memory", "dovecot"])
def both(request: pytest.FixtureRequest) -> tuple[MemoryMailbox | DovecotMailbox, Mailbox]:
    """A mailbox as its owner fills it, and as we read it."""
    if request.param == "memory":
        memory = MemoryMailbox()
        return memory, memory
    found: DovecotMailbox = request.getfixturevalue("dovecot")
    return found, found.mailbox
